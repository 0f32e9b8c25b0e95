"""The line between the run and one generator process: a few messages each way, MessagePack.

`PipeEnd` is a multiprocessing pipe, `local_pair` a line within one process: small runs and tests
need no processes of their own.
"""

from __future__ import annotations

import asyncio
import contextlib
from multiprocessing.connection import Connection
from typing import Protocol

import msgspec
from msgspec import Struct

from loadtests.kit.recorder import Delta


class Ready(Struct, frozen=True, tag="ready"):
    """This process's crowd is where it begins."""


class Progress(Struct, frozen=True, tag="progress"):
    """What was measured since the last one."""

    delta: Delta


class Note(Struct, frozen=True, tag="note"):
    """A line for whoever watches."""

    text: str


class Finished(Struct, frozen=True, tag="finished"):
    """All was played; ``finding`` is the scenario's own."""

    finding: bytes


class Failed(Struct, frozen=True, tag="failed"):
    """The process could not go on."""

    text: str


class Go(Struct, frozen=True, tag="go"):
    """Everybody begins at this moment of the monotonic clock (one for all processes)."""

    at: float


class Finish(Struct, frozen=True, tag="finish"):
    """Come to an end: nothing more is due."""


class Tell(Struct, frozen=True, tag="tell"):
    """Something of the scenario's own, from the crew's side to the crowd's."""

    topic: str
    body: str


Message = Ready | Progress | Note | Finished | Failed | Go | Finish | Tell

_encode = msgspec.msgpack.Encoder().encode
_decoder: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)

MESSAGES_WAITING_MAX = 1_000


class Closed(Exception):
    """The other side is gone."""


class End(Protocol):
    """One end of a line."""

    def send(self, message: Message) -> None:
        """Hands a message over."""
        ...

    async def receive(self) -> Message:
        """The next message.

        Raises:
            Closed: there will be none.
        """
        ...


class LocalEnd:
    """An end of a line within one process."""

    def __init__(self, inbox: asyncio.Queue[bytes], outbox: asyncio.Queue[bytes]) -> None:
        self._inbox = inbox
        self._outbox = outbox

    def send(self, message: Message) -> None:
        """Hands a message over."""
        self._outbox.put_nowait(_encode(message))

    async def receive(self) -> Message:
        """The next message."""
        return _decoder.decode(await self._inbox.get())


def local_pair() -> tuple[LocalEnd, LocalEnd]:
    """Both ends of a line."""
    one: asyncio.Queue[bytes] = asyncio.Queue(MESSAGES_WAITING_MAX)
    other: asyncio.Queue[bytes] = asyncio.Queue(MESSAGES_WAITING_MAX)
    return LocalEnd(one, other), LocalEnd(other, one)


class PipeEnd:
    """An end of a multiprocessing pipe, read without blocking the loop."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: asyncio.Queue[bytes | None] = asyncio.Queue(MESSAGES_WAITING_MAX)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(connection.fileno(), self._readable)

    def send(self, message: Message) -> None:
        """Hands a message over; messages are small and the other side reads all the time."""
        with contextlib.suppress(BrokenPipeError):
            self._connection.send_bytes(_encode(message))

    async def receive(self) -> Message:
        """The next message.

        Raises:
            Closed: the other side is gone.
        """
        data = await self._waiting.get()
        if data is None:
            raise Closed
        return _decoder.decode(data)

    def close(self) -> None:
        """Hangs up."""
        self._loop.remove_reader(self._connection.fileno())
        self._connection.close()

    def _readable(self) -> None:
        try:
            while self._connection.poll():
                self._waiting.put_nowait(self._connection.recv_bytes())
        except (EOFError, OSError):
            self._loop.remove_reader(self._connection.fileno())
            self._waiting.put_nowait(None)
