"""Instant runoff: the option with the fewest ballots leaves, its ballots go to their next choice.

Rules, in this order
    1. A ballot counts for the first option on it that is still in; without one it is exhausted.
    2. Whoever has more than half of the ballots that are not exhausted has won.
    3. If all that are still in have the same number, they are tied, and the round's tie rules
       decide (which never happens inside the count).
    4. All options without a ballot leave together; otherwise the one with the fewest.
    5. Between several with the fewest: who had fewer in the latest earlier counting round in which
       they differ ("backwards"; J. C. O'Neill, "Tie-breaking with the single transferable vote",
       Voting matters 18, 2004). If they never differed: a lot that was fixed before the first
       vote, the larger SHA-256 of ``config_hash:option_id`` leaves.

The rules for several options with the fewest are a convention; they are the same for everybody who
counts the same ballots.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from msgspec import Struct

from rooms.events import Elimination
from rooms.rounds.counting.patterns import choice_of


class Runoff(Struct, frozen=True):
    """An instant runoff, counted.

    Attributes:
        scores: of each option its ballots in the last counting round that it was part of.
        winners: one, or all that are tied at the end; none without a ballot.
        rounds: the counting rounds, in order.
    """

    scores: dict[str, int]
    winners: tuple[str, ...]
    rounds: tuple[Elimination, ...]


def instant_runoff(
    option_ids: Iterable[str], ballots: Iterable[tuple[str, int]], lot: str
) -> Runoff:
    """Counts ranked ballots.

    Args:
        ballots: (pattern, how many), weights multiplied in.
        lot: the configuration's hash, for rule 5.
    """
    scores = dict.fromkeys(option_ids, 0)
    rankings = [
        (tuple(option_id for option_id, _ in choice_of(pattern) if option_id in scores), number)
        for pattern, number in ballots
        if number > 0
    ]
    total = sum(number for _, number in rankings)
    still_in = list(scores)
    rounds: list[Elimination] = []
    while True:
        counts = _count(still_in, rankings)
        scores.update(counts)
        counted = sum(counts.values())
        winners = _winners(counts, counted)
        leaving = () if winners is not None else _leaving(counts, rounds, lot)
        rounds.append(Elimination(counts, leaving, exhausted=total - counted))
        if winners is not None:
            return Runoff(scores, winners, tuple(rounds))
        still_in = [option_id for option_id in still_in if option_id not in leaving]


def _count(still_in: list[str], rankings: list[tuple[tuple[str, ...], int]]) -> dict[str, int]:
    counts = dict.fromkeys(still_in, 0)
    for ranking, number in rankings:
        for option_id in ranking:
            if option_id in counts:
                counts[option_id] += number
                break
    return counts


def _winners(counts: dict[str, int], counted: int) -> tuple[str, ...] | None:
    """``None``: nobody yet."""
    if not counted:
        return ()
    best = max(counts.values())
    if 2 * best > counted or best == min(counts.values()):
        return tuple(option_id for option_id, count in counts.items() if count == best)
    return None


def _leaving(counts: dict[str, int], earlier: list[Elimination], lot: str) -> tuple[str, ...]:
    fewest = min(counts.values())
    last = [option_id for option_id, count in counts.items() if count == fewest]
    if fewest == 0:
        return tuple(last)
    for before in reversed(earlier):
        least = min(before.counts[option_id] for option_id in last)
        last = [option_id for option_id in last if before.counts[option_id] == least]
    return (max(last, key=lambda option_id: _drawn(lot, option_id)),)


def _drawn(lot: str, option_id: str) -> str:
    return hashlib.sha256(f"{lot}:{option_id}".encode()).hexdigest()
