"""What a text says: DOMAIN "SMS", in its order.

::

    STOP …  >  HELP  >  START  >  JOIN code  >  CONFIRM [code], YES  >  [VOTE] choices
            >  REQ title  >  LANG xx  >  SCORE  >  anything else: perhaps the name of an option

The first that fits is meant. A word without arguments is one only if it is the whole text, give or
take courtesies: ``End.`` stops, ``The End`` is a song. ``STOP`` alone may have company, and only
such as speaks of texts (`rooms.sms.keywords.STOP_OBJECTS`). Whoever means the song called *Stop*
says ``VOTE Stop`` or its number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from rooms import limits
from rooms.sms import keywords
from rooms.sms.intents import (
    AnyIntent,
    ChangeLanguage,
    Confirm,
    Help,
    Join,
    RequestSong,
    Score,
    Start,
    Stop,
    Unknown,
    Unreadable,
    Vote,
)
from rooms.sms.normalising import readable, words_of

_QUOTES: Final = " \t\r\n:;,.-–—=\"'“”„‟«»‹›‘’‚‛`´<>[](){}"
_LEADS: Final = " \t:;,.-–—="
_OPENING: Final = "\"'“„«»‘‚`"
_CLOSING: Final = "\"'”“»«’‘`"
_WORD: Final = re.compile(r"\w+")
_GLUED_VOTE: Final = re.compile(r"^\W*vote(?=\d)", re.IGNORECASE)
_CODE: Final = re.compile(r"[0-9a-z]{1,12}")
_CONFIRM_DIGITS: Final = 6
_JOIN_CHARACTERS: Final = 6
_INSTRUCTIONS: Final = frozenset({"text", "reply", "send"})
_AGREEING: Final = keywords.YES | keywords.CONFIRM
_COURTEOUS_LASTS: Final = frozenset(phrase.split()[-1] for phrase in keywords.COURTEOUS_PHRASES)
_COURTEOUS_FIRSTS: Final = frozenset(phrase.split()[0] for phrase in keywords.COURTEOUS_PHRASES)
_RESTART_OBJECTS: Final = frozenset("again me texts messages sms texting".split())
_HELP_PHRASES: Final = frozenset({"i need help", "need help", "necesito ayuda", "brauche hilfe"})
_CONFIRM_OBJECTS: Final = frozenset("me my it phone number this for".split())


def parse(body: str, *, media: int = 0, location: bool = False) -> AnyIntent:
    """The intent of one inbound text.

    Args:
        body: as the carrier handed it over.
        media: pictures and the like that came with it; they are not looked at.
        location: a place was sent.
    """
    text = readable(body)
    words = _without_courtesy(words_of(text))
    if _stops_at_first(body):
        return Stop()
    if not words:
        return Help() if text == "?" else Unknown(_unreadable(text, media, location))
    if len(words) > 1 and words[0] in _INSTRUCTIONS and words[1] in keywords.ALL:
        words = words[1:]  # somebody copied "Text JOIN …" off the poster
    return _without_arguments(words) or _with_arguments(words, text, body) or _choice(text)


def _stops_at_first(body: str) -> bool:
    """Whether the first of several lines stops: a signature below takes nothing back."""
    first, several, _ = body.strip().partition("\n")
    words = words_of(readable(first)) if several else []
    return bool(words) and is_stop(_without_courtesy(words))


def is_stop(words: Sequence[str]) -> bool:
    """Whether words say that no more texts are wanted."""
    if words[0] in keywords.STOP:
        return all(word in keywords.STOP_OBJECTS | keywords.STOP for word in words[1:])
    return " ".join(words) in keywords.STOP_PHRASES


def _without_arguments(words: Sequence[str]) -> AnyIntent | None:
    first, alone = words[0], len(words) == 1
    if is_stop(words):
        return Stop()
    if (alone and first in keywords.HELP) or " ".join(words) in _HELP_PHRASES:
        return Help()
    if first in keywords.START and all(word in _RESTART_OBJECTS for word in words[1:]):
        return Start()
    if alone and first in keywords.SCORE:
        return Score()
    return None


def _with_arguments(words: Sequence[str], text: str, body: str) -> AnyIntent | None:
    first = words[0]
    if first in keywords.JOIN:
        return Join(_join_code(words))
    confirmed = _confirmed(words, text)
    if confirmed is not None:
        return confirmed
    if first in keywords.VOTE:
        return Vote(_behind(text, first).lstrip(" :,."), explicit=True)
    if glued := _GLUED_VOTE.match(text):
        return Vote(text[glued.end() :], explicit=True)
    if first in keywords.REQUEST:
        one_line = " ".join(unicodedata.normalize("NFC", body).split())
        return RequestSong(_title(_behind(one_line, first)))
    if first in keywords.LANGUAGE:
        return ChangeLanguage(_behind(text, first).strip(_QUOTES))
    return None


def _choice(text: str) -> AnyIntent:
    if len(text) > limits.SMS_CHOICE_CHARACTERS_MAX:
        return Unknown(Unreadable.TOO_LONG)
    return Vote(text, explicit=not any(sign.isalpha() for sign in text))


def _unreadable(text: str, media: int, location: bool) -> Unreadable:
    if text:
        return Unreadable.NO_WORDS
    if location:
        return Unreadable.LOCATION
    return Unreadable.MEDIA if media else Unreadable.EMPTY


def _without_courtesy(words: list[str]) -> list[str]:
    """Words without "please" and the like at both ends; nothing but courtesy is left as it is."""
    kept = list(words)
    if words and (words[0] in _COURTEOUS_FIRSTS or words[-1] in _COURTEOUS_LASTS):
        kept = _without_phrases(words)
    while kept and kept[-1] in keywords.COURTESY:
        kept.pop()
    while kept and kept[0] in keywords.COURTESY:
        kept.pop(0)
    return kept or words


def _without_phrases(words: list[str]) -> list[str]:
    joined = f" {' '.join(words)} "
    for phrase in keywords.COURTEOUS_PHRASES:
        if joined.endswith(f" {phrase} "):
            joined = joined[: -len(phrase) - 1]
        if joined.startswith(f" {phrase} "):
            joined = joined[len(phrase) + 1 :]
    return joined.split()


# --- arguments --------------------------------------------------------------------------------


def _join_code(words: Sequence[str]) -> str | None:
    """The one code behind JOIN, said once or several times."""
    codes: list[str] = []
    groups: list[list[str]] = []
    for word in words:
        if word in keywords.JOIN:
            groups.append([])
        else:
            groups[-1].append(word)
    for group in groups:
        code = _code_of(group)
        if code is not None and code not in codes:
            codes.append(code)
    return codes[0] if len(codes) == 1 else None


def _code_of(group: list[str]) -> str | None:
    """One code as it was typed: whole (``abc123 please``) or in pieces (``abc-123``)."""
    tokens = list(group)
    while len(tokens) > 1 and tokens[0] in keywords.CODE_LEADS:
        tokens.pop(0)
    if not tokens:
        return None
    code = ""
    for token in tokens:
        if code and len(code) >= _JOIN_CHARACTERS:
            break
        code += token
    # What is no code at all is still told back to its sender, as far as it fits.
    return code[: limits.SMS_CODE_CHARACTERS_MAX].upper()


def _confirmed(words: Sequence[str], text: str) -> Confirm | None:
    first, rest = words[0], list(words[1:])
    if all(word in _AGREEING for word in words):
        return Confirm(None, text)
    digits = "".join(word for word in rest if word.isdecimal())
    if first in keywords.CONFIRM:
        while rest and rest[0] in keywords.CODE_LEADS:
            rest.pop(0)
        if digits or all(word in _CONFIRM_OBJECTS for word in rest):
            return Confirm(digits[: limits.SMS_CODE_CHARACTERS_MAX] or None, text)
        return Confirm("".join(rest)[: limits.SMS_CODE_CHARACTERS_MAX].upper(), text)
    if first in keywords.YES and len(digits) == _CONFIRM_DIGITS and "".join(rest) == digits:
        return Confirm(digits, text)
    return _bare_code(words, text)


def _bare_code(words: Sequence[str], text: str) -> Confirm | None:
    """Six digits, perhaps in two groups: nobody's choice, but what the app shows for a phone."""
    lengths = [len(word) for word in words if word.isdecimal()]
    whole = lengths == [_CONFIRM_DIGITS] or lengths == [_CONFIRM_DIGITS // 2] * 2
    if not whole or len(lengths) != len(words) or re.search(r"[,+=;&]", text):
        return None
    return Confirm("".join(words), text)


def _behind(text: str, keyword: str) -> str:
    """What stands behind the first occurrence of a word of the grammar."""
    for found in _WORD.finditer(text):
        if words_of(found.group()) == [keyword]:
            return text[found.end() :]
    return ""


def _title(text: str) -> str:
    """A title without the colon before it and the quotes around it; ``Believin'`` keeps its own."""
    title = text.lstrip(_LEADS).rstrip()
    if len(title) > 1 and title[0] in _OPENING and title[-1] in _CLOSING:
        title = title[1:-1].strip()
    return title


def possible_join_code(text: str) -> str | None:
    """The join code that a text may be which says nothing else (``abc 123``), in upper case."""
    joined = "".join(words_of(text))
    if len(joined) == _JOIN_CHARACTERS and _CODE.fullmatch(joined):
        return joined.upper()
    return None
