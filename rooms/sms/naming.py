"""Which options a text names.

Heard for certain: a code; a name, case, accents, punctuation and a leading article aside; the
beginning of exactly one name. Everything else is a question at most (`Unclear`): two readings, a
typing error, a word out of a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from msgspec import Struct

from rooms.catalogue.names import title_key
from rooms.sms.keywords import COURTESY, VOTE
from rooms.sms.likeness import HEARING, Hearing, likeness
from rooms.sms.normalising import KEYCAP, words_of
from rooms.song_requests.matching import spelling_of
from rooms.vote_config import Option

_STRONG: Final = re.compile(r"\s*(?:[,;/|>\n\u060c\u3001]|->)+\s*")
_WEAK: Final = re.compile(r"\s*(?:[,;/|>&+\n\u060c\u3001]|->|\b(?:and|then|y|et|und)\b)+\s*", re.I)
_OR: Final = re.compile(r"\s*\b(?:or|o|ou|oder)\b\s*", re.I)
_RANGE: Final = re.compile(r"^\W*\d+\s*-\s*\d+\W*$")
_KEYCAPS: Final = re.compile(f"(?:\\d{KEYCAP})+")

_CODE_LEADS: Final = VOTE | frozenset(
    "for option opt number no nr n num song track opcion numero tema la el le lied nummer".split()
)
_NAME_LEADS: Final = VOTE | frozenset(
    "for i want play my is choose pick song quiero por para je veux pour ich will fur".split()
)
_SHORT_BEGINNING_MIN: Final = 2
"""Letters of a beginning that is asked about."""

_NUMBER_WORDS: Final = {
    word: str(number)
    for words in (
        "one two three four five six seven eight nine ten",
        "uno dos tres cuatro cinco seis siete ocho nueve diez",
        "un deux trois quatre cinq six sept huit neuf dix",
        "eins zwei drei vier funf sechs sieben acht neun zehn",
    )
    for number, word in enumerate(words.split(), start=1)
}


class Named(Struct, frozen=True, tag="named"):
    """Heard for certain, in the order of the text; an option may be named twice."""

    options: tuple[Option, ...]


class Unclear(Struct, frozen=True, tag="unclear"):
    """What may be meant, the likeliest first."""

    options: tuple[Option, ...]


class Unheard(Struct, frozen=True, tag="unheard"):
    """Nothing; ``number`` is what was said instead of a code."""

    number: int | None = None


Heard = Named | Unclear | Unheard


@lru_cache(maxsize=128)
def ballot_of(options: tuple[Option, ...]) -> Ballot:
    """The ballot of a round, remembered: it is asked thousands of times a minute."""
    return Ballot(options)


def code_of(options: Sequence[Option], option: Option) -> str:
    """What a text says for an option: its code, or its place where the round gave it none."""
    return option.code or str(options.index(option) + 1)


class Ballot:
    """The options of a round as texts name them."""

    def __init__(self, options: Sequence[Option], hearing: Hearing = HEARING) -> None:
        self._options = tuple(options)
        self._hearing = hearing
        self._by_code = {code_of(options, option).upper(): option for option in options}
        self._by_key: dict[str, list[Option]] = {}
        self._by_plain: dict[str, list[Option]] = {}
        self._by_joined: dict[str, list[Option]] = {}
        for option in options:
            self._by_key.setdefault(title_key(option.label), []).append(option)
            spelling = spelling_of(option.label)
            self._by_plain.setdefault(spelling.plain, []).append(option)
            self._by_joined.setdefault(spelling.joined, []).append(option)

    def hear(self, text: str, *, several: bool) -> Heard:
        """The options that a text names.

        Args:
            several: whether the round takes more than one; then ``1⃣2⃣`` may be 1 and 2.
        """
        unfolded = self._without_keycaps(text, several)
        if isinstance(unfolded, Unclear):
            return unfolded
        whole = self._certain(unfolded)
        if whole is not None:
            return whole
        for pieces in _partitions(unfolded):
            heard = self._all(pieces, beginnings=False) or self._all(pieces, beginnings=True)
            if heard is not None:
                return heard
        return self._beginning(unfolded) or self._question(unfolded)

    # --- for certain --------------------------------------------------------------------------

    def _certain(self, text: str) -> Heard | None:
        """A code or a whole name; `Unclear` where it is both of two options."""
        words = words_of(text)
        option = self._coded(words)
        if option is not None:
            return Named((option,))
        for key in (title_key(text), " ".join(_stripped(words, _NAME_LEADS))):
            options = self._called(key)
            if options:
                return Named(options) if len(options) == 1 else Unclear(options)
        return self._coded_and_named(words) or self._counted(words)

    def _called(self, key: str) -> tuple[Option, ...]:
        """Options of this name; of this name but for the article; but for blanks."""
        spelling = spelling_of(key)
        found = (
            self._by_key.get(key)
            or self._by_plain.get(spelling.plain)
            or (self._by_joined.get(spelling.joined) if spelling.joined else None)
        )
        return tuple(found or ())

    def _coded(self, words: Sequence[str]) -> Option | None:
        bare = _stripped(words, _CODE_LEADS)
        return self._by_code.get(_as_code(bare[0])) if len(bare) == 1 else None

    def _coded_and_named(self, words: Sequence[str]) -> Heard | None:
        """``2 Blue Sky``, copied from a list: both must say the same."""
        bare = _stripped(words, _CODE_LEADS)
        option = self._by_code.get(_as_code(bare[0])) if len(bare) > 1 else None
        if option is None:
            return None
        plain = spelling_of(" ".join(bare[1:])).plain
        if plain == spelling_of(option.label).plain:
            return Named((option,))
        other = self._by_plain.get(plain)
        return Unclear((option, *other)) if other else None

    def _counted(self, words: Sequence[str]) -> Heard | None:
        """``two``; where a name has that word as well it is a question."""
        bare = _stripped(words, _CODE_LEADS)
        option = self._by_code.get(_NUMBER_WORDS.get(bare[0], "")) if len(bare) == 1 else None
        if option is None:
            return None
        named = [
            other
            for other in self._options
            if other is not option and bare[0] in spelling_of(other.label).words
        ]
        return Unclear((option, *named)) if named else Named((option,))

    def _all(self, pieces: Sequence[str], *, beginnings: bool) -> Heard | None:
        """All of them, each for certain; `Unclear` with the first that has two readings."""
        found: list[Option] = []
        for piece in pieces:
            heard = self._certain(piece)
            if heard is None and beginnings:
                heard = self._beginning(piece)
            if not isinstance(heard, Named):
                return heard
            found += heard.options
        return Named(tuple(found))

    def _beginning(self, text: str) -> Heard | None:
        """The beginning of one name. Of several, or of one and a word of another: a question."""
        spelling = spelling_of(" ".join(_stripped(words_of(text), _NAME_LEADS)))
        found = list(self._beginning_with(spelling.plain))
        if not found:
            return None
        sure = len(found) == 1 and len(spelling.plain) >= self._hearing.prefix_characters_min
        found += [
            option
            for option in self._options
            if option not in found and spelling.words <= spelling_of(option.label).words
        ]
        return Named(tuple(found)) if sure and len(found) == 1 else Unclear(tuple(found))

    def _beginning_with(self, plain: str) -> Iterator[Option]:
        if len(plain) >= _SHORT_BEGINNING_MIN:
            for option in self._options:
                if spelling_of(option.label).plain.startswith(plain):
                    yield option

    def _without_keycaps(self, text: str, several: bool) -> str | Unclear:
        """Keycaps as digits: one number where it is a code, else one choice each."""
        question: list[Option] = []

        def digits(run: re.Match[str]) -> str:
            single = run.group().replace(KEYCAP, "")
            whole, parts = self._by_code.get(single), [self._by_code.get(sign) for sign in single]
            if whole is None:
                return f" {', '.join(single)} "
            if several and len(single) > 1 and None not in parts:
                question.extend(option for option in (whole, *parts) if option is not None)
            return f" {single} "

        plain = _KEYCAPS.sub(digits, text)
        return Unclear(tuple(dict.fromkeys(question))) if question else plain.strip()

    # --- questions ----------------------------------------------------------------------------

    def _question(self, text: str) -> Heard:
        """What may be meant by a text that says nothing for certain."""
        either = _OR.split(text)
        if len(either) > 1:
            heard = [self._certain(piece) for piece in either]
            options = [option for one in heard if isinstance(one, Named) for option in one.options]
            if len(options) > 1:
                return Unclear(tuple(dict.fromkeys(options)))
        for pieces in ((text,), *_partitions(text)):
            for piece in pieces:
                options = [] if self._certain(piece) else self._resembling(piece)
                if options:
                    return Unclear(tuple(options))
        return self._numbered(text)

    def _resembling(self, text: str) -> list[Option]:
        words = _stripped(words_of(text), _NAME_LEADS)
        scored = [(likeness(" ".join(words), option.label), option) for option in self._options]
        best = max((score for score, _ in scored), default=0.0)
        least = max(self._hearing.ask_min, best - self._hearing.ask_margin)
        if not words or best < least:
            return []
        near = [one for one in scored if one[0] >= least]
        return [option for _, option in sorted(near, key=lambda one: -one[0])]

    def _numbered(self, text: str) -> Heard:
        """Numbers in a text that says more: of codes it is a question, of others a mistake."""
        if _RANGE.match(text):
            return Unheard()
        words = words_of(text)
        numbers = [word for word in words if word.isdecimal() and len(word) <= 6]
        known = [
            self._by_code[_as_code(word)] for word in numbers if _as_code(word) in self._by_code
        ]
        if known and len(known) == len(numbers):
            return Unclear(tuple(dict.fromkeys(known)))
        unknown = [int(word) for word in numbers if _as_code(word) not in self._by_code]
        return Unheard(unknown[0] if unknown else None)


def _partitions(text: str) -> Iterator[list[str]]:
    """Ways to take a text for a list, the surest first."""
    if _RANGE.match(text):
        return
    for pattern in (_STRONG, _WEAK):
        pieces = [piece for piece in pattern.split(text) if words_of(piece)]
        if len(pieces) > 1:
            yield pieces
    tokens = [word for word in words_of(_WEAK.sub(" ", text)) if word not in _CODE_LEADS]
    if len(tokens) > 1 and all(len(token) <= 3 or token.isdecimal() for token in tokens):
        yield tokens


def _stripped(words: Iterable[str], leads: frozenset[str]) -> list[str]:
    """Words without ``leads`` before and courtesies behind; one is always left."""
    kept = list(words)
    while len(kept) > 1 and kept[-1] in COURTESY:
        kept.pop()
    while len(kept) > 1 and kept[0] in leads | COURTESY:
        kept.pop(0)
    return kept


def _as_code(word: str) -> str:
    return str(int(word)) if word.isdecimal() and len(word) <= 6 else word.upper()
