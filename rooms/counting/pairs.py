"""Brackets: who meets whom in one stage."""

from __future__ import annotations

from collections.abc import Sequence


def pairs_of(option_ids: Sequence[str]) -> list[tuple[str, str]]:
    """The pairings in seed order: first and second, third and fourth, and so on."""
    return [(option_ids[at], option_ids[at + 1]) for at in range(0, len(option_ids) - 1, 2)]


def bye_of(option_ids: Sequence[str]) -> str | None:
    """The odd one out, who advances without a match."""
    return option_ids[-1] if len(option_ids) % 2 else None
