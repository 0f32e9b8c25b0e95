"""The way out of an event stream: already encoded messages, handed to many responses.

As with sockets (`server.egress.port`), a fan-out costs one call and one write per receiver. Under
our own HTTP protocol the bytes go straight to the transport as HTTP/1.1 chunks; the chunk around
them is made once for all receivers of the same bytes. Under any other server a task per stream
writes by ASGI ``send``.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from server.egress.bulk import write_to_all
from server.egress.outlet import Outlet
from server.egress.port import NO_OUTLET

EXTENSION = "setroom.stream"
"""Key in an ASGI HTTP scope's ``extensions``; its value makes the request's `FastStream`."""

CLOSE_TIMEOUT_S = 5.0
"""A peer that does not take the end of its stream in this time is dropped."""

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


class Stream(Protocol):
    """One response's body. Usable once ``http.response.start`` was sent."""

    @property
    def is_open(self) -> bool:
        """Neither ended nor lost."""
        ...

    @property
    def outlet(self) -> int:
        """What `write_chunk_to_all` knows it by, while it is open and has no backlog; otherwise
        `NO_OUTLET`."""
        ...

    def watch(self, changed: Callable[[Any], None] | None, subject: Any = None) -> None:
        """Calls back with ``subject``, at once, when `outlet` becomes something else."""
        ...

    def finish(self, data: bytes, taken: int) -> int:
        """Writes what `write_chunk_to_all` could not, ``taken`` being what it could, before
        anything else. Returns the backlog after it, in bytes."""
        ...

    def write(self, data: bytes) -> int:
        """Queues bytes; nothing once it has ended. Returns the backlog after it, in bytes."""
        ...

    def backlog(self) -> int:
        """Bytes that were written and that the peer's system has not taken yet."""
        ...

    def end(self) -> None:
        """Nothing follows what is queued."""
        ...

    def abort(self) -> None:
        """Drops the connection now, with what is queued."""
        ...

    async def run(self) -> None:
        """Returns when the stream was ended, aborted or lost."""
        ...


class _Chunks:
    """The chunk (RFC 9112 section 7.1) of what was written last, for the next receiver of it."""

    def __init__(self) -> None:
        self._data = self._chunk = b""

    def of(self, data: bytes) -> bytes:
        if data is not self._data:
            self._data, self._chunk = data, b"%x\r\n%b\r\n" % (len(data), data)
        return self._chunk


_chunk_of = _Chunks().of


def write_chunk_to_all(outlets: Sequence[int], data: bytes) -> Sequence[tuple[int, int]]:
    """The same bytes to many streams, as one chunk, by `server.egress.bulk.write_to_all`; what was
    taken is counted in bytes of the chunk. An empty one would be the last."""
    return write_to_all(outlets, _chunk_of(data)) if data else ()


class FastStream(Outlet):
    """Straight to the transport of a chunked HTTP/1.1 response."""

    __slots__ = ("_loop", "_over", "_size", "_write", "is_open")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(transport)
        self._loop = loop
        self._write = transport.write
        self._size = transport.get_write_buffer_size
        self._over: asyncio.Future[None] = loop.create_future()
        self.is_open = True
        self._find_outlet()

    def write(self, data: bytes) -> int:
        """As one chunk. An empty one would be the last (RFC 9112 section 7.1)."""
        if not self.is_open or not data:
            return 0
        self._write(_chunk_of(data))
        return self._size()

    def finish(self, data: bytes, taken: int) -> int:
        """The rest of the chunk."""
        if not self.is_open:
            return 0
        self._write(_chunk_of(data)[taken:])
        return self._size()

    def backlog(self) -> int:
        """Bytes in the transport's buffer."""
        return self._size() if self.is_open else 0

    def end(self) -> None:
        """The application ends the response; whoever does not take it is dropped."""
        if self.is_open:
            self._loop.call_later(CLOSE_TIMEOUT_S, self._transport.abort)
        self.lost()

    def abort(self) -> None:
        """Drops the connection."""
        self.lost()
        self._transport.abort()

    def lost(self) -> None:
        """Nothing may be written any more."""
        self.is_open = False
        self._shut_outlet()
        if not self._over.done():
            self._over.set_result(None)

    async def run(self) -> None:
        """Waits for the end."""
        await self._over


class AsgiStream:
    """By ASGI messages, for servers without the extension.

    Args:
        receive: the request's; says when the peer is gone.
        send: the response's, after ``http.response.start``.
    """

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._queue: deque[bytes] = deque()
        self._backlog = 0
        self._wake = asyncio.Event()
        self._aborted = asyncio.Event()
        self._deadline: asyncio.TimerHandle | None = None
        self.is_open = True
        self.outlet = NO_OUTLET

    def watch(self, changed: Callable[[Any], None] | None, subject: Any = None) -> None:
        """There is no shorter way, ever."""

    def finish(self, data: bytes, taken: int) -> int:
        """Nothing was taken where there is no outlet."""
        return self.write(data)

    def write(self, data: bytes) -> int:
        """Queues for the writer."""
        if not self.is_open:
            return 0
        self._queue.append(data)
        self._backlog += len(data)
        self._wake.set()
        return self._backlog

    def backlog(self) -> int:
        """Bytes that the server has not taken from the writer yet."""
        return self._backlog

    def end(self) -> None:
        """Behind what is queued; after a while without it."""
        if self.is_open:
            self.is_open = False
            loop = asyncio.get_running_loop()
            self._deadline = loop.call_later(CLOSE_TIMEOUT_S, self.abort)
            self._wake.set()

    def abort(self) -> None:
        """Ends the writer; the application returns."""
        self.is_open = False
        self._aborted.set()

    async def run(self) -> None:
        """Writes until the stream was ended, aborted or lost."""
        tasks = [
            asyncio.ensure_future(work)
            for work in (self._write_all(), self._until_gone(), self._aborted.wait())
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.is_open = False
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if self._deadline is not None:
                self._deadline.cancel()

    async def _until_gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _write_all(self) -> None:
        try:
            while self._queue or self.is_open:
                while self._queue:
                    data = self._queue.popleft()
                    message = {"type": "http.response.body", "body": data, "more_body": True}
                    await self._send(message)
                    self._backlog -= len(data)
                self._wake.clear()
                if self.is_open:
                    await self._wake.wait()
        except (OSError, RuntimeError):
            return  # the peer is gone


def stream_of(scope: Any, receive: Receive, send: Send) -> Stream:
    """The way out of one response, the fastest that its server has."""
    make = (scope.get("extensions") or {}).get(EXTENSION)
    if make is None:
        return AsgiStream(receive, send)
    stream: FastStream = make()
    return stream
