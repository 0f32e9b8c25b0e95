"""How a round ends: grace, the count, ties, and what follows from the result."""

from __future__ import annotations

from typing import Any

import msgspec

from rooms.commands import CloseDueRound, CloseRound, DecideTie, Envelope
from rooms.decide import follow_ups, ties
from rooms.decide.draft import Draft
from rooms.decide.meanwhile import overtaken
from rooms.decide.rounds import require_round, require_takes_votes
from rooms.errors import Refused
from rooms.events import RoundClosed, RoundGraceStarted, RoundResult, RoundTieDecided
from rooms.ports import RoundRecord
from rooms.rounds.counting import results
from rooms.rounds.windows import due_at, grace_of
from rooms.song_requests.queue import result_counts
from rooms.views import may_see_result, result_is_public
from rooms.vote_config import VoteType


def close_round(draft: Draft, envelope: Envelope, command: CloseRound) -> dict[str, Any]:
    """Closes an open round by hand, with what was decided before this command."""
    record = require_round(draft, command.round_id)
    require_takes_votes(draft, envelope, record)
    close(draft, envelope, record)
    draft.audit(envelope, "close_round", record.round_id)
    return {"round_id": record.round_id}


def close_due_round(draft: Draft, envelope: Envelope, command: CloseDueRound) -> dict[str, Any]:
    """Begins the grace of a round that is over, or closes it; before its time does nothing."""
    record = draft.state.rounds.get(command.round_id)
    due = None if record is None else due_at(record, draft.state.facts)
    if record is None or due is None or envelope.received_at < due:
        return {}
    grace = grace_of(record, draft.state.facts)
    if record.status == "open" and grace and record.closes_at is not None:
        until = record.closes_at + grace
        draft.emit(RoundGraceStarted(round_id=record.round_id, until=until), envelope)
        draft.put_round(draft.state.rounds[record.round_id])
    else:
        close(draft, envelope, record)
    return {}


def close(draft: Draft, envelope: Envelope, record: RoundRecord, *, goes_on: bool = True) -> None:
    """Ends a round, tells its result to whoever may see it, and opens what follows.

    Args:
        goes_on: whether a runoff or the next stage may be opened; not when the show ends.
    """
    final, following = _settle(draft, record, _counted(draft, record), goes_on=goes_on)
    closed_at = max(draft.state.memory.last_at, envelope.received_at)
    full = RoundClosed(round_id=record.round_id, closed_at=closed_at, result=final)
    if result_is_public(record.config):
        draft.emit(full, envelope)
    else:
        hidden = RoundClosed(round_id=record.round_id, closed_at=closed_at)
        draft.emit(hidden, envelope, crew_data=full)
    draft.put_round(draft.state.rounds[record.round_id])
    if following is not None:
        follow_ups.open_following(draft, envelope, following)


def decide_tie(draft: Draft, envelope: Envelope, command: DecideTie) -> dict[str, Any]:
    """The artist picks the winner among the tied options of a closed round."""
    record = require_round(draft, command.round_id)
    result = record.result
    if record.status not in ("closed", "revealed") or result is None:
        raise Refused("round_not_closed", "Close the round first.")
    if result.tie_rule != ties.AWAITED:
        detail = "No tie of this round waits for the artist."
        raise overtaken(draft, envelope, "no_tie_to_decide", detail, record.round_id)
    decided = ties.chosen(result, command.option_id)
    _tell_decided(draft, envelope, record, decided, command.option_id, goes_on=True)
    draft.audit(envelope, "decide_tie", record.round_id, after={"option_id": command.option_id})
    return {"round_id": record.round_id, "option_id": command.option_id}


def settle_what_waits(draft: Draft, envelope: Envelope) -> None:
    """The show ends: ties that the artist did not decide fall to the rule after the artist."""
    for record in list(draft.state.rounds.values()):
        result = record.result
        waits = record.status in ("closed", "revealed") and result is not None
        if waits and result is not None and result.tie_rule == ties.AWAITED:
            drawn = ties.without_the_artist(record, result)
            if drawn is not None:
                _tell_decided(draft, envelope, record, drawn, None, goes_on=False)


def _counted(draft: Draft, record: RoundRecord) -> RoundResult:
    if record.config.type is VoteType.QUEUE:
        return result_counts(draft.state, record.round_id)
    return results.result(record.config, draft.state.tallies.get(record.round_id, {}))


def _settle(
    draft: Draft, record: RoundRecord, final: RoundResult, *, goes_on: bool
) -> tuple[RoundResult, RoundRecord | None]:
    """Applies the tie rules and says which round follows, if any."""
    may_open = goes_on and follow_ups.may_open(draft)
    final, runoff = ties.settled(record, final, may_open=may_open)
    following = None
    if runoff is not None:
        following = follow_ups.runoff(draft, record, final, runoff)
    elif may_open:
        following = follow_ups.next_stage(draft, record, final)
    if following is not None:
        final = msgspec.structs.replace(final, next_round_id=following.round_id)
    return final, following


def _tell_decided(
    draft: Draft,
    envelope: Envelope,
    record: RoundRecord,
    result: RoundResult,
    option_id: str | None,
    *,
    goes_on: bool,
) -> None:
    result = ties.unsealed(record, result)
    following = None
    if goes_on and follow_ups.may_open(draft):
        following = follow_ups.next_stage(draft, record, result)
    if following is not None:
        result = msgspec.structs.replace(result, next_round_id=following.round_id)
    full = RoundTieDecided(round_id=record.round_id, option_id=option_id, result=result)
    if may_see_result(record, crew=False):
        draft.emit(full, envelope)
    else:
        draft.emit(RoundTieDecided(round_id=record.round_id), envelope, crew_data=full)
    draft.put_round(draft.state.rounds[record.round_id])
    if following is not None:
        follow_ups.open_following(draft, envelope, following)
