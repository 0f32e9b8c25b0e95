"""One proxy for every fault of a network: slow, far away, cut, cut half-way, silent, half open.

A TCP proxy in front of anything that listens (a node, PostgreSQL, Valkey). What it does to the
bytes is set while it runs:

==============  ==================================================================================
fault           what both sides see
==============  ==================================================================================
`cut`           every connection ends with a reset, and new ones are refused, until `mend`
`reset`         every connection ends with a reset; new ones pass
`silence`       connections are accepted and stay open, and nothing passes, until `mend`
`half_open`     the server's sides end; clients are told nothing, ever. New connections pass
`lead_to`       connections end with a reset; new ones reach another server
`cut_after`     so many bytes more pass in one direction, in the middle of whatever they are, then
                as `cut` (or as `reset`)
`shape`         bytes leave at a rate and arrive later; the handshake takes a round trip as well
==============  ==================================================================================
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass
from enum import Enum
from types import TracebackType
from urllib.parse import urlsplit

PIECE_BYTES = 64 * 1024
"""Read at once on a line without a rate."""

SHAPED_PIECE_BYTES = 1_400
"""What is sent at once on a line with one: a packet."""

ON_THE_WAY_MAX = 512
"""Pieces of one connection and direction that have left and not arrived."""

CONNECT_TIMEOUT_S = 5.0


class Way(Enum):
    """A direction, as the client sees it."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of line. ``down`` and ``up`` in bytes per second (``None``: without a bound),
    ``rtt_s`` in seconds."""

    down: float | None = None
    up: float | None = None
    rtt_s: float = 0.0


SLOW_3G = Shape(down=400_000 / 8, up=400_000 / 8, rtt_s=0.4)
"""WebPageTest's "Slow 3G": 400 kbit/s both ways, 400 ms there and back."""

PERFECT = Shape()


class _Direction:
    """One direction of the line, shared by all connections: bytes leave one after the other."""

    def __init__(self) -> None:
        self.bytes_per_s: float | None = None
        self.delay_s = 0.0
        self.passed = 0
        self.left: int | None = None
        """Bytes that may still pass before everything is cut."""
        self._free_at = 0.0

    @property
    def piece_bytes(self) -> int:
        return PIECE_BYTES if self.bytes_per_s is None else SHAPED_PIECE_BYTES

    async def leave(self, count: int) -> float:
        """Waits until ``count`` bytes have left; returns when they arrive, on the steady clock."""
        self.passed += count
        if self.bytes_per_s is None:
            return time.monotonic() + self.delay_s
        self._free_at = max(time.monotonic(), self._free_at) + count / self.bytes_per_s
        free_at = self._free_at
        await asyncio.sleep(max(0.0, free_at - time.monotonic()))
        return free_at + self.delay_s


@dataclass(eq=False, slots=True)
class _Connection:
    client: asyncio.StreamWriter
    server: asyncio.StreamWriter | None = None
    severed: bool = False
    """The server's side is gone and the client was not told."""

    def abort(self) -> None:
        self.client.transport.abort()
        if self.server is not None:
            self.server.transport.abort()


