"""Brackets: who meets whom in one stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def pairs_of(seeded: Sequence[T]) -> list[tuple[T, T]]:
    """The pairings in seed order: first and second, third and fourth, and so on."""
    return [(seeded[at], seeded[at + 1]) for at in range(0, len(seeded) - 1, 2)]


def bye_of(seeded: Sequence[T]) -> T | None:
    """The odd one out, who advances without a match."""
    return seeded[-1] if len(seeded) % 2 else None
