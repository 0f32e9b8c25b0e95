"""``GET /api/shows/{id}/stream``: the room's messages as server-sent events.

The same opening, the same hub and the same bounds as a socket; what differs is the wording
(`rooms.fanout.event_stream`) and that nothing is said upwards: commands go by ``POST …/commands``.
"""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any, Final

import structlog
from msgspec import Struct

from rooms import limits
from rooms.fanout import event_stream
from rooms.messages import CloseCode
from rooms.participants import Participant
from rooms.ports import LogUnavailable
from rooms.room import Room
from rooms.sessions.opening import open_socket
from server.doors.connection import StreamConnection
from server.egress.streams import Receive, Send, Stream, stream_of
from server.head import IS_HEAD
from server.problems import ApiError
from server.rooms.joins import JOINED, RESUMED, outcome_of
from server.rooms.sessions import SessionWatch
from server.rooms.socket import Rooms

log = structlog.get_logger(__name__)

HEADERS: Final = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    # Neither kept, nor compressed or otherwise held back by what lies in between.
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
    # A stream ends with its connection: nothing else is asked for over it.
    (b"connection", b"close"),
)


class Visitor(Struct, frozen=True):
    """Who opens a stream, and what it hangs on.

    Attributes:
        by_ticket: ``ticket_id`` was shown; another connection opened with it is replaced.
    """

    participant: Participant
    session_id: str
    ticket_id: str
    by_ticket: bool


class Place(Struct, frozen=True):
    """Where a client stands in the log; nowhere: it wants the whole room."""

    since: int | None = None
    epoch: str | None = None


class Streams:
    """Serves event streams of this node's rooms."""

    def __init__(
        self, rooms: Rooms, watch: SessionWatch, joins: Counter[str] | None = None
    ) -> None:
        self._rooms = rooms
        self._joins: Counter[str] = Counter() if joins is None else joins
        self._watch = watch
        self._random = Random()

    async def serve(
        self, scope: Any, receive: Receive, send: Send, show_id: str, who: Visitor, place: Place
    ) -> None:
        """One response, until it ends.

        Raises:
            ApiError, RoomError, LogUnavailable: before the response began.
        """
        room = await self._rooms.enter(show_id)
        try:
            if room.is_removed(who.participant.participant_id):
                raise ApiError(403, "removed", "You were removed from this room.")
            await room.admit(who.participant)
            await send({"type": "http.response.start", "status": 200, "headers": [*HEADERS]})
            if not _is_head(scope):
                await self._talk(stream_of(scope, receive, send), room, who, place)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._rooms.leave(room)

    async def _talk(self, stream: Stream, room: Room, who: Visitor, place: Place) -> None:
        spread = self._random.uniform(0.5, 1.5)
        stream.write(event_stream.PADDING + event_stream.retry(limits.STREAM_RETRY_S * spread))
        connection = StreamConnection(
            stream,
            participant=who.participant,
            session_id=who.session_id,
            ticket_id=who.ticket_id,
        )
        self._watch.opened(who.session_id)
        try:
            await self._open(connection, room, who, place)
            await stream.run()
        finally:
            self._watch.closed(who.session_id)
            room.hub.detach(connection)

    async def _open(
        self, connection: StreamConnection, room: Room, who: Visitor, place: Place
    ) -> None:
        try:
            opened = await open_socket(room, connection, place.since, place.epoch)
        except (LogUnavailable, OSError):
            self._joins[outcome_of(CloseCode.TRY_LATER)] += 1
            connection.close(CloseCode.TRY_LATER, "try again later")
            return
        if opened:
            self._joins[JOINED if place.since is None else RESUMED] += 1
        if opened and who.by_ticket:
            room.announcements.opened(who.ticket_id, who.participant.participant_id)


def _is_head(scope: Any) -> bool:
    """Whether only the headers are asked for."""
    return bool(scope.get("state", {}).get(IS_HEAD))
