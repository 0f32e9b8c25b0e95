"""One socket's part in a room: what it says becomes commands, what it is told becomes frames.

No transport in here: a door hands in whole messages, and a `rooms.fanout.connection.Connection`
takes what is written. The same code runs behind every server and in simulations.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import msgspec

from rooms import limits
from rooms.answers import Answer, SetlistAnswer, reject
from rooms.commands import CastVote, Envelope, WithdrawVote
from rooms.errors import Refused, RoomError, rate_limited
from rooms.fanout import wire
from rooms.fanout.connection import Connection
from rooms.messages import CloseCode
from rooms.ports import Clock
from rooms.sessions.allowance import Allowance
from rooms.sessions.envelopes import COMMAND_ID_CHARACTERS_MAX, wire_envelope
from rooms.sessions.opening import open_socket
from rooms.sessions.session_room import SessionRoom
from rooms.sessions.setlist_session import SetlistSession


class _Sent(msgspec.Struct, frozen=True, tag="command", tag_field="t"):
    """`rooms.messages.CommandMessage`, with its arguments left for the command's own decoder."""

    command_id: str
    name: str
    args: msgspec.Raw = msgspec.Raw(b"{}")


_decode = msgspec.json.Decoder(_Sent).decode


class _OnlyId(msgspec.Struct):
    """What can be saved of a message that is none: the id that its reject names."""

    command_id: str = ""


_decode_id = msgspec.json.Decoder(_OnlyId).decode


_VOTES = (CastVote, WithdrawVote)


class Session:
    """A connection in a room, from its opening to its end.

    `text` and `binary` take a message at once, and give back what has to be awaited before the
    next one is read, if anything. `receive_text` and `receive_bytes` are the same as coroutines.

    Args:
        room: the room, held loaded by whoever made this.
        connection: where frames are written.
        clock: stamps what is received.
        allowance: the participant's, shared by its sockets on this node.
        waited_s: seconds since the newest bytes of this connection reached the machine.
    """

    __slots__ = ("_allowance", "_clock", "_connection", "_room", "_setlist", "_waited_s")

    def __init__(
        self,
        room: SessionRoom,
        connection: Connection,
        clock: Clock,
        allowance: Allowance,
        waited_s: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._room = room
        self._connection = connection
        self._clock = clock
        self._allowance = allowance
        self._waited_s = waited_s
        self._setlist: SetlistSession | None = None

    async def open(self, since: int | None, epoch: str | None) -> bool:
        """Welcomes; see `rooms.sessions.opening.open_socket`."""
        return await open_socket(self._room, self._connection, since, epoch)

    def closed(self) -> None:
        """The socket is gone: the others are told, what it sent is still decided."""
        if self._setlist is not None:
            self._setlist.closed()
        self._room.hub.detach(self._connection)

    async def receive_bytes(self, data: bytes) -> None:
        """One binary message (Yjs). Waiting in here is what pauses the reading."""
        wait = self.binary(data)
        if wait is not None:
            await wait

    async def receive_text(self, text: str) -> None:
        """One text message."""
        wait = self.text(text.encode())
        if wait is not None:
            await wait

    def binary(self, data: bytes) -> Coroutine[Any, Any, None] | None:
        """One binary message (Yjs)."""
        setlist = self._setlist
        if setlist is None:  # whoever only watches by room messages never needs one
            setlist = self._setlist = SetlistSession(
                self._room, self._connection, self._clock, self._allowance
            )
        return setlist.take(data)

    def text(self, text: bytes) -> Coroutine[Any, Any, None] | None:
        """One text message: a command, answered by exactly one ``ack`` or ``reject``."""
        if not self._connection.speech.has_messages:
            self._close(CloseCode.NOT_ALLOWED, "text needs the subprotocol setroom.v1")
            return None
        if len(text) > limits.TEXT_FRAME_BYTES_MAX:
            self._close(CloseCode.TOO_LARGE, "text frame too large")
            return None
        received_at = self._clock.now()
        wait_s = self._allowance.commands.take(self._clock.monotonic())
        command_id = ""
        try:
            message = _read(text)
            command_id = message.command_id
            if wait_s > 0.0:
                raise rate_limited(wait_s)
            envelope = wire_envelope(message, self._connection.participant, received_at)
            self._room.submit(self._as_received(envelope), self._answer)
        except _Unreadable as unreadable:
            self._answer(reject(unreadable.command_id, unreadable.error))
        except RoomError as error:
            self._answer(reject(command_id[:COMMAND_ID_CHARACTERS_MAX], error))
        # Told once per message, and read no faster than allowed: a flood costs its sender.
        return self._clock.sleep(wait_s) if wait_s > 0.0 else None

    def _as_received(self, envelope: Envelope) -> Envelope:
        """A vote that is late was perhaps only read late: then it counts from its arrival."""
        command = envelope.command
        if not isinstance(command, _VOTES):
            return envelope
        if not self._room.has_ended(command.round_id, envelope.received_at):
            return envelope
        arrived_at = envelope.received_at - timedelta(seconds=self._waited_s())
        return msgspec.structs.replace(envelope, received_at=arrived_at)

    def _answer(self, answer: Answer) -> None:
        if not isinstance(answer, SetlistAnswer):
            self._room.hub.send(self._connection, wire.message_frame(answer))

    def _close(self, code: int, reason: str) -> None:
        self._room.hub.close(self._connection, code, reason)


class _Unreadable(Exception):
    def __init__(self, command_id: str) -> None:
        super().__init__("invalid_message")
        self.command_id = command_id
        self.error = Refused("invalid_message", "This is not a command.", status=400)


def _read(text: bytes) -> _Sent:
    try:
        return _decode(text)
    except (msgspec.DecodeError, RecursionError, ValueError):
        pass
    try:
        command_id = _decode_id(text).command_id
    except (msgspec.DecodeError, RecursionError, ValueError):
        command_id = ""
    raise _Unreadable(command_id[:COMMAND_ID_CHARACTERS_MAX])
