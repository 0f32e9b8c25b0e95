"""What phones and nodes say to each other, as far as a phone looks at it."""

from __future__ import annotations

import msgspec


class Said(msgspec.Struct):
    """Any message of a room, as far as a phone looks at it."""

    t: str
    seq: int = 0
    name: str = ""
    version: int = 0
    data: msgspec.Raw = msgspec.Raw(b"{}")
    command_id: str = ""
    code: str = ""
    retryable: bool = False
    retry_after_s: float | None = None
    recovered: bool = False
    epoch: str = ""
    state: msgspec.Raw = msgspec.Raw(b"{}")
    received: int = 0


class _VoteArgs(msgspec.Struct):
    round_id: str = ""


class Given(msgspec.Struct):
    """A command that waits for its answer, as far as a phone looks at it."""

    name: str
    args: _VoteArgs

    @property
    def votes(self) -> bool:
        """Whether it is somebody's word on a round."""
        return self.name in ("cast_vote", "withdraw_vote")


decode_given = msgspec.json.Decoder(Given).decode
decode_said = msgspec.json.Decoder(Said).decode


class _About(msgspec.Struct):
    round_id: str = ""
    entry_id: str = ""


_decode_about = msgspec.json.Decoder(_About).decode


def about(data: msgspec.Raw) -> str:
    """What a state or an event is about."""
    found = _decode_about(data)
    return found.round_id or found.entry_id
