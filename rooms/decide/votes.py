"""Votes. Each is judged by its own time of receipt, and so is which of two is the last."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from rooms import limits
from rooms.commands import CastVote, Envelope, HoldVotes, ReleaseVotes, WithdrawVote
from rooms.decide.draft import BallotKey, Draft
from rooms.decide.latest import is_overtaken
from rooms.decide.picks import choice_of, told
from rooms.decide.rounds import require_round
from rooms.decide.terms import require_open, terms_of
from rooms.errors import Refused, not_allowed, rate_limited
from rooms.participants import CREW, Channel, Participant, Role
from rooms.ports import BallotRecord, RoundRecord
from rooms.rounds.counting.patterns import HELD, WITHDRAWN, is_held
from rooms.rounds.windows import TAKES_VOTES
from rooms.vote_config import Attendance, Change, Identity, VoteType

_ARTIST = Role.ARTIST.value
_NOBODY: frozenset[str] = frozenset()
_NONE_YET = (-1, 0)


def cast_vote(draft: Draft, envelope: Envelope, command: CastVote) -> dict[str, Any]:
    """Sets the participant's ballot; the last valid one counts.

    One that was received before the one that counts changes nothing; its answer tells the picks
    that count, and that it was ``superseded``.
    """
    terms = terms_of(draft, command.round_id, envelope)
    record, who = terms.record, envelope.participant
    device_id = None if terms.anybody else _require_eligible(draft, record, envelope)
    if terms.takes_requests:
        raise Refused("queue_takes_upvotes", "Request songs here, and support those of others.")
    choice = choice_of(draft, record, command.picks)
    key = (record.round_id, who.participant_id)
    said = draft.last_ballot(key)
    before = None if said is None or said.pattern == WITHDRAWN else said
    if before is not None and terms.final:
        raise Refused("vote_is_final", "A vote in this round cannot be changed.")
    if said is not None and is_overtaken(envelope, said, draft.now):
        return _superseded_by(said)
    _require_pace(draft, record, key, envelope.received_at)
    voter_class = _class_of(draft, who) + terms.suffix
    held = _is_suspicious(draft, record, who, before, by_text=terms.by_text)
    ballot = BallotRecord(
        round_id=record.round_id,
        participant_id=who.participant_id,
        picks=choice.picks,
        pattern=choice.pattern,
        voter_class=HELD + voter_class if held else voter_class,
        cast_at=envelope.received_at,
        device_id=device_id,
    )
    draft.replace_ballot(key, before, ballot)
    return choice.told | {"held": True} if held else choice.told


def withdraw_vote(draft: Draft, envelope: Envelope, command: WithdrawVote) -> dict[str, Any]:
    """Takes the ballot back; the row stays, counted nowhere."""
    record = require_open(draft, command.round_id, envelope)
    if record.config.type is VoteType.QUEUE:
        raise Refused("queue_takes_upvotes", "Take back your support of single requests.")
    said = draft.last_ballot((record.round_id, envelope.participant.participant_id))
    if said is not None and is_overtaken(envelope, said, draft.now):
        return _superseded_by(said)
    if said is None or said.pattern == WITHDRAWN:
        raise Refused("no_vote", "There is no vote of yours in this round.", status=404)
    if record.config.change is Change.NEVER:
        raise Refused("vote_is_final", "A vote in this round cannot be changed.")
    withdrawn = msgspec.structs.replace(
        said, picks=(), pattern=WITHDRAWN, cast_at=envelope.received_at, version=0
    )
    draft.put_ballot(withdrawn)
    return told(record.round_id, ())


def _superseded_by(said: BallotRecord) -> dict[str, Any]:
    return told(said.round_id, said.picks) | {"superseded": True}


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
    record = require_open(draft, round_id, envelope)
    if record.config.type is not VoteType.QUEUE:
        raise Refused("not_a_queue", "This round takes votes, not song requests.")
    return QueueVoter(
        record=record,
        device_id=_require_eligible(draft, record, envelope),
        voter_class=f"{_class_of(draft, envelope.participant)}:{envelope.channel}",
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
    draft: Draft,
    record: RoundRecord,
    who: Participant,
    before: BallotRecord | None,
    *,
    by_text: bool,
) -> bool:
    """Whether a ballot waits for crew: one more account of a device that many voted with.

    What was released once, or counted before, is not held again.
    """
    if before is not None:
        return is_held(before.voter_class)
    if who.device_id is None or by_text or who.role in CREW:
        return False
    key = (record.round_id, who.device_id)
    voters = draft.state.device_voters.get(key, _NOBODY)
    if who.participant_id in voters:
        return False
    if len(voters) >= limits.BALLOTS_PER_DEVICE:
        return True
    draft.state.device_voters[key] = voters | {who.participant_id}
    return False


def _require_pace(draft: Draft, record: RoundRecord, key: BallotKey, at: datetime) -> None:
    minute = (at.toordinal() * 24 + at.hour) * 60 + at.minute
    seen_minute, votes = draft.state.vote_pace.get(key, _NONE_YET)
    votes = votes + 1 if seen_minute == minute else 1
    if votes > record.config.fraud.rate_per_min:
        raise rate_limited(60.0 - at.second)
    draft.state.vote_pace[key] = (minute, votes)


def _class_of(draft: Draft, who: Participant) -> str:
    if who.participant_id in draft.state.memory.jury:
        return "jury"
    return "artist" if who.role == _ARTIST else "audience"
