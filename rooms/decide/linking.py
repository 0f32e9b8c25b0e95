"""Two participants turn out to be one person: a phone, and the same person's app.

From then on there is one vote. In rounds that still take votes the later ballot counts, as if the
person had voted twice through one door; where a vote is final, the first does. Likewise what both
said of a song request or an entry. Closed rounds keep their results.

Everything happens in one turn, and the event keeps the room from taking anything more from the
participant that is no longer its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from rooms.commands import Envelope, LinkParticipants
from rooms.decide.accuracy import is_settled
from rooms.decide.draft import Draft, is_system
from rooms.errors import Refused, not_allowed, unknown
from rooms.events import ParticipantsLinked
from rooms.participants import Role
from rooms.ports import BallotRecord, StanceKind, StanceRecord
from rooms.rounds.tally import WITHDRAWN
from rooms.rounds.windows import TAKES_VOTES
from rooms.song_requests.requests import SUPPORTABLE
from rooms.vote_config import Change


def link_participants(
    draft: Draft, envelope: Envelope, command: LinkParticipants
) -> dict[str, Any]:
    """Makes a participant another one's, for good; said again it changes nothing.

    Raises:
        Refused: not by Setroom itself, one of them is not of this show or was removed, or the
            participant is somebody else's already.
    """
    if not is_system(envelope.participant):
        raise not_allowed()
    linked = draft.state.memory.linked
    gone, stays = command.participant_id, who_stays(linked, command.into)
    if who_stays(linked, gone) == stays != gone:
        return {"participant_id": stays}
    if gone in linked or stays == gone:
        raise Refused("already_linked", "This participant is somebody else's already.")
    if gone not in draft.roles or stays not in draft.roles:
        raise unknown("participant")
    if {gone, stays} & draft.state.memory.removed:
        raise Refused("removed", "One of them was removed from this room.", status=403)
    _join_ballots(draft, gone, stays)
    _join_stances(draft, gone, stays)
    draft.emit(ParticipantsLinked(participant_id=gone, merged_into=stays), envelope)
    draft.song_queues.clear()  # its wishes have another author now
    return {"participant_id": stays}


def who_stays(linked: Mapping[str, str], participant_id: str) -> str:
    """Who a participant is by now, however often it turned out to be somebody else."""
    while participant_id in linked:
        participant_id = linked[participant_id]
    return participant_id


def _join_ballots(draft: Draft, gone: str, stays: str) -> None:
    for record in list(draft.state.rounds.values()):
        if record.status not in TAKES_VOTES:
            continue
        theirs = draft.ballot(record.round_id, gone)
        if theirs is None:
            continue
        own = draft.ballot(record.round_id, stays)
        first_counts = record.config.change is Change.NEVER
        if own is None or (theirs.cast_at < own.cast_at if first_counts else _later(theirs, own)):
            draft.put_ballot(
                replace(
                    theirs,
                    participant_id=stays,
                    voter_class=_class_as(draft, theirs.voter_class, stays),
                    device_id=own.device_id if own is not None else theirs.device_id,
                    version=0,
                )
            )
        draft.put_ballot(replace(theirs, picks=(), pattern=WITHDRAWN, device_id=None, version=0))


def _join_stances(draft: Draft, gone: str, stays: str) -> None:
    for theirs in draft.stances_of(gone):
        if not _still_open(draft, theirs):
            continue
        own = draft.stance(theirs.kind, theirs.subject, stays)
        if own is None or _later(theirs, own):
            draft.put_stance(
                replace(
                    theirs,
                    participant_id=stays,
                    voter_class=_class_as(draft, theirs.voter_class, stays),
                    version=0,
                )
            )
        draft.put_stance(replace(theirs, value=0, version=0))


def _later(theirs: BallotRecord | StanceRecord, own: BallotRecord | StanceRecord) -> bool:
    return theirs.cast_at > own.cast_at


def _still_open(draft: Draft, stance: StanceRecord) -> bool:
    """Whether it may still be changed: what is settled or counted in a result stays."""
    if stance.kind is StanceKind.RATING:
        return not is_settled(draft, stance)
    request = draft.state.memory.song_requests.get(stance.subject)
    if request is None or request.status not in SUPPORTABLE:
        return False
    record = draft.state.rounds.get(request.round_id or "")
    return request.round_id is None or (record is not None and record.status in TAKES_VOTES)


def _class_as(draft: Draft, voter_class: str, participant_id: str) -> str:
    """A class of voter and channel as if another participant had spoken through the same door."""
    known, colon, channel = voter_class.rpartition(":")
    if known not in ("audience", "artist", "jury"):
        return voter_class  # of a rating, of an upvote outside of rounds, or held for review
    if participant_id in draft.state.memory.jury:
        return f"jury{colon}{channel}"
    artist = draft.roles.get(participant_id) == Role.ARTIST
    return f"{'artist' if artist else 'audience'}{colon}{channel}"
