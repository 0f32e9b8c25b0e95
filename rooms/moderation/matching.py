"""Finds words of a list in what people write, however they spell them. Pure.

Rules
    1. Whole words and phrases only: ``Scunthorpe`` holds no word of any list.
    2. What looks the same is the same: compatibility forms, case, accents (but ``ñ`` is a letter
       of its own: an *año* is a year), letters borrowed from other scripts within a word, digits
       and signs that stand for letters (``sh1t``, ``a$$``).
    3. A stretched letter is that letter (``shiit``, ``shhhit``). A letter that the list has twice
       is needed twice: ``as`` is not ``ass``. A doubled consonant, or any doubled letter in a word
       of three, is not stretched yet: that is how other words are spelled (*Bonner*, *boner*).
    4. Letters one by one are a word (``s.h.i.t``, ``s h i t``).
    5. An English plural is its singular.
    6. In scripts without spaces between words a word is found anywhere, and so is an emoji.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby

from msgspec import Struct

PHRASE_WORDS_MAX = 8
"""Words of a phrase; the longest of the lists has seven."""

OWN_LISTS_CACHED = 64
"""Crews' own lists that are kept ready, of the shows that are live on one node."""

READINGS_CACHED = 4_096
"""Words whose spellings are kept ready: a chat uses few."""

_SHORT = 3
_VOWELS = frozenset("aeiouy")
_PLURAL_MIN = 4
_SIGNS = {"@": "a", "$": "s", "!": "i", "|": "i", "€": "e", "£": "l"}
_DIGITS = {"0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g"}
_LETTER_FOR = str.maketrans({**_SIGNS, **_DIGITS, "1": "i"})
_LETTER_FOR_1_L = str.maketrans({**_SIGNS, **_DIGITS, "1": "l"})
_BORROWED = str.maketrans("аеорсухіјѕкмнтвοανερτικυ", "aeopcyxijskmhtboavepTiky".lower())
"""Cyrillic and Greek letters that look like Latin ones."""

_LIGATURES = str.maketrans("\ufdfa\ufdfb", "  ")
"""Whole phrases in one letter: 500 of them would be a text of 9,000 to look at."""

