"""Scores: a number per option, for every method that is one.

Sources
    Borda: J.-C. de Borda, "Mémoire sur les élections au scrutin", Histoire de l'Académie royale
    des sciences, 1781. Of n options the first ranked gets n-1 points, the next n-2, the last 0.
    A ballot that does not rank all gives 0 to every option that it leaves out, and the ranked ones
    what they would have got ("rounding down"; Kiribati counts like this. P. Emerson, "The original
    Borda count and partial voting", Social Choice and Welfare 40, 2013, compares the ways).
"""

from __future__ import annotations

from collections.abc import Iterable

from rooms.rounds.counting.patterns import Choice, PatternCounts, choice_of
from rooms.vote_config import TallyMethod

Scores = dict[str, int]
"""option id → score."""

Weighted = Iterable[tuple[str, int]]
"""(pattern, weighted ballots)."""


def scores_of(method: TallyMethod, option_ids: Iterable[str], ballots: Weighted) -> Scores:
    """The score of every option; options that nobody named have 0.

    For ``irv`` these are the first preferences, with which its counting begins.
    """
    scores = dict.fromkeys(option_ids, 0)
    highest = len(scores) - 1
    for pattern, weight in ballots:
        for option_id, points in points_of(method, choice_of(pattern), highest):
            if option_id in scores:
                scores[option_id] += points * weight
    return scores


def points_of(method: TallyMethod, choice: Choice, highest: int) -> Iterable[tuple[str, int]]:
    """(option id, points) that one ballot gives; ``highest`` is what Borda's first one gets."""
    match method:
        case TallyMethod.SUM | TallyMethod.NET:
            return choice
        case TallyMethod.BORDA:
            return [(option_id, highest - rank) for rank, (option_id, _) in enumerate(choice)]
        case TallyMethod.IRV:
            return choice[:1]
        case TallyMethod.PLURALITY | TallyMethod.APPROVAL:
            return choice


def supporters_of(option_ids: Iterable[str], counts: PatternCounts) -> Scores:
    """Ballots that speak for an option: name it, rank it, give it points or +1."""
    people = dict.fromkeys(option_ids, 0)
    for (pattern, _), ballots in counts.items():
        for option_id, value in choice_of(pattern):
            if value > 0 and option_id in people:
                people[option_id] += ballots
    return people
