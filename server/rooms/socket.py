"""The door: a handshake with a ticket becomes a session in a room.

Plain ASGI, because a socket lives for hours: what a framework keeps per request is kept per
socket here. A refusal is said by accepting and closing with a code, which is the only way that a
browser's page learns why; a page of another origin is refused before that.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from random import Random
from typing import Any, Protocol
from uuid import UUID

import structlog

from rooms import limits
from rooms.errors import RoomError
from rooms.fanout.speech import Speech
from rooms.messages import CloseCode
from rooms.participants import Participant
from rooms.ports import Clock, LogUnavailable, RoomBus
from rooms.room import Room
from rooms.sessions.allowance import Allowances
from rooms.sessions.session import Session
from rooms.tasks import end
from server.egress.fallback import AsgiEgress
from server.egress.port import Egress
from server.rooms import asgi
from server.rooms.asgi import Receive, Scope, Send
from server.rooms.connection import SocketConnection
from server.rooms.drain import drain, turn_away
from server.rooms.joins import FOREIGN_ORIGIN, JOINED, RESUMED, outcome_of
from server.rooms.sessions import SessionWatch
from server.rooms.visit import Reading, Visit
from server.security.tickets import TicketRefused

log = structlog.get_logger(__name__)

_CANONICAL = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch


class Grant(Protocol):
    """Who a ticket lets in, and what the socket hangs on."""

    @property
    def participant(self) -> Participant: ...
    @property
    def session_id(self) -> str: ...
    @property
    def ticket_id(self) -> str: ...


class Refusal(Exception):
    """A socket that is not let in. ``code`` is a close code, ``reason`` a stable word."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Tickets(Protocol):
    """The part of `server.security.tickets.TicketService` that the door needs."""

    async def redeem(self, ticket: str, show_id: str) -> Grant:
        """Raises `TicketRefused`."""
        ...


class Rooms(Protocol):
    """The part of `rooms.node.Node` that the door needs."""

    node_id: str
    bus: RoomBus

    @property
    def rooms(self) -> list[Room]: ...
    async def enter(self, show_id: str) -> Room: ...
    def leave(self, room: Room) -> None: ...


