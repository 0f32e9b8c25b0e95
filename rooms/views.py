"""What each audience may see of a round. One rule for events, states, snapshots and HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rooms.ports import RoundRecord
from rooms.rounds import tally
from rooms.rounds.counting.ties import hash_of
from rooms.rounds.tally import PatternCounts
from rooms.rounds.windows import TAKES_VOTES
from rooms.states import RoundView, Tally
from rooms.vote_config import Visibility, VoteConfig, VoteType

Count = Callable[[str, VoteConfig, PatternCounts], Tally]
"""Adds up an open round: afresh, or from where it was (`rooms.rounds.running_tallies`)."""

_SHOWN_ON_CLOSE = frozenset({Visibility.ALWAYS, Visibility.AFTER_VOTE, Visibility.ON_CLOSE})


def result_is_public(config: VoteConfig) -> bool:
    """Whether closing the round tells everybody its result."""
    return config.visibility in _SHOWN_ON_CLOSE


def may_see_result(record: RoundRecord, *, crew: bool) -> bool:
    """Whether an audience may see the final result of a closed or revealed round."""
    if record.status not in ("closed", "revealed"):
        return False
    if crew or result_is_public(record.config):
        return True
    return record.status == "revealed" and record.config.visibility is Visibility.MANUAL


def may_see_tally(record: RoundRecord, *, crew: bool, voted: bool) -> bool:
    """Whether an audience may see the running tally of an open round."""
    if record.status not in TAKES_VOTES:
        return False
    if crew or record.config.visibility is Visibility.ALWAYS:
        return True
    return voted and record.config.visibility is Visibility.AFTER_VOTE


def visible_tally(
    record: RoundRecord,
    counts: PatternCounts,
    *,
    crew: bool,
    voted: bool,
    count: Count = tally.count,
) -> Tally | None:
    """The running tally where this audience may see it."""
    if record.config.type is VoteType.QUEUE:
        return None  # its requests and their support are the state ``song_requests``
    if not may_see_tally(record, crew=crew, voted=voted):
        return None
    return count(record.round_id, record.config, counts)


def round_view(
    record: RoundRecord,
    counts: PatternCounts,
    *,
    crew: bool,
    voted: bool,
    count: Count = tally.count,
) -> RoundView | None:
    """A round as one audience sees it; ``None`` for drafts that are not theirs to see.

    The seed of a draw is for nobody before the result tells it, crew included.
    """
    if record.opened_at is None and not crew:
        return None
    return RoundView(
        round_id=record.round_id,
        status=record.status,
        config=record.config,
        config_hash=record.config_hash,
        opened_at=record.opened_at,
        closes_at=record.closes_at,
        closed_at=record.closed_at,
        result=record.result if may_see_result(record, crew=crew) else None,
        tally=visible_tally(record, counts, crew=crew, voted=voted, count=count),
        seed_hash=None if record.seed is None else hash_of(record.seed),
        runoff_of=record.runoff_of,
        stage_of=record.stage_of,
        stage=record.stage,
        supersedes=record.supersedes,
        superseded_by=record.superseded_by,
    )


def in_order(records: Iterable[RoundRecord]) -> list[RoundRecord]:
    """Rounds in the order of their creation."""
    return sorted(records, key=lambda record: (record.position, record.round_id))