class FaultProxy:
    """See the module. Use as ``async with``; `url_of` gives an address by way of it.

    Args:
        target_url: whatever has a host and a port; the rest of it is kept.
    """

    def __init__(self, target_url: str, shape: Shape = PERFECT) -> None:
        self._target_url = target_url
        parts = urlsplit(target_url)
        if parts.hostname is None or parts.port is None:
            raise ValueError("an address with a host and a port")
        self._target = (parts.hostname, parts.port)
        self._up, self._down = _Direction(), _Direction()
        self._rtt_s = 0.0
        self._open: set[_Connection] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._refusing = False
        self._cut_when_done = False
        self._server: asyncio.Server | None = None
        self.port = 0
        self.accepted = 0
        self._own_shape = shape
        self.shape(shape)

    async def __aenter__(self) -> FaultProxy:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        self._flowing.set()
        self.reset()

    @property
    def url(self) -> str:
        """The target's address, by way of this proxy."""
        parts = urlsplit(self._target_url)
        user, at, _ = parts.netloc.rpartition("@")
        return parts._replace(netloc=f"{user}{at}127.0.0.1:{self.port}").geturl()

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._open)

    def bytes_passed(self, way: Way) -> int:
        """What has gone in a direction, since the start."""
        return self._direction(way).passed

    # --- faults -------------------------------------------------------------------------------

    def shape(self, shape: Shape) -> None:
        """From now on the line is of this kind."""
        self._up.bytes_per_s, self._down.bytes_per_s = shape.up, shape.down
        self._up.delay_s = self._down.delay_s = shape.rtt_s / 2
        self._rtt_s = shape.rtt_s

    def cut(self) -> None:
        """Breaks every connection and refuses new ones."""
        self._refusing = True
        self.reset()

    def reset(self) -> None:
        """Breaks every connection; new ones pass."""
        for connection in list(self._open):
            connection.abort()

    def silence(self) -> None:
        """Nothing passes in either direction, and nobody is told."""
        self._flowing.clear()

    def half_open(self) -> None:
        """The server's sides go away, and the clients hear nothing of it: a lost mapping."""
        for connection in list(self._open):
            connection.severed = True
            if connection.server is not None:
                connection.server.transport.abort()

    def cut_after(self, count: int, way: Way, *, refuse: bool = False) -> None:
        """Lets ``count`` bytes more pass in one direction, then breaks every connection.

        Args:
            refuse: new connections are refused afterwards, until `mend`.
        """
        self._direction(way).left = count
        self._cut_when_done = refuse

    def lead_to(self, port: int) -> None:
        """From now on there is another server behind it: an address that moved. Connections to the
        one before end."""
        self._target = (self._target[0], port)
        self.reset()

    def mend(self) -> None:
        """Everything passes again, as on the line that it was made to be. What is half open stays
        so: nobody repairs that."""
        self._refusing = False
        self._up.left = self._down.left = None
        self.shape(self._own_shape)
        self._flowing.set()

    # --- passing ------------------------------------------------------------------------------

    def _direction(self, way: Way) -> _Direction:
        return self._up if way is Way.UP else self._down

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refusing:
            writer.transport.abort()
            return
        self.accepted += 1
        connection = _Connection(writer)
        self._open.add(connection)
        try:
            await self._flowing.wait()
            # Loopback's handshake takes no time; over a line it takes a round trip.
            await asyncio.sleep(self._rtt_s)
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                server_reader, connection.server = await asyncio.open_connection(*self._target)
            if writer.transport.is_closing():
                return
            await self._carry(connection, reader, server_reader)
        except (OSError, TimeoutError):
            pass
        finally:
            self._open.discard(connection)
            connection.abort()

    async def _carry(
        self,
        connection: _Connection,
        from_client: asyncio.StreamReader,
        from_server: asyncio.StreamReader,
    ) -> None:
        assert connection.server is not None
        with contextlib.suppress(ExceptionGroup):
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._pump(self._up, from_client, connection.server))
                tasks.create_task(self._pump(self._down, from_server, connection.client))
        if connection.severed:
            with contextlib.suppress(OSError):
                while await from_client.read(PIECE_BYTES):
                    pass  # It speaks to nobody, and is not told.

    async def _pump(
        self, way: _Direction, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(maxsize=ON_THE_WAY_MAX)

        async def arrive() -> None:
            while True:
                at, piece = await on_the_way.get()
                if (wait_s := at - time.monotonic()) > 0:
                    await asyncio.sleep(wait_s)
                await self._flowing.wait()
                if not piece:
                    if not self._is_severed(writer):
                        writer.write_eof()
                    return
                self._pass_on(way, piece, writer)
                await writer.drain()

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(arrive())
            while piece := await reader.read(way.piece_bytes):
                await on_the_way.put((await way.leave(len(piece)), piece))
            await on_the_way.put((time.monotonic() + way.delay_s, b""))

    def _is_severed(self, writer: asyncio.StreamWriter) -> bool:
        return any(one.severed and one.client is writer for one in self._open)

    def _pass_on(self, way: _Direction, piece: bytes, writer: asyncio.StreamWriter) -> None:
        if way.left is None:
            writer.write(piece)
            return
        writer.write(piece[: way.left])
        way.left -= min(len(piece), way.left)
        if way.left == 0:
            way.left = None
            self._refusing = self._cut_when_done
            # Written, and so sent by the kernel: what came before the cut arrives.
            asyncio.get_running_loop().call_later(0.01, self.reset)
