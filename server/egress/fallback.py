"""The same interface over plain ASGI ``send``, for servers without the extension.

One task writes in order. What is queued is bounded by whoever looks at `AsgiEgress.backlog`,
as with the fast way; each frame is handed over as a message of its own, because ASGI has no
encoded frames.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from rooms.fanout.framing import split_frames
from server.egress.port import NO_OUTLET, shortened

Send = Callable[[Any], Awaitable[None]]
"""ASGI ``send``; messages are typed dicts of the server's or framework's own."""

CLOSE_TIMEOUT_S = 5.0


class AsgiEgress:
    """One socket's way out by ASGI messages. `run` must be running while it is used.

    Args:
        send: the socket's ASGI ``send``, after ``websocket.accept``.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._queue: deque[bytes] = deque()
        self._backlog = 0
        self._closing: tuple[int, str] | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._wake = asyncio.Event()
        self._aborted = asyncio.Event()
        self.is_open = True
        self.outlet = NO_OUTLET

    def watch(self, changed: Callable[[Any], None] | None, subject: Any = None) -> None:
        """There is no shorter way, ever."""

    def write(self, frames: bytes) -> int:
        """Queues frames for the writer."""
        if not self.is_open:
            return 0
        self._queue.append(frames)
        self._backlog += len(frames)
        self._wake.set()
        return self._backlog

    def waited_s(self) -> float:
        """Another server's socket is out of reach."""
        return 0.0

    def backlog(self) -> int:
        """Bytes that the server has not taken from the writer yet."""
        return self._backlog

    def close(self, code: int, reason: str = "") -> None:
        """Closes behind what is queued; after a while without it."""
        if not self.is_open:
            return
        self.is_open = False
        self._closing = (code, shortened(reason))
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(CLOSE_TIMEOUT_S, self.abort)
        self._wake.set()

    def abort(self) -> None:
        """Ends the writer: the application returns, and the server drops the socket."""
        self.is_open = False
        self._aborted.set()

    async def run(self) -> None:
        """Writes until the socket is closed, aborted or lost."""
        writing = asyncio.ensure_future(self._write_all())
        aborted = asyncio.ensure_future(self._aborted.wait())
        try:
            await asyncio.wait({writing, aborted}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.is_open = False
            for task in (writing, aborted):
                task.cancel()
            await asyncio.gather(writing, aborted, return_exceptions=True)
            if self._deadline is not None:
                self._deadline.cancel()

    async def _write_all(self) -> None:
        try:
            while True:
                while self._queue:
                    frames = self._queue.popleft()
                    for is_text, payload in split_frames(frames):
                        await self._send(_message(is_text, payload))
                    self._backlog -= len(frames)
                if self._closing is not None:
                    code, reason = self._closing
                    await self._send({"type": "websocket.close", "code": code, "reason": reason})
                    return
                self._wake.clear()
                await self._wake.wait()
        except (OSError, RuntimeError):
            return  # the socket is gone; ASGI says so by an error from `send`


def _message(is_text: bool, payload: bytes) -> dict[str, object]:
    if is_text:
        return {"type": "websocket.send", "text": payload.decode()}
    return {"type": "websocket.send", "bytes": payload}
