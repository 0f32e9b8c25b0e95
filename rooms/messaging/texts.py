"""What broadcasts say: ours in four languages, or crew's own words between ours.

Names are shortened where a text would need one more segment; crew's own words never are. A text of
theirs stands behind the show's name and before how to end it, because each message must say whose
it is and how it stops.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from string import Formatter
from typing import Final

from msgspec import Struct

from rooms import limits
from rooms.messaging.kinds import MessageKind
from rooms.messaging.stories import Story
from rooms.plain_text import says_something
from rooms.sms.fitting import Name, Piece, joined
from rooms.sms.gsm7 import fitting
from rooms.sms.languages import Language
from rooms.sms.segments import segments
from rooms.sms.texts import TEXTS

VARIABLES: Final[Mapping[MessageKind, tuple[str, ...]]] = {
    MessageKind.BROADCAST: ("title", "artist", "link"),
    MessageKind.NUDGE: ("title", "artist", "link", "round"),
    MessageKind.RESULTS: ("title", "artist", "link"),
    MessageKind.RECAP: ("title", "artist", "link"),
}
"""What crew's own words may hold in braces."""

_VARIABLE = re.compile(r"\{\s*([^{}\s]{1,40})\s*\}")


class Problem(Struct, frozen=True):
    """Why a broadcast cannot be sent. ``field``: such as ``texts.es``."""

    field: str
    code: str
    detail: str


def own_words(kind: MessageKind, language: Language, texts: Mapping[Language, str]) -> str | None:
    """Crew's own words for somebody; ``None``: ours are said.

    Without words in somebody's language ours say what a kind is about; a free broadcast has only
    crew's, so English ones are taken, or else the first.
    """
    if (own := texts.get(language)) is not None:
        return own
    if kind is not MessageKind.BROADCAST or not texts:
        return None
    return texts.get(Language.EN) or next(iter(texts.values()))


def text_of(
    kind: MessageKind,
    language: Language,
    story: Story,
    link: str,
    texts: Mapping[Language, str],
) -> str:
    """What somebody of a language gets on a phone."""
    own = own_words(kind, language, texts)
    if own is not None:
        words = _own_pieces(own, story, link)
        if words and _is_open(words[-1], link):
            words.append(".")
        return joined(
            _pieces("broadcast", language, {"show": [Name(story.title, known=True)], "text": words})
        )
    show: list[Piece] = [Name(story.title, known=True)]
    match kind:
        case MessageKind.NUDGE:
            title = story.round.title if story.round is not None else ""
            return joined(_pieces("nudge", language, {"round": [Name(title)], "show": show}))
        case MessageKind.RESULTS if len(story.won) == 1:
            won = story.won[0]
            values: dict[str, list[Piece]] = {
                "winner": [Name(won.winner)],
                "round": [Name(won.round)],
                "show": show,
            }
            return joined(_pieces("results", language, values))
        case MessageKind.RESULTS:
            return joined(_pieces("results_only", language, {"show": show, "url": [link]}))
        case MessageKind.RECAP:
            return joined(_pieces("recap", language, {"show": show, "url": [link]}))
        case _:
            return ""


def words_of(own: str, story: Story, link: str) -> str:
    """Crew's own words with their variables filled in: for mail, which has a frame of its own."""
    return "".join(
        piece.text if isinstance(piece, Name) else piece for piece in _own_pieces(own, story, link)
    )


def problems_of(
    kind: MessageKind, texts: Mapping[str, str], story: Story, link: str
) -> list[Problem]:
    """What speaks against crew's own words, all of it."""
    found: list[Problem] = []
    usable: dict[Language, str] = {}
    for code, text in texts.items():
        field = f"texts.{code}"
        if code not in {one.value for one in Language}:
            found.append(Problem(field, "unknown_language", "Texts are in en, es, fr or de."))
            continue
        if not says_something(text):
            found.append(Problem(field, "empty", "There is nothing to read in this text."))
            continue
        unknown = [name for name in _VARIABLE.findall(text) if name not in VARIABLES[kind]]
        if unknown:
            known = ", ".join(f"{{{name}}}" for name in VARIABLES[kind])
            detail = f"There is no {{{unknown[0]}}} here. There is {known}."
            found.append(Problem(field, "unknown_variable", detail))
            continue
        usable[Language(code)] = text
    for language, text in usable.items():
        count = segments(text_of(kind, language, story, link, {language: text})).count
        if count > limits.BROADCAST_SEGMENTS_MAX:
            detail = f"{count} segments; a text has {limits.BROADCAST_SEGMENTS_MAX} at most."
            found.append(Problem(f"texts.{language}", "too_long", detail))
    if kind is MessageKind.BROADCAST and not texts:
        found.append(Problem("texts", "required", "A broadcast needs words in one language."))
    return found


def _own_pieces(own: str, story: Story, link: str) -> list[Piece]:
    """Typographic signs are replaced where that saves the whole text from UCS-2."""
    values: dict[str, Piece] = {
        "title": Name(story.title, known=True),
        "artist": Name(story.artist),
        "link": link,
        "round": Name(story.round.title if story.round is not None else ""),
    }
    found: list[Piece] = []
    at = 0
    own = " ".join(own.split())
    for match in _VARIABLE.finditer(own):
        if match.start() > at:
            found.append(_fitted(own[at : match.start()]))
        found.append(values.get(match[1], match[0]))
        at = match.end()
    if at < len(own):
        found.append(_fitted(own[at:]))
    return found


def _fitted(words: str) -> str:
    """Words between two variables, with the spaces that part them from these."""
    bare = words.strip()
    if not bare:
        return words
    return words.replace(bare, fitting(bare))


def _is_open(last: Piece, link: str) -> bool:
    """Whether words need a full stop before a sentence of ours. A link takes none."""
    return isinstance(last, Name) or (last[-1:].isalnum() and last != link)


def _pieces(key: str, language: Language, values: Mapping[str, list[Piece]]) -> list[Piece]:
    found: list[Piece] = []
    for words, field, _, _ in Formatter().parse(TEXTS[language][key]):
        if words:
            found.append(words)
        if field is not None:
            found += values[field]
    return found
