"""What may be said to a brand, so that no person and no small group can be found in it. Pure.

A brand sees figures from time to time and may subtract: a part from its whole, today from
yesterday, one figure from another. So (docs/decisions/reports.md):

1. A figure with fewer than `GROUP_MIN` people behind it is withheld, zero included.
2. Others are rounded down to a multiple of `GROUP_MIN`: a part that is withheld cannot be
   computed from a whole and the other parts, which are all uncertain by as much as it.
3. A figure that was released stays as it is until its people have become at least `GROUP_MIN`
   more or fewer: between two answers that differ there are always that many people.
4. A piece of time is released once, after it is over, and never again.
5. All figures are looked at together, at most every `RELEASE_EVERY_S`: nobody can tell by the
   second when one person came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from rooms.reports.figures import Count

GROUP_MIN: Final = 10
"""People in a group that may be seen."""

RELEASE_EVERY_S: Final = 300
"""Between two looks of a brand, and the length of the pieces of time that it sees, in seconds."""

PIECES_MAX: Final = 720
"""Pieces of time that are released: sixty hours. Their length never changes, or a piece could be
computed from the longer one that holds it."""

Shown = int | None
"""A figure as a brand sees it; ``None``: withheld."""


class Cell(Struct, frozen=True, array_like=True):
    """A figure that was released: what was shown, and how many people it had then."""

    shown: Shown
    people: int


class Released(Struct, frozen=True):
    """Everything that a show's brands were shown last. Kept, because the next answer depends on
    it; the people of a cell are never shown.

    Attributes:
        votes, head_counts: piece by piece; each is as it was when it was over.
    """

    cells: dict[str, Cell] = {}
    votes: tuple[Shown, ...] = ()
    head_counts: tuple[Shown, ...] = ()


def shown(count: Count) -> Shown:
    """A count, as it may be seen."""
    if count.people < GROUP_MIN or count.many < GROUP_MIN:
        return None
    return count.many // GROUP_MIN * GROUP_MIN


def next_cells(before: Mapping[str, Cell], counts: Mapping[str, Count]) -> dict[str, Cell]:
    """The cells of the next release."""
    return {name: _next(before.get(name), count) for name, count in counts.items()}


def next_pieces(before: Sequence[Shown], pieces: Sequence[Count], over: int) -> tuple[Shown, ...]:
    """The pieces of time of the next release.

    Args:
        pieces: all of them as they are now.
        over: how many of them are over.
    """
    until = min(over, len(pieces), PIECES_MAX)
    return (*before, *(shown(count) for count in pieces[len(before) : until]))


def is_due(released_at: datetime | None, now: datetime) -> bool:
    """Whether there may be another release."""
    if released_at is None:
        return True
    return now - released_at >= timedelta(seconds=RELEASE_EVERY_S)


def _next(before: Cell | None, count: Count) -> Cell:
    if before is not None and abs(count.people - before.people) < GROUP_MIN:
        return before
    return Cell(shown(count), count.people)
