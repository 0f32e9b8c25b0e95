"""The running count: integers per (pattern of picks, class of voter), moved by deltas.

Every method is computed from the patterns on reading (`rooms.rounds.counting`); changing a ballot
is minus one here, plus one there.
"""

from __future__ import annotations

from collections.abc import Iterable

from rooms.ports import TallyRecord
from rooms.rounds.counting import results
from rooms.rounds.counting.patterns import WITHDRAWN, PatternCounts, pattern_of
from rooms.rounds.counting.scores import scores_of
from rooms.states import Tally
from rooms.vote_config import VoteConfig

__all__ = ["WITHDRAWN", "PatternCounts", "absorb", "count", "pattern_of", "recount"]


def count(round_id: str, config: VoteConfig, counts: PatternCounts) -> Tally:
    """The tally of an open round: a score per option, all options named, votes and voters.

    An instant runoff shows first preferences while it is open; it is run once, when it closes.
    """
    held = results.counted(config, counts)
    votes, voters = results.votes_and_voters(held)
    option_ids = [option.id for option in config.options]
    scores = scores_of(config.tally.method, option_ids, results.weighted(config, held))
    return Tally(round_id=round_id, options=scores, votes=votes, voters=voters)


def recount(ballots: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Counts from ballots, given as (pattern, voter_class): what the deltas must equal."""
    counts: dict[tuple[str, str], int] = {}
    for key in ballots:
        if key[0] != WITHDRAWN:
            counts[key] = counts.get(key, 0) + 1
    return counts


def absorb(
    tallies: dict[str, dict[tuple[str, str], int]], records: Iterable[TallyRecord]
) -> set[str]:
    """Takes absolute counts over; returns the rounds that changed."""
    touched = set()
    for record in records:
        counts = tallies.setdefault(record.round_id, {})
        counts[(record.pattern, record.voter_class)] = record.ballots
        touched.add(record.round_id)
    return touched
