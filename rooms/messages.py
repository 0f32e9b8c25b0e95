"""Every text message of the room protocol ``setroom.v1``, in one file.

Client → server is `CommandMessage`; all others go server → client. Binary frames are Yjs and
live in ``crdt.frames``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from rooms.acts import Act
from rooms.states import You

SUBPROTOCOL = "setroom.v1"
PROTOCOL_VERSION = 1


class CommandMessage(Struct, frozen=True, tag="command", tag_field="t"):
    """``{"t":"command","command_id":…,"name":…,"args":{…}}``."""

    command_id: str
    name: str
    args: Any = msgspec.field(default_factory=dict)


class Welcome(Struct, frozen=True, tag="welcome", tag_field="t"):
    """The first message of a socket. ``state`` is ``{}`` when ``recovered``."""

    protocol: int
    show_id: str
    epoch: str
    seq: int
    recovered: bool
    you: You
    state: msgspec.Raw


class EventMessage(Struct, frozen=True, tag="event", tag_field="t"):
    """One log event as one audience gets it."""

    seq: int
    name: str
    at: datetime
    data: msgspec.Raw


class StateMessage(Struct, frozen=True, tag="state", tag_field="t"):
    """The latest value of one state."""

    name: str
    version: int
    data: msgspec.Raw


class Ack(Struct, frozen=True, tag="ack", tag_field="t"):
    """The command is durable. ``seq`` is information; only events move a client's place."""

    command_id: str
    seq: int
    data: dict[str, Any] = msgspec.field(default_factory=dict)


class Reject(Struct, frozen=True, tag="reject", tag_field="t"):
    """The command was not carried out.

    ``meanwhile``: told to crew, where something that was done first is the reason; otherwise
    absent.
    """

    command_id: str
    code: str
    detail: str
    retryable: bool
    retry_after_s: float | None = None
    meanwhile: Act | UnsetType | None = UNSET


class SetlistSaved(Struct, frozen=True, tag="setlist_saved", tag_field="t"):
    """The first ``received`` Yjs updates of this socket are durable."""

    seq: int
    received: int


class SetlistRefused(Struct, frozen=True, tag="setlist_refused", tag_field="t"):
    """Entries of this socket's update that were repaired, and why."""

    seq: int
    code: str
    entries: list[str]
    detail: str


class CloseCode:
    """Close codes: 4000-4399 come back, 4400-4499 do not come back as you are (PROTOCOL)."""

    GOING_AWAY = 1001
    INVALID_DATA = 1007
    INTERNAL_ERROR = 1011
    RESTARTING = 1012
    TRY_LATER = 1013
    TOO_SLOW = 4008
    REPLACED = 4009
    ROLE_CHANGED = 4010
    TOO_MANY = 4029
    TICKET_EXPIRED = 4401
    NOT_ALLOWED = 4403
    NO_SUCH_ROOM = 4404
    REMOVED = 4410
    TOO_LARGE = 4413


ServerMessage = Welcome | EventMessage | StateMessage | Ack | Reject | SetlistSaved | SetlistRefused
