"""A telephone line between a browser and a node: slow, far away, and sometimes cut.

A TCP proxy shapes all connections together, in both directions, with the delay of a round trip
on the handshake as well. What a browser's own emulation leaves out is shaped too: sockets, and
what the service worker fetches.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Profile:
    """A kind of line. ``down`` and ``up`` in bytes per second, ``rtt_s`` in seconds."""

    down: float
    up: float
    rtt_s: float


SLOW_3G: Final = Profile(down=400_000 / 8, up=400_000 / 8, rtt_s=0.4)
"""WebPageTest's "Slow 3G": 400 kbit/s both ways, 400 ms there and back."""

PIECE_BYTES: Final = 1_400
"""What is sent at once: a packet."""


class _Direction:
    """One direction of the line, shared by all connections. Bytes leave one after the other, and
    arrive half a round trip later."""

    def __init__(self, bytes_per_s: float, delay_s: float) -> None:
        self._bytes_per_s = bytes_per_s
        self._delay_s = delay_s
        self._free_at = 0.0
        self.passed = 0

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(maxsize=512)

        async def arrive() -> None:
            while True:
                at, piece = await on_the_way.get()
                await asyncio.sleep(max(0.0, at - time.monotonic()))
                if not piece:
                    writer.write_eof()
                    return
                writer.write(piece)
                await writer.drain()

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(arrive())
            while piece := await reader.read(PIECE_BYTES):
                self.passed += len(piece)
                self._free_at = (
                    max(time.monotonic(), self._free_at) + len(piece) / self._bytes_per_s
                )
                await asyncio.sleep(max(0.0, self._free_at - time.monotonic()))
                await on_the_way.put((self._free_at + self._delay_s, piece))
            await on_the_way.put((time.monotonic() + self._delay_s, b""))


class SlowLine:
    """The line, once it is up: `running_line`.

    Attributes:
        url: where a browser reaches the node through it.
    """

    def __init__(self, target_url: str, profile: Profile) -> None:
        target = urlsplit(target_url)
        assert target.hostname and target.port
        self._target = (target.hostname, target.port)
        self._profile = profile
        self._down = _Direction(profile.down, profile.rtt_s / 2)
        self._up = _Direction(profile.up, profile.rtt_s / 2)
        self._open: set[asyncio.StreamWriter] = set()
        self._cut = False
        self._loop = asyncio.new_event_loop()
        self.url = ""

    @property
    def bytes_down(self) -> int:
        """What has come to the browser."""
        return self._down.passed

    @property
    def bytes_up(self) -> int:
        """What has gone to the node."""
        return self._up.passed

    def cut(self) -> None:
        """Breaks every connection, and refuses new ones."""
        self._loop.call_soon_threadsafe(self._break)

    def mend(self) -> None:
        """Lets connections through again."""
        self._loop.call_soon_threadsafe(setattr, self, "_cut", False)

    def _break(self) -> None:
        self._cut = True
        for writer in list(self._open):
            writer.transport.abort()

    async def _serve(self, started: threading.Event, ended: asyncio.Event) -> None:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        started.set()
        async with server:
            await ended.wait()
            self._break()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._cut:
            writer.transport.abort()
            return
        self._open.add(writer)
        try:
            # Loopback's handshake takes no time; over the line it takes a round trip.
            await asyncio.sleep(self._profile.rtt_s)
            up_reader, up_writer = await asyncio.open_connection(*self._target)
            self._open.add(up_writer)
            with suppress(ExceptionGroup):
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._up.carry(reader, up_writer))
                    tasks.create_task(self._down.carry(up_reader, writer))
            up_writer.transport.abort()
            self._open.discard(up_writer)
        except OSError:
            pass
        finally:
            writer.transport.abort()
            self._open.discard(writer)


@contextmanager
def running_line(target_url: str, profile: Profile = SLOW_3G) -> Iterator[SlowLine]:
    """A line to a node, in a thread of its own."""
    line = SlowLine(target_url, profile)
    started, ended = threading.Event(), asyncio.Event()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: line._loop) as runner:
            runner.run(line._serve(started, ended))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert started.wait(30)
    try:
        yield line
    finally:
        line._loop.call_soon_threadsafe(ended.set)
        thread.join(30)
