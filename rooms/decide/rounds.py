"""Rounds and votes. Each vote is judged by its own time of receipt."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from rooms import limits, tally
from rooms.commands import (
    CastVote,
    CloseDueRound,
    CloseRound,
    CreateRound,
    Envelope,
    ExtendRound,
    OpenRound,
    RevealRound,
    UpdateRound,
    WithdrawVote,
)
from rooms.counting import results
from rooms.decide.draft import Draft
from rooms.errors import Refused, invalid, not_allowed, rate_limited, unknown
from rooms.events import RoundClosed, RoundExtended, RoundOpened, RoundRevealed
from rooms.participants import Participant
from rooms.ports import BallotRecord, RoundRecord
from rooms.show import ShowStatus
from rooms.views import result_is_public
from rooms.vote_config import Change, Identity, Pick, Visibility, VoteConfig, config_hash
from rooms.vote_problems import problems


def create_round(draft: Draft, envelope: Envelope, command: CreateRound) -> dict[str, Any]:
    """Keeps a draft. Configuration problems are the door's to list; here they are final."""
    if command.round_id in draft.state.rounds:
        raise Refused("round_exists", "There is a round with this id.")
    if len(draft.state.rounds) >= limits.ROUNDS_PER_SHOW_MAX:
        raise Refused("too_many_rounds", "This show has as many rounds as a show may have.")
    _require_valid(command.config)
    record = RoundRecord(
        round_id=command.round_id,
        config=command.config,
        config_hash=config_hash(command.config),
        status="draft",
        position=len(draft.state.rounds) + 1,
    )
    draft.put_round(record)
    draft.audit(envelope, "create_round", command.round_id, after={"hash": record.config_hash})
    return {"round_id": command.round_id}


def update_round(draft: Draft, envelope: Envelope, command: UpdateRound) -> dict[str, Any]:
    """Replaces a draft's configuration."""
    record = _require_round(draft, command.round_id)
    if record.status != "draft":
        raise Refused("round_not_draft", "Only a draft can be changed.")
    _require_valid(command.config)
    changed = msgspec.structs.replace(
        record, config=command.config, config_hash=config_hash(command.config)
    )
    draft.put_round(changed)
    draft.audit(
        envelope,
        "update_round",
        command.round_id,
        before={"hash": record.config_hash},
        after={"hash": changed.config_hash},
    )
    return {"round_id": command.round_id}


def open_round(draft: Draft, envelope: Envelope, command: OpenRound) -> dict[str, Any]:
    """Opens a draft; it ends ``window.duration_s`` seconds from now."""
    record = _require_round(draft, command.round_id)
    if record.status != "draft":
        raise Refused("round_not_draft", "This round was opened before.")
    if draft.state.facts.status is not ShowStatus.LIVE:
        raise Refused("show_not_live", "Rounds open while the show is live.")
    if len(draft.state.open_rounds) >= limits.OPEN_ROUNDS_MAX:
        raise Refused("too_many_open_rounds", f"At most {limits.OPEN_ROUNDS_MAX} at once.")
    opened_at = max(draft.state.memory.last_at, envelope.received_at)
    duration_s = record.config.window.duration_s
    closes_at = opened_at + timedelta(seconds=duration_s) if duration_s else None
    draft.emit(
        RoundOpened(
            round_id=record.round_id,
            config=record.config,
            config_hash=record.config_hash,
            opened_at=opened_at,
            closes_at=closes_at,
        ),
        envelope,
    )
    draft.put_round(draft.state.rounds[record.round_id])
    draft.audit(envelope, "open_round", record.round_id)
    return {"round_id": record.round_id}


def extend_round(draft: Draft, envelope: Envelope, command: ExtendRound) -> dict[str, Any]:
    """Moves the end of an open round, within ``window.extend_max_s`` in all."""
    record = _require_open(draft, command.round_id, envelope)
    window = record.config.window
    if record.closes_at is None or record.opened_at is None or window.duration_s is None:
        raise Refused("round_has_no_end", "This round is open until it is closed by hand.")
    closes_at = record.closes_at + timedelta(seconds=command.extend_s)
    latest = record.opened_at + timedelta(seconds=window.duration_s + window.extend_max_s)
    if closes_at > latest:
        raise Refused("extended_too_far", f"At most {window.extend_max_s} seconds in all.")
    draft.emit(RoundExtended(round_id=record.round_id, closes_at=closes_at), envelope)
    draft.put_round(draft.state.rounds[record.round_id])
    draft.audit(envelope, "extend_round", record.round_id, after={"extend_s": command.extend_s})
    return {"round_id": record.round_id}


def close_round(draft: Draft, envelope: Envelope, command: CloseRound) -> dict[str, Any]:
    """Closes an open round by hand, with what was decided before this command."""
    record = _require_round(draft, command.round_id)
    if record.status != "open":
        raise Refused("round_not_open", "This round is not open.")
    close(draft, envelope, record)
    draft.audit(envelope, "close_round", record.round_id)
    return {"round_id": record.round_id}


def close_due_round(draft: Draft, envelope: Envelope, command: CloseDueRound) -> dict[str, Any]:
    """Closes a round whose end is ``CLOSE_MARGIN_S`` past; otherwise does nothing."""
    record = draft.state.rounds.get(command.round_id)
    if record is not None and record.status == "open" and record.closes_at is not None:
        margin = timedelta(seconds=limits.CLOSE_MARGIN_S)
        held = record.held_until is not None and envelope.received_at < record.held_until
        if envelope.received_at >= record.closes_at + margin and not held:
            close(draft, envelope, record)
    return {}


