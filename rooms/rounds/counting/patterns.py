"""Patterns: the picks of a ballot as canonical text, so that equal ballots are one row.

::

    single, approval    o2          o1,o3
    points, updown      o1=5,o2=3   o1=-1,o2=1
    ranked              o2>o1

Options' ids hold none of ``,`` ``=`` ``>`` (`rooms.vote_config.Option`), so a pattern can be read
back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from rooms.vote_config import Pick, VoteConfig, VoteType

PatternCounts = Mapping[tuple[str, str], int]
"""(pattern, voter_class) → ballots."""

WITHDRAWN = ""
"""The pattern of a ballot that was taken back: kept, counted nowhere."""

HELD = "held:"
"""What the class of a ballot begins with that waits for review: kept, counted nowhere."""

Choice = tuple[tuple[str, int], ...]
"""(option id, value) in the order of the pattern; the value is 1 where the ballot gives none."""


def pattern_of(picks: Iterable[Pick], vote_type: VoteType) -> str:
    """The canonical text of a ballot. Only in ``ranked`` rounds the order of picks matters."""
    parts = [
        pick.option_id if pick.value is None else f"{pick.option_id}={pick.value}" for pick in picks
    ]
    if vote_type is VoteType.RANKED:
        return ">".join(parts)
    return ",".join(sorted(parts))


@lru_cache(maxsize=16_384)
def choice_of(pattern: str) -> Choice:
    """What a pattern says. Remembered: a tally is counted again after every turn."""
    if pattern == WITHDRAWN:
        return ()
    parts = (part.partition("=") for part in pattern.replace(">", ",").split(","))
    return tuple((option_id, int(value) if value else 1) for option_id, _, value in parts)


def weight_of(config: VoteConfig, voter_class: str) -> int:
    """The integer weight of a class such as ``audience:web``."""
    weights = config.tally.weights
    match class_of(voter_class):
        case "artist":
            return weights.artist
        case "jury":
            return weights.jury
        case "audience":
            return weights.audience
        case _:
            return 0


def is_held(voter_class: str) -> bool:
    """Whether ballots of this class wait for review."""
    return voter_class.startswith(HELD)


def class_of(voter_class: str) -> str:
    """``jury`` of ``jury:web``."""
    return voter_class.partition(":")[0]


def channel_of(voter_class: str) -> str:
    """``web`` of ``jury:web``."""
    return voter_class.partition(":")[2]
