"""What crew does with song requests: accepts, plays, declines them."""

from __future__ import annotations

from typing import Any

from crdt.edits import add_entry
from crdt.errors import EditError
from crdt.ordering import HashedDigits
from crdt.schema import RefusalCode, SetlistEntry
from crdt.verdicts import entry_change
from rooms import limits
from rooms.commands import Envelope, MarkSongRequest
from rooms.decide.chat import clean_text
from rooms.decide.draft import Draft
from rooms.decide.meanwhile import overtaken
from rooms.decide.setlist import keep
from rooms.errors import Refused, unknown
from rooms.events import NowPlayingChanged, SongRequestMarked
from rooms.sessions.refusals import REFUSAL_DETAILS
from rooms.song_requests.placing import entry_for, place_next
from rooms.song_requests.played import played_tonight
from rooms.song_requests.requests import TRANSITIONS, RequestStatus, SongRequest

CAUSE = "song_request"
ENTRY_BYTES = 512
"""More than an entry takes in the document beside its title."""

_IN_THE_LIST = frozenset({RequestStatus.PLAYING, RequestStatus.PLAYED})


def mark_song_request(draft: Draft, envelope: Envelope, command: MarkSongRequest) -> dict[str, Any]:
    """One legal step of a request. What is played is in the setlist with the same commit."""
    request = draft.state.memory.song_requests.get(command.song_request_id)
    if request is None:
        raise unknown("song_request")
    status = RequestStatus(command.status)
    reason = command.reason.strip() and clean_text(command.reason, limits.REASON_CHARACTERS_MAX)
    if status is request.status and (not reason or reason == request.reason):
        return _told(request)
    if status is not request.status and status not in TRANSITIONS[request.status]:
        detail = f"A {request.status} request cannot become {status}."
        raise overtaken(draft, envelope, "illegal_transition", detail, request.song_request_id)
    entry_id = request.entry_id
    if status in _IN_THE_LIST:
        entry_id = _in_the_list(draft, envelope, request, over=status is RequestStatus.PLAYED)
    if status is RequestStatus.PLAYING:
        _play(draft, envelope, entry_id)
    elif request.status is RequestStatus.PLAYING:
        _stop(draft, envelope, request)
    _mark(draft, envelope, request, status, reason=reason, entry_id=entry_id)
    if status is RequestStatus.PLAYING:
        end_what_was_playing(draft, envelope)
    draft.audit(
        envelope,
        "mark_song_request",
        request.song_request_id,
        before={"status": request.status.value},
        after={"status": status.value, "reason": reason},
    )
    return _told(draft.state.memory.song_requests[request.song_request_id])


def end_what_was_playing(draft: Draft, envelope: Envelope) -> None:
    """Marks as played what was playing and no longer is, because crew went on to another song."""
    playing = draft.state.memory.now_playing
    if not envelope.participant.is_crew:
        return
    for request in list(draft.state.memory.song_requests.values()):
        over = request.status is RequestStatus.PLAYING and (
            playing is None or playing.entry_id != request.entry_id
        )
        if over:
            _mark(draft, envelope, request, RequestStatus.PLAYED, entry_id=request.entry_id)


def _mark(
    draft: Draft,
    envelope: Envelope,
    request: SongRequest,
    status: RequestStatus,
    *,
    entry_id: str | None,
    reason: str = "",
) -> None:
    draft.emit(
        SongRequestMarked(
            song_request_id=request.song_request_id,
            status=status.value,
            title=request.title,
            requested_by=request.participant_id,
            marked_by=envelope.participant.participant_id,
            reason=reason,
            entry_id=entry_id,
        ),
        envelope,
    )


def _in_the_list(draft: Draft, envelope: Envelope, request: SongRequest, *, over: bool) -> str:
    """The entry that a played request stands for: one that is there, or a new one."""
    memory = draft.state.memory
    entries = draft.twin.entries()
    played = played_tonight(entries, memory.was_playing, memory.song_requests.values())
    playing = memory.now_playing.entry_id if memory.now_playing else None
    known = entry_for(request, entries, played, playing, over=over)
    if known is not None:
        return known.id
    section, behind = place_next(entries, memory.was_playing)
    entry = SetlistEntry(
        id=draft.new_id(),
        title=request.title,
        song_id=request.song_id,
        section=section,
        added_by=envelope.participant.participant_id,
    )
    _require_room(draft, entry)
    try:
        update = add_entry(draft.twin, entry, HashedDigits(entry.id), behind=behind)
    except EditError as error:
        code = RefusalCode(error.code)
        raise Refused(code.value, REFUSAL_DETAILS[code]) from None
    change = entry_change(entry.id, None, draft.twin.entry(entry.id))
    assert change is not None, "it was just written"
    keep(draft, envelope, update, (change,), cause=CAUSE)
    return entry.id


def _require_room(draft: Draft, entry: SetlistEntry) -> None:
    """What was removed still takes a little room in the document, so it can become full."""
    most = 4 * len(entry.title) + ENTRY_BYTES
    twin = draft.twin
    full = twin.limits.document_bytes_max
    if twin.size_bound + most > full and twin.size + most > full:
        raise Refused("setlist_full", "The setlist's document is full.")


def _play(draft: Draft, envelope: Envelope, entry_id: str | None) -> None:
    playing = draft.state.memory.now_playing
    entry = draft.twin.entry(entry_id) if entry_id is not None else None
    if entry is not None and (playing is None or playing.entry_id != entry.id):
        who = envelope.participant.participant_id
        draft.emit(
            NowPlayingChanged(participant_id=who, entry_id=entry.id, title=entry.title), envelope
        )


def _stop(draft: Draft, envelope: Envelope, request: SongRequest) -> None:
    playing = draft.state.memory.now_playing
    if playing is not None and playing.entry_id == request.entry_id:
        draft.emit(NowPlayingChanged(participant_id=envelope.participant.participant_id), envelope)


def _told(request: SongRequest) -> dict[str, Any]:
    told = {"song_request_id": request.song_request_id, "status": request.status.value}
    return told | ({"entry_id": request.entry_id} if request.entry_id else {})
