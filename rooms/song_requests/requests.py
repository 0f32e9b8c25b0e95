"""A song request and its life.

::

    waiting ──> accepted ──> playing ──> played
       └──────────┴────────────┴──> declined        and from each back to waiting
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from rooms.events import SongRequested, SongRequestMarked
from rooms.limits import ENTRIES_MAX

STANDING_QUEUE = ""
"""Key of the show's own queue, where a ``queue`` round has its id."""


class RequestStatus(StrEnum):
    """Where a request stands."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    PLAYING = "playing"
    PLAYED = "played"
    DECLINED = "declined"


_W, _A, _G, _P, _D = RequestStatus

TRANSITIONS: dict[RequestStatus, frozenset[RequestStatus]] = {
    _W: frozenset({_A, _G, _P, _D}),
    _A: frozenset({_W, _G, _P, _D}),
    _G: frozenset({_W, _A, _P}),
    _P: frozenset({_W}),
    _D: frozenset({_W, _A}),
}
"""The only legal steps. Everything can be taken back: crew works on a phone, in the dark."""

UNDECIDED = frozenset({_W, _A})
"""Ranked, and counted against its author's limit."""

SUPPORTABLE = frozenset({_W, _A, _G})
"""May be upvoted."""


class SongRequest(Struct, frozen=True, omit_defaults=True):
    """One wish, as the log tells it. Its support is counted beside it, as stances.

    Attributes:
        number: place among all requests of the show, from 1: who was first.
        round_id: the ``queue`` round, or ``None`` for the show's standing queue.
        reason: what crew said when it was marked.
        entry_id: the setlist entry that it became.
        marked_at: when crew last decided about it.
    """

    song_request_id: str
    participant_id: str
    display_name: str
    title: str
    number: int
    requested_at: datetime
    status: RequestStatus = RequestStatus.WAITING
    song_id: str | None = None
    round_id: str | None = None
    reason: str | None = None
    entry_id: str | None = None
    marked_at: datetime | None = None

    @property
    def queue(self) -> str:
        """Key of the queue that it stands in."""
        return self.round_id or STANDING_QUEUE


def apply(
    requests: dict[str, SongRequest], data: SongRequested | SongRequestMarked, at: datetime
) -> None:
    """Moves a room's requests by one event."""
    match data:
        case SongRequested():
            requests[data.song_request_id] = SongRequest(
                song_request_id=data.song_request_id,
                participant_id=data.participant_id,
                display_name=data.display_name,
                title=data.title,
                number=len(requests) + 1,
                requested_at=at,
                song_id=data.song_id,
                round_id=data.round_id,
            )
        case SongRequestMarked():
            known = requests.get(data.song_request_id)
            if known is not None:
                requests[data.song_request_id] = replace(
                    known,
                    status=RequestStatus(data.status),
                    reason=data.reason or None,
                    entry_id=data.entry_id,
                    marked_at=at,
                )
        case unreachable:
            assert_never(unreachable)


def hand_over(requests: dict[str, SongRequest], author: str, to: str) -> None:
    """One author's requests are another's from now on."""
    for song_request_id, request in list(requests.items()):
        if request.participant_id == author:
            requests[song_request_id] = replace(request, participant_id=to)


def note_playing(was_playing: list[str], entry_id: str | None) -> None:
    """Remembers that an entry was named as being played; the oldest are forgotten beyond what a
    setlist can hold."""
    if entry_id is None:
        return
    if entry_id in was_playing:
        was_playing.remove(entry_id)
    was_playing.append(entry_id)
    del was_playing[:-ENTRIES_MAX]
