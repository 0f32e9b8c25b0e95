"""The y-websocket protocol: binary frames of sync and awareness messages.

Source: ``PROTOCOL.md`` of y-protocols. A frame is a varuint message type, then for ``sync`` a
varuint step and a length-prefixed payload, for ``awareness`` a length-prefixed payload.
"""

from __future__ import annotations

from dataclasses import dataclass

SYNC = 0
AWARENESS = 1
STEP_1 = 0
STEP_2 = 1
UPDATE = 2
VARUINT_BYTES_MAX = 8
"""Longest varuint read: 56 bits. Lengths and types are far smaller."""


class FramingError(ValueError):
    """The bytes are no y-websocket frame."""


@dataclass(frozen=True, slots=True)
class SyncFrame:
    """One sync message: ``step`` is `STEP_1` (payload: a state vector), `STEP_2` or `UPDATE`."""

    step: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class AwarenessFrame:
    """One awareness update, not looked into."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class OtherFrame:
    """A message type that this client has no use for (auth, query awareness)."""

    kind: int


Frame = SyncFrame | AwarenessFrame | OtherFrame


def varuint(value: int) -> bytes:
    """LEB128 of a non-negative integer.

    Raises:
        ValueError: the value is negative.
    """
    if value < 0:
        raise ValueError("a varuint is not negative")
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def read_varuint(data: bytes, offset: int) -> tuple[int, int]:
    """The varuint at ``offset``, and the offset behind it.

    Raises:
        FramingError: it is cut off or longer than `VARUINT_BYTES_MAX`.
    """
    value = 0
    for index in range(VARUINT_BYTES_MAX):
        if offset + index >= len(data):
            raise FramingError("a varuint is cut off")
        byte = data[offset + index]
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, offset + index + 1
    raise FramingError("a varuint is too long")


def read_payload(data: bytes, offset: int) -> tuple[bytes, int]:
    """The length-prefixed bytes at ``offset``, and the offset behind them.

    Raises:
        FramingError: they are cut off.
    """
    length, start = read_varuint(data, offset)
    if start + length > len(data):
        raise FramingError("a payload is cut off")
    return data[start : start + length], start + length


def sync(step: int, payload: bytes) -> bytes:
    """A sync frame, ready to send."""
    return bytes((SYNC, step)) + varuint(len(payload)) + payload


def awareness(payload: bytes) -> bytes:
    """An awareness frame, ready to send."""
    return bytes((AWARENESS,)) + varuint(len(payload)) + payload


def decode(data: bytes) -> Frame:
    """Reads one frame.

    Raises:
        FramingError: truncated, of an unknown sync step, or with bytes left over.
    """
    kind, offset = read_varuint(data, 0)
    if kind == SYNC:
        step, offset = read_varuint(data, offset)
        if step not in (STEP_1, STEP_2, UPDATE):
            raise FramingError(f"unknown sync step {step}")
        payload, end = read_payload(data, offset)
        frame: Frame = SyncFrame(step, payload)
    elif kind == AWARENESS:
        payload, end = read_payload(data, offset)
        frame = AwarenessFrame(payload)
    else:
        return OtherFrame(kind)
    if end != len(data):
        raise FramingError("bytes are left over behind a frame")
    return frame
