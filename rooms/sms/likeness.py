"""How much a text resembles a name. The numbers were measured: docs/sms.md."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from rapidfuzz import fuzz

from rooms.song_requests.matching import spelling_of

_BEGINNING_MIN: Final = 4
"""Letters of a beginning with a typing error in it; one less for a word alone (``sky``)."""

_WORDS_ALONE: Final = 80.0
"""Percent, for words of a name alone."""


class Hearing(Struct, frozen=True):
    """How far a text may be from a name.

    Attributes:
        prefix_characters_min: a shorter beginning of a name is no name.
        ask_min: percent of likeness from which a name is asked about.
        ask_margin: percent behind the likeliest beyond which another is not asked about.
    """

    prefix_characters_min: int = 4
    ask_min: float = 64.0
    ask_margin: float = 18.0


HEARING: Final = Hearing()


def likeness(said: str, label: str) -> float:
    """Percent, of what somebody typed and a name.

    Letters that differ, words in another order, words written as one; the beginning of a longer
    name with a typing error in it; words of the name alone (``sky``).
    """
    one, other = spelling_of(said), spelling_of(label)
    scores = [fuzz.ratio(one.joined, other.joined), fuzz.ratio(one.ordered, other.ordered)]
    length = len(one.joined)
    if _BEGINNING_MIN <= length < len(other.joined):
        scores.append(fuzz.ratio(one.joined, other.joined[:length]) - 5.0)
    if one.words and one.words < other.words and length >= _BEGINNING_MIN - 1:
        scores.append(_WORDS_ALONE)
    return max(scores)
