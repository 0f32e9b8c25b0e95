"""Rounds that texts vote in."""

from __future__ import annotations

import msgspec

from rooms.vote_config import (
    Option,
    PickRule,
    TallyMethod,
    TallyRule,
    VoteConfig,
    VoteType,
    Weights,
    with_codes,
)

SONGS = (
    "Truckin'",
    "Blue Sky",
    "Sugaree",
    "One More Saturday Night",
    "The River",
    "Rock and Roll",
)
"""Options 1 to 6."""


def round_of(
    *labels: str,
    kind: VoteType = VoteType.SINGLE,
    least: int = 1,
    most: int = 1,
    budget: int | None = None,
    method: TallyMethod = TallyMethod.PLURALITY,
) -> VoteConfig:
    """A round of these labels (`SONGS` without any), with ids ``o1``… and codes 1…"""
    options = tuple(Option(f"o{n}", label) for n, label in enumerate(labels or SONGS, start=1))
    weights = Weights(jury=5) if kind is VoteType.WEIGHTED else Weights()
    return with_codes(
        VoteConfig(
            "Encore?",
            options,
            type=kind,
            pick=PickRule(least, most, budget),
            tally=TallyRule(method, weights),
        )
    )


SINGLE = round_of()
APPROVAL = round_of(kind=VoteType.APPROVAL, method=TallyMethod.APPROVAL, most=3)
RANKED = round_of(kind=VoteType.RANKED, method=TallyMethod.BORDA, least=2, most=3)
POINTS = round_of(kind=VoteType.POINTS, method=TallyMethod.SUM, most=3, budget=5)
UPDOWN = round_of(kind=VoteType.UPDOWN, method=TallyMethod.NET, most=3)
BRACKET = round_of(kind=VoteType.BRACKET, most=3)
BYE = msgspec.structs.replace(BRACKET, options=BRACKET.options[:5])
QUEUE = round_of(kind=VoteType.QUEUE, method=TallyMethod.APPROVAL)
WEIGHTED = round_of(kind=VoteType.WEIGHTED)
WEIGHTED_APPROVAL = round_of(kind=VoteType.WEIGHTED, method=TallyMethod.APPROVAL, most=3)