def close(draft: Draft, envelope: Envelope, record: RoundRecord) -> None:
    """Ends a round and tells its result to whoever may see it."""
    counts = draft.state.tallies.get(record.round_id, {})
    final = results.result(record.config, counts)
    closed_at = max(draft.state.memory.last_at, envelope.received_at)
    full = RoundClosed(round_id=record.round_id, closed_at=closed_at, result=final)
    if result_is_public(record.config):
        draft.emit(full, envelope)
    else:
        hidden = RoundClosed(round_id=record.round_id, closed_at=closed_at)
        draft.emit(hidden, envelope, crew_data=full)
    draft.put_round(draft.state.rounds[record.round_id])


def reveal_round(draft: Draft, envelope: Envelope, command: RevealRound) -> dict[str, Any]:
    """Shows the result of a closed round that was hidden."""
    record = _require_round(draft, command.round_id)
    if record.status == "revealed":
        raise Refused("already_revealed", "This result is shown already.")
    if record.status != "closed":
        raise Refused("round_not_closed", "Close the round first.")
    if record.config.visibility is Visibility.NEVER:
        raise Refused("never_revealed", "The result of this round is for the crew only.")
    draft.emit(RoundRevealed(round_id=record.round_id, result=record.result), envelope)
    draft.put_round(draft.state.rounds[record.round_id])
    draft.audit(envelope, "reveal_round", record.round_id)
    return {"round_id": record.round_id}


def cast_vote(draft: Draft, envelope: Envelope, command: CastVote) -> dict[str, Any]:
    """Sets the participant's ballot; the last valid one counts."""
    record = _require_open(draft, command.round_id, envelope)
    who = envelope.participant
    _require_eligible(record.config, who, envelope)
    _require_picks(record.config, command.picks)
    before = draft.ballot(record.round_id, who.participant_id)
    if before is not None and record.config.change is Change.NEVER:
        raise Refused("vote_is_final", "A vote in this round cannot be changed.")
    _require_pace(draft, record, envelope)
    draft.put_ballot(
        BallotRecord(
            round_id=record.round_id,
            participant_id=who.participant_id,
            picks=command.picks,
            pattern=tally.pattern_of(command.picks, record.config.type),
            voter_class=f"{_class_of(who)}:{envelope.channel}",
            cast_at=envelope.received_at,
        )
    )
    return {
        "round_id": record.round_id,
        "picks": [msgspec.to_builtins(pick) for pick in command.picks],
    }


def withdraw_vote(draft: Draft, envelope: Envelope, command: WithdrawVote) -> dict[str, Any]:
    """Takes the ballot back; the row stays, counted nowhere."""
    record = _require_open(draft, command.round_id, envelope)
    who = envelope.participant
    before = draft.ballot(record.round_id, who.participant_id)
    if before is None:
        raise Refused("no_vote", "There is no vote of yours in this round.", status=404)
    if record.config.change is Change.NEVER:
        raise Refused("vote_is_final", "A vote in this round cannot be changed.")
    withdrawn = msgspec.structs.replace(
        before, picks=(), pattern=tally.WITHDRAWN, cast_at=envelope.received_at, version=0
    )
    draft.put_ballot(withdrawn)
    return {"round_id": record.round_id, "picks": []}


def _require_pace(draft: Draft, record: RoundRecord, envelope: Envelope) -> None:
    key = (record.round_id, envelope.participant.participant_id)
    minute, second = divmod(int(envelope.received_at.timestamp()), 60)
    seen_minute, votes = draft.state.vote_pace.get(key, (minute, 0))
    votes = votes + 1 if seen_minute == minute else 1
    if votes > record.config.fraud.rate_per_min:
        raise rate_limited(60.0 - second)
    draft.state.vote_pace[key] = (minute, votes)


def _class_of(who: Participant) -> str:
    return "artist" if who.role == "artist" else "audience"


def _require_valid(config: VoteConfig) -> None:
    found = problems(config)
    if found:
        raise Refused("invalid_vote_config", f"{found[0].field}: {found[0].detail}", status=422)


def _require_round(draft: Draft, round_id: str) -> RoundRecord:
    record = draft.state.rounds.get(round_id)
    if record is None:
        raise unknown("round")
    return record


def _require_open(draft: Draft, round_id: str, envelope: Envelope) -> RoundRecord:
    record = _require_round(draft, round_id)
    if record.status == "draft":
        raise Refused("round_not_open", "This round is not open yet.")
    late = record.closes_at is not None and envelope.received_at > record.closes_at
    if record.status != "open" or late:
        raise Refused("round_closed", "This round is closed.")
    return record


def _require_eligible(config: VoteConfig, who: Participant, envelope: Envelope) -> None:
    if envelope.channel not in config.who.channels:
        raise not_allowed("This round takes no votes from here.")
    if config.who.identity is Identity.ACCOUNT and who.guest:
        raise Refused("account_required", "This round is for accounts. Sign up first.", status=403)


def _require_picks(config: VoteConfig, picks: tuple[Pick, ...]) -> None:
    known = {option.id for option in config.options}
    if not config.pick.min <= len(picks) <= config.pick.max:
        raise Refused("invalid_picks", f"Pick {config.pick.max} option.", status=400)
    for pick in picks:
        if pick.option_id not in known:
            raise unknown("option")
        if pick.value is not None:
            raise invalid("A pick in this round has no value.")
    if len({pick.option_id for pick in picks}) != len(picks):
        raise Refused("invalid_picks", "An option was picked twice.", status=400)
