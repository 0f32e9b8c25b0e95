"""Bodies of the doors without a socket."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from rooms.messages import EventMessage, StateMessage
from rooms.sessions.envelopes import COMMAND_ID_CHARACTERS_MAX
from rooms.states import RoomSnapshot, You


class PollBody(Struct, frozen=True):
    """``GET …/poll``. ``events`` and ``states`` are the socket's messages; ``state`` (the whole
    room) comes when ``recovered`` is false. ``cursor`` goes into the next poll as it is."""

    epoch: str
    seq: int
    recovered: bool
    cursor: str
    events: list[EventMessage]
    states: list[StateMessage]
    you: You | None = None
    state: RoomSnapshot | None = None


class StreamEnd(Struct, frozen=True):
    """The data of a stream's last event, ``close``: what a socket is closed with."""

    code: int
    reason: str


class CommandBody(Struct, frozen=True):
    """``POST …/commands``: what a socket's ``command`` message says."""

    command_id: Annotated[str, Meta(max_length=COMMAND_ID_CHARACTERS_MAX)]
    name: Annotated[str, Meta(max_length=64)]
    args: Any = field(default_factory=dict)


class CommandView(Struct, frozen=True, tag="ack", tag_field="t"):
    """The ack of a command, as a socket says it."""

    command_id: str
    seq: int
    data: dict[str, Any]
