"""A node with a door on a real port, its log and bus in memory."""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from time import monotonic
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

import msgspec
import uvicorn
from litestar import Litestar
from msgspec import structs
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from rooms.messages import SUBPROTOCOL, CloseCode
from rooms.node import Node
from rooms.participants import Participant, Role
from rooms.room import Room
from rooms.sessions.allowance import Allowances
from server.egress.select import FALLBACK, websocket_protocol
from server.rooms.routes import socket_route
from server.rooms.sessions import SessionWatch
from server.rooms.socket import SocketDoor
from server.security.tickets import Admission, TicketRefused
from storage.rooms.memory import MemoryBusHub, MemoryRoomBus, MemoryRoomLog
from tests.patience import PATIENT_S
from tests.rooms.builders import SHOW_ID, facts, person

ids = (f"0198b000-0000-7000-8000-{number:012x}" for number in itertools.count(1))


def new_id() -> str:
    return next(ids)


def uuid_of(name: str) -> str:
    """The participant id of a name."""
    return str(uuid5(NAMESPACE_DNS, name))


def guest(name: str, role: Role = Role.FAN) -> Participant:
    return structs.replace(person(name, role), participant_id=uuid_of(name))


class WallClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class BookOfTickets:
    """Tickets by name: ``dana`` or, for a further socket of hers, ``dana.2``."""

    def __init__(self) -> None:
        self.people: dict[str, Participant] = {}
        self.over: set[str] = set()

    async def redeem(self, ticket: str, show_id: str) -> Admission:
        name = ticket.split(".")[0]
        if name == "stale" or f"s-{name}" in self.over:
            raise TicketRefused("ticket_expired", CloseCode.TICKET_EXPIRED)
        who = self.people.setdefault(name, guest(name))
        return Admission(participant=who, session_id=f"s-{name}", ticket_id=f"t-{ticket}")

    async def revoked_among(self, session_ids: Collection[str], now: datetime) -> set[str]:
        return self.over & set(session_ids)


class House:
    """One node behind one port."""

    def __init__(self, log: MemoryRoomLog, bus: MemoryRoomBus, tickets: BookOfTickets) -> None:
        self.tickets = tickets
        self.log = log
        self.clock = WallClock()
        self.node = Node(node_id=new_id(), room_log=log, bus=bus, clock=self.clock, new_id=new_id)
        self.watch = SessionWatch(tickets, self.node, self.clock)
        self.door = SocketDoor(
            rooms=self.node,
            tickets=tickets,
            watch=self.watch,
            clock=self.clock,
            allowances=Allowances(),
        )
        self.port = 0

    @property
    def room(self) -> Room:
        return self.node.rooms[0]

    def url(self, ticket: str, show_id: str = SHOW_ID, **query: object) -> str:
        extra = "".join(f"&{key}={value}" for key, value in query.items())
        return f"ws://127.0.0.1:{self.port}/rooms/{show_id}?ticket={ticket}{extra}"

    def connect(
        self,
        ticket: str,
        *,
        text: bool = True,
        show_id: str = SHOW_ID,
        origin: str | None = None,
        sock: socket.socket | None = None,
        **query: object,
    ) -> connect:
        return connect(
            self.url(ticket, show_id, **query),
            origin=origin,  # type: ignore[arg-type]
            sock=sock,
            subprotocols=[SUBPROTOCOL] if text else None,  # type: ignore[list-item]
            compression=None,
            ping_interval=None,
            max_size=None,
            max_queue=None,
        )


@asynccontextmanager
async def house(
    *,
    log: MemoryRoomLog | None = None,
    wire: MemoryBusHub | None = None,
    fast: bool = True,
    send_buffer: int | None = None,
) -> AsyncIterator[House]:
    """Starts a node and its server; ``fast`` is our protocol, otherwise uvicorn's own."""
    if log is None:
        log = MemoryRoomLog()
        roles = {"jerry": "artist", "dana": "fan", "lee": "fan"}
        log.add_show(facts(), {uuid_of(name): role for name, role in roles.items()})
    tickets = BookOfTickets()
    tickets.people["jerry"] = guest("jerry", Role.ARTIST)
    made = House(log, MemoryRoomBus(wire or MemoryBusHub()), tickets)
    app = Litestar([socket_route(made.door)])
    async with running(app, fast=fast, send_buffer=send_buffer) as port:
        made.port = port
        await made.node.start()
        try:
            yield made
        finally:
            await made.door.drain()
            await made.node.stop()


class StartedServer(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


@asynccontextmanager
async def running(
    app: Any, *, fast: bool = True, send_buffer: int | None = None, **options: Any
) -> AsyncIterator[int]:
    """A uvicorn server in this loop; gives its port.

    ``send_buffer``: bytes that the kernel keeps per socket, for receivers that are to fall behind.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    if send_buffer is not None:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
    config = uvicorn.Config(
        app,
        ws=websocket_protocol() if fast else FALLBACK,
        ws_per_message_deflate=False,
        ws_max_size=2 * 1024 * 1024,
        lifespan="off",
        log_level="warning",
        timeout_graceful_shutdown=2,
        **options,
    )
    server = StartedServer(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    await server.up.wait()
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        await task


class Client:
    """A client of the wire protocol, for assertions."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.texts: list[dict[str, Any]] = []
        self.binaries: list[bytes] = []

    async def next(self, t: str) -> dict[str, Any]:
        """The next text message of this kind; what comes before it is kept in ``texts``."""
        while True:
            message = await asyncio.wait_for(self.socket.recv(), PATIENT_S)
            if isinstance(message, bytes):
                self.binaries.append(message)
                continue
            decoded: dict[str, Any] = msgspec.json.decode(message)
            self.texts.append(decoded)
            if decoded["t"] == t:
                return decoded

    async def next_binary(self) -> bytes:
        while True:
            message = await asyncio.wait_for(self.socket.recv(), PATIENT_S)
            if isinstance(message, bytes):
                self.binaries.append(message)
                return message
            self.texts.append(msgspec.json.decode(message))

    async def command(self, name: str, command_id: str | None = None, **args: object) -> None:
        message = {
            "t": "command",
            "command_id": command_id or new_id(),
            "name": name,
            "args": args,
        }
        await self.socket.send(msgspec.json.encode(message).decode())

    async def closed(self) -> tuple[int, str]:
        """Reads to the end; the close code and reason."""
        await asyncio.wait_for(self._drain(), PATIENT_S)
        return self.socket.close_code or 0, self.socket.close_reason or ""

    async def _drain(self) -> None:
        with suppress(ConnectionClosed):
            while True:
                message = await self.socket.recv()
                if isinstance(message, bytes):
                    self.binaries.append(message)
                else:
                    self.texts.append(msgspec.json.decode(message))
