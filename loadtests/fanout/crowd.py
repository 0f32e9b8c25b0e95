"""Many receivers in one process: they count what arrives, answer pings, and little else."""

from __future__ import annotations

import asyncio
import time
from array import array
from collections.abc import Callable, Sequence
from functools import partial
from typing import cast

from loadtests.wire.thin_socket import PING, PONG, TEXT, frame_at, handshake, masked

MARK = b'"chat_posted"'
"""What is counted: text frames that hold it."""

REJECT = b'"t":"reject"'
"""What spoils a measurement."""

CONNECTING_AT_ONCE = 64
WAIT_TIMEOUT_S = 60.0


class Crowd:
    """Counts the marked frames of all its receivers.

    Attributes:
        sample: the last marked frame as it came, header included.
        rejected: a command's reject, if there was one.
        sent_at: when the marked frames that arrive now were asked for, by ``perf_counter``.
        latencies: seconds from `sent_at` to each arrival, while it is not ``None``.
    """

    def __init__(self) -> None:
        self.receivers: list[Receiver] = []
        self.counted = 0
        self.lost = 0
        self.sample = b""
        self.rejected = b""
        self.sent_at = 0.0
        self.latencies: array[float] | None = None
        self._goal = 0
        self._reached = asyncio.Event()

    def aim(self, frames: int) -> None:
        """From now on so many marked frames are waited for."""
        self._goal = self.counted + frames
        self._reached.clear()

    async def reached(self) -> None:
        """Waits for them.

        Raises:
            TimeoutError: they did not come; says how many are missing.
            ConnectionError: a receiver was closed, or a command rejected.
        """
        try:
            if self.counted < self._goal:
                await asyncio.wait_for(self._reached.wait(), WAIT_TIMEOUT_S)
        except TimeoutError:
            raise TimeoutError(f"{self._goal - self.counted} frames are missing") from None
        if self.rejected:
            raise ConnectionError(f"rejected: {self.rejected.decode()}")
        if self.lost:
            raise ConnectionError(f"{self.lost} receivers were closed")

    def spoil(self, message: bytes) -> None:
        """A command was rejected: nothing is waited for any more."""
        self.rejected = message
        self._reached.set()

    def count(self, frames: int) -> None:
        """So many more arrived."""
        self.counted += frames
        if self.latencies is not None:
            waited = time.perf_counter() - self.sent_at
            for _ in range(frames):
                self.latencies.append(waited)
        if self.counted >= self._goal:
            self._reached.set()

    async def join(self, port: int, paths: Sequence[str | None]) -> None:
        """Connects one receiver per path; ``None`` is a plain TCP connection."""
        await self.join_as(port, [partial(Receiver, self, path) for path in paths])

    async def join_as(self, port: int, makers: Sequence[Callable[[], Receiver]]) -> None:
        """Connects one receiver of each of these kinds."""
        loop = asyncio.get_running_loop()
        gate = asyncio.Semaphore(CONNECTING_AT_ONCE)

        async def one(make: Callable[[], Receiver]) -> None:
            async with gate:
                _, receiver = await loop.create_connection(make, "127.0.0.1", port)
                await asyncio.wait_for(receiver.welcomed, WAIT_TIMEOUT_S)
                self.receivers.append(receiver)

        await asyncio.gather(*(one(make) for make in makers))

    def leave(self) -> None:
        """Drops all connections."""
        for receiver in self.receivers:
            receiver.over = True
            receiver.transport.abort()
        self.receivers.clear()


class Receiver(asyncio.Protocol):
    """One socket. ``welcomed`` is done with the first message (for plain TCP at once)."""

    transport: asyncio.Transport

    def __init__(self, crowd: Crowd, path: str | None) -> None:
        self.welcomed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.over = False
        self._crowd = crowd
        self._path = path
        self._shaken = path is None
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Sends the handshake."""
        self.transport = cast(asyncio.Transport, transport)
        if self._path is None:
            self.welcomed.set_result(None)
            return
        self.transport.write(handshake("127.0.0.1", self._path))

    def connection_lost(self, exc: Exception | None) -> None:
        """A receiver that is closed by the server spoils the measurement."""
        if not self.over:
            self._crowd.lost += 1
            self._crowd.count(0)
        if not self.welcomed.done():
            self.welcomed.set_exception(exc or ConnectionError("closed before the welcome"))

    def data_received(self, data: bytes) -> None:
        """Takes frames apart as far as needed."""
        self._buffer += data
        if not self._shaken:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            if b" 101 " not in head.split(b"\r\n")[0]:
                self.welcomed.set_exception(ConnectionError(head.decode("latin-1")))
                return
            self._shaken, self._buffer = True, rest
        self._read_frames()

    def send(self, payload: bytes) -> None:
        """One masked text frame."""
        self.transport.write(masked(TEXT, payload))

    def _read_frames(self) -> None:
        buffer, at, marked = self._buffer, 0, 0
        while True:
            frame = frame_at(buffer, at)
            if frame is None:
                break
            opcode, start, end = frame
            if opcode == TEXT:
                if not self.welcomed.done():
                    self.welcomed.set_result(None)
                if buffer.find(MARK, at, end) >= 0:
                    marked += 1
                    self._crowd.sample = buffer[at:end]
                elif buffer.find(REJECT, at, end) >= 0:
                    self._crowd.spoil(buffer[start:end])
            elif opcode == PING:
                self.transport.write(masked(PONG, buffer[start:end]))
            at = end
        self._buffer = buffer[at:]
        if marked:
            self._crowd.count(marked)
