"""Messages of a socket handed to whoever listens, by a call: no queue, no task that wakes up.

A room's socket lives for hours and mostly says nothing. A task that waits for its next message
would hold a stack of coroutines, a queue and their events for all that time, and cost more per
message than deciding it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final, Protocol

import structlog

READING = "setroom.reading"
"""Key in an ASGI websocket scope's ``extensions``; its value is a `Listen`."""

HOLD = "setroom.hold"
"""Key in ``websocket.accept``: the answer may wait for what is written first, or for `Listen`."""

log = structlog.get_logger(__name__)

Wait = Coroutine[Any, Any, None]


class Receiver(Protocol):
    """Takes what a peer sends, in order, one message after the other.

    What `text` and `binary` give back is awaited before the next message is handed over.
    """

    def text(self, text: bytes) -> Wait | None:
        """A text message; UTF-8, which was looked at."""
        ...

    def binary(self, data: bytes) -> Wait | None:
        """A binary message."""
        ...

    def closed(self) -> None:
        """The socket has ended, and what came before was handed over. Called once."""
        ...


class _Gone:
    """Who listens to a socket that is gone: nobody."""

    def text(self, text: bytes) -> Wait | None:
        """Unheard."""
        return None

    def binary(self, data: bytes) -> Wait | None:
        """Unheard."""
        return None

    def closed(self) -> None:
        """Known already."""


_GONE: Final = _Gone()


def _nothing() -> None:
    """What is done for a socket that is gone."""


Listen = Callable[[Receiver], None]
"""Hands a socket's reading over, after ``websocket.accept``: the application then returns, and the
socket lives on until either side ends it."""


class Mailbox:
    """uvicorn's queue of messages, for one reader: `asyncio.Queue` is made for more."""

    __slots__ = ("_messages", "_reader")

    def __init__(self) -> None:
        self._messages: list[Any] = []
        self._reader: asyncio.Future[None] | None = None

    def put_nowait(self, message: Any) -> None:
        """One more."""
        self._messages.append(message)
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    def empty(self) -> bool:
        """Whether nothing waits."""
        return not self._messages

    async def get(self) -> Any:
        """The oldest; waits for one."""
        while not self._messages:
            self._reader = asyncio.get_running_loop().create_future()
            await self._reader
        return self._messages.pop(0)

    def take_all(self) -> list[Any]:
        """All that wait."""
        messages, self._messages = self._messages, []
        return messages


class Inlet:
    """Between a protocol and its receiver; stands where uvicorn keeps its queue of messages.

    Args:
        receiver: who listens.
        go_on: called when the receiver can take more, after `take` said that it cannot.
        fail: called when the receiver broke down.
    """

    __slots__ = ("_backlog", "_ended", "_fail", "_go_on", "_receiver", "_work")

    def __init__(
        self, receiver: Receiver, go_on: Callable[[], None], fail: Callable[[], None]
    ) -> None:
        self._receiver: Receiver = receiver
        self._go_on = go_on
        self._fail = fail
        self._backlog: deque[tuple[bool, bytes]] | None = None
        self._work: asyncio.Task[None] | None = None
        self._ended = False

    def take(self, is_text: bool, payload: bytes) -> bool:
        """Hands one message over; what comes while the receiver waits is kept for after that.

        After the end nothing is handed over: what a peer had sent before it knew of it is dropped.

        Returns:
            Whether more may be read now.
        """
        if self._ended:
            return True
        if self._work is not None:
            if self._backlog is None:
                self._backlog = deque()
            self._backlog.append((is_text, payload))
            return False
        try:
            wait = self._receiver.text(payload) if is_text else self._receiver.binary(payload)
        except Exception as error:
            self._broke(error)
            return True  # the peer's answer to the close frame is still to come
        if wait is None:
            return True
        self._work = asyncio.get_running_loop().create_task(self._wait(wait))
        return False

    @property
    def is_waiting(self) -> bool:
        """Whether the receiver cannot take more now."""
        return self._work is not None

    def put_nowait(self, message: Mapping[str, Any]) -> None:
        """What uvicorn says to its queue: the end. Messages come by `take`."""
        if message["type"] == "websocket.disconnect" and not self._ended:
            self._ended = True
            if self._work is None:
                # Not at once: whoever ends a socket may be in the middle of something.
                asyncio.get_running_loop().call_soon(self._close)

    def empty(self) -> bool:
        """As a queue's."""
        return not self._backlog

    async def _wait(self, wait: Wait) -> None:
        try:
            await wait
            while self._backlog:
                is_text, payload = self._backlog.popleft()
                more = self._receiver.text(payload) if is_text else self._receiver.binary(payload)
                if more is not None:
                    await more
        except Exception as error:
            self._broke(error)
        finally:
            self._work = self._backlog = None
            if self._ended:
                self._close()
            else:
                self._go_on()

    def _close(self) -> None:
        # The protocol holds this, and the receiver holds a way to the protocol: by letting go of
        # both ends, a socket that is gone is freed at once, not by the garbage collector.
        receiver, self._receiver = self._receiver, _GONE
        self._go_on = self._fail = _nothing
        receiver.closed()

    def _broke(self, error: Exception) -> None:
        log.exception("socket_failed", error=type(error).__name__, exc_info=error)
        self._fail()
