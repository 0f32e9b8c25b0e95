"""Votes. Each is judged by its own time of receipt, and so is which of two is the last."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from rooms import limits
from rooms.commands import CastVote, Envelope, HoldVotes, ReleaseVotes, WithdrawVote
from rooms.decide.draft import Draft
from rooms.decide.latest import is_overtaken
from rooms.decide.rounds import require_round
from rooms.errors import Refused, not_allowed, rate_limited, unknown
from rooms.participants import Channel, Role
from rooms.ports import BallotRecord, RoundRecord
from rooms.rounds.counting.pairs import pairs_of
from rooms.rounds.counting.patterns import HELD, WITHDRAWN, is_held, pattern_of
from rooms.rounds.windows import TAKES_VOTES, last_moment
from rooms.vote_config import Attendance, Change, Identity, Pick, VoteConfig, VoteType

_VALUED = frozenset({VoteType.POINTS, VoteType.UPDOWN})


def cast_vote(draft: Draft, envelope: Envelope, command: CastVote) -> dict[str, Any]:
    """Sets the participant's ballot; the last valid one counts.

    One that was received before the one that counts changes nothing; its answer tells the picks
    that count, and that it was ``superseded``.
    """
    record = _require_open(draft, command.round_id, envelope)
    who = envelope.participant
    device_id = _require_eligible(draft, record, envelope)
    if record.config.type is VoteType.QUEUE:
        raise Refused("queue_takes_upvotes", "Request songs here, and support those of others.")
    picks = checked_picks(record.config, command.picks)
    said = draft.last_ballot(record.round_id, who.participant_id)
    before = None if said is None or said.pattern == WITHDRAWN else said
    if before is not None and record.config.change is Change.NEVER:
        raise Refused("vote_is_final", "A vote in this round cannot be changed.")
    if said is not None and is_overtaken(envelope, said):
        return _superseded_by(said)
    _require_pace(draft, record, envelope)
    voter_class = f"{_class_of(draft, envelope)}:{envelope.channel.value}"
    held = _is_suspicious(draft, record, envelope, before)
    draft.put_ballot(
        BallotRecord(
            round_id=record.round_id,
            participant_id=who.participant_id,
            picks=picks,
            pattern=pattern_of(picks, record.config.type),
            voter_class=HELD + voter_class if held else voter_class,
            cast_at=envelope.received_at,
            device_id=device_id,
        )
    )
    return _told(record.round_id, picks) | ({"held": True} if held else {})


def withdraw_vote(draft: Draft, envelope: Envelope, command: WithdrawVote) -> dict[str, Any]:
    """Takes the ballot back; the row stays, counted nowhere."""
    record = _require_open(draft, command.round_id, envelope)
    if record.config.type is VoteType.QUEUE:
        raise Refused("queue_takes_upvotes", "Take back your support of single requests.")
    said = draft.last_ballot(record.round_id, envelope.participant.participant_id)
    if said is not None and is_overtaken(envelope, said):
        return _superseded_by(said)
    if said is None or said.pattern == WITHDRAWN:
        raise Refused("no_vote", "There is no vote of yours in this round.", status=404)
    if record.config.change is Change.NEVER:
        raise Refused("vote_is_final", "A vote in this round cannot be changed.")
    withdrawn = msgspec.structs.replace(
        said, picks=(), pattern=WITHDRAWN, cast_at=envelope.received_at, version=0
    )
    draft.put_ballot(withdrawn)
    return _told(record.round_id, ())


def _superseded_by(said: BallotRecord) -> dict[str, Any]:
    return _told(said.round_id, said.picks) | {"superseded": True}


def _told(round_id: str, picks: tuple[Pick, ...]) -> dict[str, Any]:
    return {"round_id": round_id, "picks": msgspec.to_builtins(list(picks))}


class QueueVoter(Struct, frozen=True):
    """Somebody who may speak in a ``queue`` round, and as whom it counts."""

    record: RoundRecord
    voter_class: str
    device_id: str | None


def queue_voter(draft: Draft, envelope: Envelope, round_id: str) -> QueueVoter:
    """Who requests or supports in a ``queue`` round, judged like a vote.

    Raises:
        Refused: no such round, it is over, it is no queue, or its author may not vote in it.
    """
    record = _require_open(draft, round_id, envelope)
    if record.config.type is not VoteType.QUEUE:
        raise Refused("not_a_queue", "This round takes votes, not song requests.")
    return QueueVoter(
        record=record,
        device_id=_require_eligible(draft, record, envelope),
        voter_class=f"{_class_of(draft, envelope)}:{envelope.channel}",
    )


def release_votes(draft: Draft, envelope: Envelope, command: ReleaseVotes) -> dict[str, Any]:
    """Lets held ballots count, while the round takes votes: results are never changed after."""
    record = require_round(draft, command.round_id)
    if record.status not in TAKES_VOTES:
        raise Refused("round_not_open", "What is held is released before the round is closed.")
    released = []
    for participant_id in dict.fromkeys(command.participant_ids):
        ballot = draft.ballot(record.round_id, participant_id)
        if ballot is not None and is_held(ballot.voter_class):
            counts_as = ballot.voter_class.removeprefix(HELD)
            draft.put_ballot(msgspec.structs.replace(ballot, voter_class=counts_as, version=0))
            released.append(participant_id)
    if released:
        draft.audit(envelope, "release_votes", record.round_id, after={"participants": released})
    return {"round_id": record.round_id, "released": released}


def hold_votes(draft: Draft, envelope: Envelope, command: HoldVotes) -> dict[str, Any]:
    """Takes ballots out of the count for review, while the round takes votes."""
    record = require_round(draft, command.round_id)
    if record.status not in TAKES_VOTES:
        raise Refused("round_not_open", "Votes are held before the round is closed.")
    held = []
    for participant_id in dict.fromkeys(command.participant_ids):
        ballot = draft.ballot(record.round_id, participant_id)
        if ballot is None or ballot.pattern == WITHDRAWN or is_held(ballot.voter_class):
            continue
        waits_as = HELD + ballot.voter_class
        draft.put_ballot(msgspec.structs.replace(ballot, voter_class=waits_as, version=0))
        held.append(participant_id)
    if held:
        draft.audit(envelope, "hold_votes", record.round_id, after={"participants": held})
    return {"round_id": record.round_id, "held": held}


def checked_picks(config: VoteConfig, picks: tuple[Pick, ...]) -> tuple[Pick, ...]:
    """The picks as they are kept: options that were given no points are left out.

    Raises:
        Refused: ``invalid_picks``, ``invalid_arguments``, ``unknown_option``.
    """
    known = {option.id for option in config.options}
    if config.type is VoteType.POINTS:
        picks = tuple(pick for pick in picks if pick.value != 0)
    rule = config.pick
    if not rule.min <= len(picks) <= rule.max:
        amount = str(rule.min) if rule.min == rule.max else f"{rule.min} to {rule.max}"
        raise _bad(f"Pick {amount}.")
    for pick in picks:
        if pick.option_id not in known:
            raise unknown("option")
    if len({pick.option_id for pick in picks}) != len(picks):
        raise _bad("An option was picked twice.")
    _check_values(config, picks)
    if config.type is VoteType.BRACKET:
        _check_pairs(config, picks)
    return picks


def _check_values(config: VoteConfig, picks: tuple[Pick, ...]) -> None:
    values = [pick.value for pick in picks if pick.value is not None]
    if config.type not in _VALUED:
        if values:
            raise _bad("A pick in this round has no value.")
        return
    if len(values) != len(picks):
        raise _bad("Every pick in this round has a value.")
    if config.type is VoteType.UPDOWN:
        if not set(values) <= {1, -1}:
            raise _bad("A value is 1 or -1.")
        return
    budget = config.pick.budget or 0
    if min(values, default=1) < 1:
        raise _bad("Points are not negative.")
    if sum(values) > budget:
        raise _bad(f"There are {budget} points to give in all.")


def _check_pairs(config: VoteConfig, picks: tuple[Pick, ...]) -> None:
    pairs = pairs_of([option.id for option in config.options])
    pair_of = {option_id: pair for pair in pairs for option_id in pair}
    decided = [pair_of.get(pick.option_id) for pick in picks]
    if None in decided:
        raise _bad("This option has no opponent in this stage.")
    if len(set(decided)) != len(decided):
        raise _bad("Pick one of each pair.")


def _require_open(draft: Draft, round_id: str, envelope: Envelope) -> RoundRecord:
    record = require_round(draft, round_id)
    if record.status == "draft":
        raise Refused("round_not_open", "This round is not open yet.")
    latest = last_moment(record, draft.state.facts, envelope.channel)
    late = latest is not None and envelope.received_at > latest
    if record.status not in TAKES_VOTES or late:
        raise Refused("round_closed", "This round is closed.")
    return record


def _require_eligible(draft: Draft, record: RoundRecord, envelope: Envelope) -> str | None:
    """Refuses who may not vote here; otherwise the device that the vote counts for, if any."""
    who, config = envelope.participant, record.config
    if envelope.channel not in config.who.channels:
        raise not_allowed("This round takes no votes from here.")
    standing = draft.standings.get(who.participant_id)
    checked_in = standing is not None and standing.checked_in
    if config.who.attendance is Attendance.CHECKED_IN and not checked_in:
        raise Refused(
            "check_in_required", "This round is for people at the show. Check in first.", status=403
        )
    if config.who.identity is Identity.ACCOUNT and who.guest:
        raise Refused("account_required", "This round is for accounts. Sign up first.", status=403)
    if envelope.channel is Channel.SMS:
        return None  # a phone is known, and is its own device
    if config.who.identity is Identity.PHONE and not (standing and standing.phone_confirmed):
        raise Refused("phone_required", "This round is for confirmed phone numbers.", status=403)
    if config.who.identity is Identity.DEVICE:
        return _require_device(draft, record, who.participant_id)
    return None


def _require_device(draft: Draft, record: RoundRecord, participant_id: str) -> str:
    standing = draft.standings.get(participant_id)
    if standing is None or standing.device_id is None:
        raise Refused("device_required", "This round is for devices that are known.", status=403)
    voter = draft.voter_with(record.round_id, standing.device_id)
    taken = voter is not None and voter != participant_id
    if taken or record.round_id in standing.device_rounds:
        raise Refused("device_has_voted", "Somebody has voted with this device.")
    return standing.device_id


def _is_suspicious(
    draft: Draft, record: RoundRecord, envelope: Envelope, before: BallotRecord | None
) -> bool:
    """Whether a ballot waits for crew: one more account of a device that many voted with.

    What was released once, or counted before, is not held again.
    """
    who = envelope.participant
    if before is not None:
        return is_held(before.voter_class)
    if who.device_id is None or envelope.channel is Channel.SMS or who.is_crew:
        return False
    key = (record.round_id, who.device_id)
    voters = draft.state.device_voters.get(key, frozenset())
    if who.participant_id in voters:
        return False
    if len(voters) >= limits.BALLOTS_PER_DEVICE:
        return True
    draft.state.device_voters[key] = voters | {who.participant_id}
    return False


def _require_pace(draft: Draft, record: RoundRecord, envelope: Envelope) -> None:
    key = (record.round_id, envelope.participant.participant_id)
    minute, second = divmod(int(envelope.received_at.timestamp()), 60)
    seen_minute, votes = draft.state.vote_pace.get(key, (minute, 0))
    votes = votes + 1 if seen_minute == minute else 1
    if votes > record.config.fraud.rate_per_min:
        raise rate_limited(60.0 - second)
    draft.state.vote_pace[key] = (minute, votes)


def _class_of(draft: Draft, envelope: Envelope) -> str:
    who = envelope.participant
    if who.participant_id in draft.state.memory.jury:
        return "jury"
    return "artist" if who.role is Role.ARTIST else "audience"


def _bad(detail: str) -> Refused:
    return Refused("invalid_picks", detail, status=400)
