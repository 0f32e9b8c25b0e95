"""From what a door read to the envelope that an actor decides: the same at every door."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Any, Protocol

import msgspec

from rooms.commands import COMMAND_ID_PATTERN, Command, Envelope, decode_command
from rooms.errors import Refused
from rooms.participants import Channel, Participant

COMMAND_ID_CHARACTERS_MAX = 64

_COMMAND_ID = re.compile(COMMAND_ID_PATTERN)
_encoder = msgspec.json.Encoder(order="sorted")


class Said(Protocol):
    """`rooms.messages.CommandMessage`; ``args`` may be as they were sent."""

    @property
    def command_id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def args(self) -> Any: ...


def payload_hash(command: Command) -> bytes:
    """SHA-256 of a command's name and arguments, in one canonical form.

    Taken from what was understood: key order, spaces and unknown fields make no difference.
    """
    return hashlib.sha256(_encoder.encode(command)).digest()


def wire_envelope(
    message: Said,
    participant: Participant,
    received_at: datetime,
    channel: Channel = Channel.WEB,
) -> Envelope:
    """The envelope of a command that came by name.

    Raises:
        Refused: ``invalid_message``, ``unknown_command`` or ``invalid_arguments``.
    """
    if not _COMMAND_ID.fullmatch(message.command_id):
        raise Refused(
            "invalid_message", "A command_id has 1 to 64 printable ASCII characters.", status=400
        )
    command = decode_command(message.name, message.args)
    return Envelope(
        command_id=message.command_id,
        participant=participant,
        received_at=received_at,
        command=command,
        payload_hash=payload_hash(command),
        channel=channel,
    )
