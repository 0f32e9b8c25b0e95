"""How a round's votes came about, for crew that wonders whether they are a crowd's or a script's.

Accounts and addresses cost a script nothing, and a venue's thousands share one address: neither
says who votes. What a farm of guests cannot fake cheaply is having been here before the round was
opened, a confirmed phone, and a check-in at the door. So ballots are told apart by that, and an
option is suspected where those who came only after the opening prefer it far beyond chance. A
crowd that comes late prefers what the others do; who was sent for one option does not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from msgspec import Struct, field

SAMPLE_MIN: Final = 30
"""Ballots on each side, below which a share says nothing."""

DEVIATIONS_MIN: Final = 5.0
"""Standard deviations of a difference that nobody's taste explains: one in three million."""


class VoterKind(StrEnum):
    """What is known of a voter, the strongest first. ``newcomer``: a guest who came to the show
    only after the round was opened."""

    CHECKED_IN = "checked_in"
    PHONE = "phone"
    ACCOUNT = "account"
    GUEST = "guest"
    NEWCOMER = "newcomer"


class VoterKindCount(Struct, frozen=True):
    """The voters of one kind. ``options``: how many of them picked each, held ones included;
    ``held_options``: how many of these are held."""

    kind: VoterKind
    voters: int
    held: int
    options: Mapping[str, int]
    held_options: Mapping[str, int] = field(default_factory=dict)


class Suspicion(Struct, frozen=True):
    """An option that newcomers prefer beyond chance.

    Attributes:
        newcomers: how many of them picked it.
        newcomers_share: of all newcomers, 0 to 1.
        others_share: of everybody else, 0 to 1.
        deviations: standard deviations between the two shares.
    """

    option_id: str
    newcomers: int
    newcomers_share: float
    others_share: float
    deviations: float


def suspicions(counts: Sequence[VoterKindCount]) -> list[Suspicion]:
    """Options that are suspected, the clearest first: a two-proportion z-test of each."""
    new = [count for count in counts if count.kind is VoterKind.NEWCOMER]
    old = [count for count in counts if count.kind is not VoterKind.NEWCOMER]
    new_voters, old_voters = (sum(count.voters for count in side) for side in (new, old))
    if min(new_voters, old_voters) < SAMPLE_MIN:
        return []
    found = []
    for option_id in sorted({option for count in new for option in count.options}):
        came = sum(count.options.get(option_id, 0) for count in new)
        were = sum(count.options.get(option_id, 0) for count in old)
        deviations = _deviations(came, new_voters, were, old_voters)
        if deviations >= DEVIATIONS_MIN:
            share, others = came / new_voters, were / old_voters
            found.append(
                Suspicion(option_id, came, round(share, 4), round(others, 4), round(deviations, 1))
            )
    return sorted(found, key=lambda one: -one.deviations)


def _deviations(came: int, new_voters: int, were: int, old_voters: int) -> float:
    pooled = (came + were) / (new_voters + old_voters)
    variance = pooled * (1 - pooled) * (1 / new_voters + 1 / old_voters)
    return (came / new_voters - were / old_voters) / math.sqrt(variance) if variance > 0 else 0.0
