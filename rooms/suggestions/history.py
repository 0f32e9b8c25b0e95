"""What the suggestions are learnt from and asked with: plain structs, ids as text."""

from __future__ import annotations

from datetime import date

from msgspec import Struct


class PlayedSong(Struct, frozen=True):
    """One song of a show, in order. ``section`` as in a setlist document (``set1``, …)."""

    song_id: str
    title: str = ""
    section: str = "set1"


class PastShow(Struct, frozen=True):
    """One show that is over. ``venue`` and ``tour`` are only compared, never read."""

    date: date
    songs: tuple[PlayedSong, ...]
    venue: str | None = None
    tour: str | None = None


class CatalogueSong(Struct, frozen=True):
    """A song that may be suggested although no show is known in which it was played."""

    song_id: str
    title: str


class SuggestionContext(Struct, frozen=True):
    """What is known when the next song is asked for.

    Attributes:
        date: of tonight's show.
        songs: tonight's songs so far, in order; unknown song ids are allowed.
        catalogue: songs to fill up with when history knows too few.
    """

    date: date
    songs: tuple[PlayedSong, ...] = ()
    venue: str | None = None
    tour: str | None = None
    catalogue: tuple[CatalogueSong, ...] = ()


class Suggestion(Struct, frozen=True):
    """A song that may come next.

    ``probability`` is the model's share of belief among the candidates that it weighed: good for
    comparing the suggestions of one answer, not calibrated over answers.
    """

    song_id: str
    title: str
    probability: float


SECTION_KINDS = 7
"""Sets 1 to 6 and the encore; a soundcheck counts as the first set."""

ENCORE = SECTION_KINDS - 1


def section_index(section: str) -> int:
    """``set1`` is 0, ``set2`` 1 …, every encore ``ENCORE``."""
    if section.startswith("encore"):
        return ENCORE
    digits = section.removeprefix("set")
    return min(max(int(digits) - 1, 0), ENCORE - 1) if digits.isdecimal() else 0