class SocketDoor:
    """An ASGI application for ``/rooms/{show_id}``.

    Args:
        rooms: this node's rooms.
        tickets: who may come in.
        watch: closes the sockets of sessions that are over.
        clock: the node's.
        allowances: rate limits per participant, shared with the other doors of the node.
        origins: origins of pages on other hosts that may open sockets.
        joins: counts attempts to come in, by outcome (`server.rooms.joins`).
        following: what reads from a session where frames are traced; ``None``: nobody traces.
    """

    def __init__(
        self,
        *,
        rooms: Rooms,
        tickets: Tickets,
        watch: SessionWatch,
        clock: Clock,
        allowances: Allowances,
        origins: frozenset[str] = frozenset(),
        joins: Counter[str] | None = None,
        following: Callable[[Session], Reading] | None = None,
    ) -> None:
        self._rooms = rooms
        self._tickets = tickets
        self._watch = watch
        self._clock = clock
        self._allowances = allowances
        self._origins = origins
        self._joins: Counter[str] = Counter() if joins is None else joins
        self._following = following
        self._random = Random()
        self._draining = False

    def retire(self) -> None:
        """Lets nobody in any more. Whoever is here stays for now."""
        self._draining = True

    async def drain(self) -> None:
        """Lets nobody in any more and sends everybody away, spread over some seconds."""
        self.retire()
        rooms = self._rooms.rooms
        for room in rooms:
            room.hub.polls.answer_all()
        closed = await drain([room.hub for room in rooms], self._clock, self._random)
        log.info("sockets_drained", closed=closed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send, show_id: str) -> None:
        """Serves one socket until it ends."""
        await receive()  # websocket.connect
        if not asgi.origin_is_allowed(scope, self._origins):
            self._joins[FOREIGN_ORIGIN] += 1
            await send({"type": "websocket.close", "code": CloseCode.NOT_ALLOWED})
            return
        query = asgi.query_of(scope)
        try:
            async with asyncio.timeout(limits.UNAUTHENTICATED_SOCKET_S):
                grant, room = await self._admit(query, show_id)
        except Refusal as refusal:
            self._joins[outcome_of(refusal.code)] += 1
            if refusal.code == CloseCode.RESTARTING and await turn_away(send, scope):
                return
            await asgi.refuse(send, scope, refusal.code, refusal.reason)
            return
        except TimeoutError:
            self._joins[outcome_of(CloseCode.TRY_LATER)] += 1
            await asgi.refuse(send, scope, CloseCode.TRY_LATER, "try again later")
            return
        await self._serve(scope, receive, send, grant, room, query)

    async def _admit(self, query: Mapping[str, str], show_id: str) -> tuple[Grant, Room]:
        if self._draining:
            wait_s = self._random.uniform(0.0, 5.0)
            raise Refusal(CloseCode.RESTARTING, f"reconnect_in={wait_s:.1f}s")
        known_id = show_id
        if not _CANONICAL(show_id):
            try:
                known_id = str(UUID(show_id))
            except ValueError:
                raise Refusal(CloseCode.NO_SUCH_ROOM, "no such room") from None
        ticket = query.get("ticket")
        if not ticket:
            raise Refusal(CloseCode.TICKET_EXPIRED, "no ticket")
        try:
            grant = await self._tickets.redeem(ticket, known_id)
            room = await self._rooms.enter(known_id)
        except TicketRefused as refused:
            raise Refusal(refused.close_code, refused.code) from None
        except RoomError:
            raise Refusal(CloseCode.NO_SUCH_ROOM, "no such room") from None
        except (LogUnavailable, OSError):
            raise Refusal(CloseCode.TRY_LATER, "try again later") from None
        if room.is_removed(grant.participant.participant_id):
            self._rooms.leave(room)
            raise Refusal(CloseCode.REMOVED, "removed")
        return grant, room

    async def _serve(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        grant: Grant,
        room: Room,
        query: Mapping[str, str],
    ) -> None:
        leave = partial(self._left, grant.session_id, room)
        self._watch.opened(grant.session_id)
        try:
            text = asgi.wants_text(scope)
            listen = asgi.listen_of(scope)
            await asgi.accept(send, text=text, hold=listen is not None)
            fast = asgi.egress_of(scope)
            fallback = AsgiEgress(send) if fast is None else None
            egress = fast or fallback
            assert egress is not None
            connection = SocketConnection(
                egress,
                participant=grant.participant,
                session_id=grant.session_id,
                ticket_id=grant.ticket_id,
                speech=Speech.ROOM if text else Speech.YJS,
            )
            session = self._session(room, connection, egress)
        except BaseException:
            leave()
            raise
        reading = None if self._following is None else self._following(session)
        visit = Visit(session, reading, leave)
        try:
            if fallback is None:
                await self._open(session, connection, room, query)
                if listen is None:
                    await visit.listen(receive)
            else:
                talk = self._talk(session, connection, room, query, visit, receive)
                await _first_of(talk, fallback.run())
        except BaseException:
            visit.closed()
            raise
        if listen is None:
            visit.closed()
        else:
            # Also where it was not let in after all: the end of the socket is on its way to it.
            listen(visit)

    def _session(self, room: Room, connection: SocketConnection, egress: Egress) -> Session:
        allowance = self._allowances.of(
            room.show_id, connection.participant.participant_id, self._clock.monotonic()
        )
        return Session(room, connection, self._clock, allowance, egress.waited_s)

    def _left(self, session_id: str, room: Room) -> None:
        self._watch.closed(session_id)
        self._rooms.leave(room)

    async def _open(
        self,
        session: Session,
        connection: SocketConnection,
        room: Room,
        query: Mapping[str, str],
    ) -> None:
        since, epoch = _place(query)
        try:
            opened = await session.open(since, epoch)
        except (LogUnavailable, OSError):
            self._joins[outcome_of(CloseCode.TRY_LATER)] += 1
            connection.close(CloseCode.TRY_LATER, "try again later")
            return
        if opened:
            self._joins[JOINED if since is None else RESUMED] += 1
            participant_id = connection.participant.participant_id
            room.announcements.opened(connection.ticket_id, participant_id)

    async def _talk(
        self,
        session: Session,
        connection: SocketConnection,
        room: Room,
        query: Mapping[str, str],
        visit: Visit,
        receive: Receive,
    ) -> None:
        await self._open(session, connection, room, query)
        await visit.listen(receive)


async def _first_of(talk: Coroutine[Any, Any, None], write: Coroutine[Any, Any, None]) -> None:
    """Runs both until one ends, then ends the other; an error of either is the caller's."""
    tasks = (asyncio.ensure_future(talk), asyncio.ensure_future(write))
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await end(tasks)
    for task in tasks:
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Exception):
            raise error


def _place(query: Mapping[str, str]) -> tuple[int | None, str | None]:
    """``since`` and ``epoch``; what cannot be read means: from a snapshot."""
    since = query.get("since", "")
    number = int(since) if since.isascii() and since.isdigit() and len(since) < 19 else None
    return number, query.get("epoch")