_KEPT_MARKS = {"n\u0303": "ñ"}
_TOKEN = re.compile(r"[\w@$!|€£]+")
_LATIN = re.compile(r"[a-z]")
_NO_SPACES = re.compile(
    "[\u0e00-\u0e7f\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)


_Spelled = tuple[str, tuple[int, ...]]
"""Letters without repetition, and how often each stands there: ("as", (1, 2)) is "ass"."""


class _Entry(Struct, frozen=True):
    """One entry of a list: as it is written there, and how each of its words is spelled."""

    text: str
    words: tuple[_Spelled, ...]


class _Readings(Struct, frozen=True):
    """The ways in which a word may be meant, and the letters of each, every one once."""

    spelled: tuple[_Spelled, ...]
    letters: tuple[str, ...]


_Index = dict[str, list[_Entry]]
"""Letters of the first word, stretches taken together → entries that begin with it."""


class WordMatcher:
    """Finds entries of lists in texts.

    Args:
        entries: words and phrases, as they are written.
    """

    def __init__(self, entries: Iterable[str] = ()) -> None:
        self._shipped = _list_of(tuple(entries))
        self._own = lru_cache(maxsize=OWN_LISTS_CACHED)(_list_of)

    def found_in(self, text: str, own: Sequence[str] = ()) -> tuple[str, ...]:
        """The entries that a text holds, each once, in the order of the text.

        Args:
            own: further entries: the crew's own.
        """
        plain = folded(text)
        words = [_readings(token) for token in _tokens(plain)]
        lists = (self._shipped, self._own(tuple(own)))
        found = dict.fromkeys(
            entry.text for entry in _found(words, [spelled for spelled, _ in lists if spelled])
        )
        for _, anywhere in lists:
            found.update(dict.fromkeys(entry for entry, key in anywhere if key in plain))
        return tuple(found)


def folded(text: str) -> str:
    """A text without what only looks different: compatibility forms, case, accents, what is
    invisible. Lengths may change."""
    if text.isascii():
        return text.lower()
    compatible = unicodedata.normalize("NFKC", text.translate(_LIGATURES))
    decomposed = unicodedata.normalize("NFD", compatible.casefold())
    for letter, kept in _KEPT_MARKS.items():
        decomposed = decomposed.replace(letter, kept)
    return "".join(
        character for character in decomposed if unicodedata.category(character) not in ("Mn", "Cf")
    )


def is_findable(entry: str) -> bool:
    """Whether an entry can be found at all: it says something, and in few words."""
    index, anywhere = _list_of((entry,))
    return bool(index) or bool(anywhere)


def _list_of(entries: tuple[str, ...]) -> tuple[_Index, tuple[tuple[str, str], ...]]:
    """Entries by how they are spelled, and those that are found anywhere: signs, and words of
    scripts without spaces."""
    spelled: list[str] = []
    anywhere: list[tuple[str, str]] = []
    for entry in entries:
        plain = folded(entry).strip()
        if _TOKEN.search(plain) and not _NO_SPACES.search(plain):
            spelled.append(entry)
        elif any(unicodedata.category(character)[0] in "LS" for character in plain):
            anywhere.append((entry, plain))
    return _indexed(spelled), tuple(anywhere)


def _indexed(entries: Iterable[str]) -> _Index:
    index: _Index = {}
    for text in entries:
        words = tuple(_spelled(_letters(token)) for token in _tokens(folded(text)))
        if words and len(words) <= PHRASE_WORDS_MAX:
            index.setdefault(words[0][0], []).append(_Entry(text, words))
    return index


def _spelled(word: str) -> _Spelled:
    runs = [(letter, len(list(run))) for letter, run in groupby(word)]
    return "".join(letter for letter, _ in runs), tuple(times for _, times in runs)


def _tokens(plain: str) -> list[str]:
    """Words in order; letters that stand one by one are one word."""
    tokens: list[str] = []
    alone = ""
    for found in _TOKEN.findall(plain):
        # A sign at the edge of a word is punctuation: "shit!" has four letters.
        token = found.strip("!|_").rstrip("@") if len(found) > 1 else found
        if len(token) == 1 and token.isalpha():
            alone += token
            continue
        if alone:
            tokens += _joined(alone)
            alone = ""
        if "_" in token:
            tokens += [part for part in token.split("_") if part]
        elif token:
            tokens.append(token)
    return tokens + _joined(alone)


def _joined(alone: str) -> list[str]:
    return [alone] if len(alone) >= _SHORT else list(alone)


def _letters(token: str, signs: dict[int, str] = _LETTER_FOR) -> str:
    """A word with letters for the signs in it; what holds no letter stays a number."""
    if not any(character.isalpha() for character in token):
        return token
    if _LATIN.search(token):
        token = token.translate(_BORROWED)
    return token.translate(signs)


@lru_cache(maxsize=READINGS_CACHED)
def _readings(token: str) -> _Readings:
    """The ways in which a word may be meant; ``@`` before it may be a mention."""
    words = dict.fromkeys((token, _letters(token), _letters(token, _LETTER_FOR_1_L)))
    if token.startswith("@"):
        words[_letters(token[1:])] = None
    for word in tuple(words):
        if len(word) >= _PLURAL_MIN and word.endswith("s") and not word.endswith("ss"):
            words[word[:-1]] = None
    spelled = tuple(dict.fromkeys(_spelled(word) for word in words))
    return _Readings(spelled, tuple(dict.fromkeys(letters for letters, _ in spelled)))


def _found(words: Sequence[_Readings], indices: Sequence[_Index]) -> Iterable[_Entry]:
    for start, readings in enumerate(words):
        for index in indices:
            for letters in readings.letters:
                for entry in index.get(letters, ()):
                    if _says(words[start : start + len(entry.words)], entry):
                        yield entry


def _says(words: Sequence[_Readings], entry: _Entry) -> bool:
    """Whether these words may be meant as the entry."""
    alone = len(entry.words) == 1
    return len(words) == len(entry.words) and all(
        any(_is_meant(reading, listed, alone=alone) for reading in readings.spelled)
        for readings, listed in zip(words, entry.words, strict=True)
    )


def _is_meant(written: _Spelled, listed: _Spelled, *, alone: bool) -> bool:
    """Whether a word is the listed one, with letters held or not.

    Args:
        alone: the entry has one word, so that nothing but its spelling tells it from another.
    """
    if written[0] != listed[0]:
        return False
    short = sum(listed[1]) <= _SHORT
    for letter, has, wanted in zip(*written, listed[1], strict=True):
        doubled = alone and wanted == 1 and (short or letter not in _VOWELS)
        if has != wanted and has <= (2 if doubled else wanted):
            return False
    return True


NO_LISTS = WordMatcher()
"""Knows no words but the crew's own."""
