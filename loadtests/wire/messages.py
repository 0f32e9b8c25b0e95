"""The room's text messages as this client reads them. Unknown fields are ignored."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

SUBPROTOCOL = "setroom.v1"


class Welcome(Struct, frozen=True, tag="welcome", tag_field="t"):
    """The first message of a socket; ``state`` is empty when ``recovered``."""

    show_id: str
    epoch: str
    seq: int
    recovered: bool
    you: dict[str, Any]
    state: dict[str, Any]


class EventMessage(Struct, frozen=True, tag="event", tag_field="t"):
    """One durable fact of the room's log."""

    seq: int
    name: str
    at: str
    data: dict[str, Any]


class StateMessage(Struct, frozen=True, tag="state", tag_field="t"):
    """The latest value of one state."""

    name: str
    version: int
    data: dict[str, Any]


class Ack(Struct, frozen=True, tag="ack", tag_field="t"):
    """The command is durable."""

    command_id: str
    seq: int
    data: dict[str, Any] = {}


class Reject(Struct, frozen=True, tag="reject", tag_field="t"):
    """The command was not carried out."""

    command_id: str
    code: str
    detail: str = ""
    retryable: bool = False
    retry_after_s: float | None = None


class SetlistSaved(Struct, frozen=True, tag="setlist_saved", tag_field="t"):
    """The first ``received`` Yjs updates of this socket are durable."""

    seq: int
    received: int


class SetlistRefused(Struct, frozen=True, tag="setlist_refused", tag_field="t"):
    """Entries of this socket's update that were repaired, and why."""

    seq: int
    code: str
    entries: list[str] = []
    detail: str = ""


ServerMessage = Welcome | EventMessage | StateMessage | Ack | Reject | SetlistSaved | SetlistRefused

_decoder: msgspec.json.Decoder[ServerMessage] = msgspec.json.Decoder(ServerMessage)
_encoder = msgspec.json.Encoder()


def decode(text: str | bytes) -> ServerMessage:
    """Reads one text frame.

    Raises:
        msgspec.DecodeError: it is no message of the contract.
    """
    return _decoder.decode(text)


def command(command_id: str, name: str, args: dict[str, Any]) -> str:
    """A command message, ready to send as a text frame."""
    message = {"t": "command", "command_id": command_id, "name": name, "args": args}
    return _encoder.encode(message).decode()
