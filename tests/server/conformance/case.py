"""What a case of the conformance table is: bytes that are sent, and all that must come back."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crdt.varint import encode_varuint

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10

NORMAL = 1000
PROTOCOL_ERROR = 1002
INVALID_DATA = 1007
TOO_LARGE = 4413
"""Where RFC 6455 section 7.4.1 has 1009; see `TOO_LARGE_REMARK`."""

TOO_LARGE_REMARK = "4413 for 1009: a stock provider would come back with the same message for ever"

_MASK = b"\x37\xfa\x21\x3d"
"""The one of RFC 6455 section 5.7; masking is tried with others in a family of its own."""


@dataclass(frozen=True)
class Message:
    """A whole data message that comes back."""

    is_text: bool
    payload: bytes


@dataclass(frozen=True)
class Case:
    """One line of the table.

    Args:
        section: of RFC 6455.
        title: what is tried.
        sends: bytes to write, one write after the other.
        messages: data messages that must come back, in order, and no others.
        pongs: payloads of the pongs that must come, in order, and no others.
        ends: what is sent when all of that has come; a normal close where nothing else is said.
        code: of the close frame that must come; ``None``: one without a code.
        reason: of that close frame; ``None``: any.
        remark: why the answer is what it is, where others might expect another.
        everywhere: whether uvicorn's own protocol must answer alike; otherwise it may be later,
            or say it by another code.
    """

    section: str
    title: str
    sends: Sequence[bytes] = ()
    messages: Sequence[Message] = ()
    pongs: Sequence[bytes] = ()
    ends: bytes = b""
    code: int | None = NORMAL
    reason: bytes | None = b""
    remark: str = ""
    everywhere: bool = True


def frame(
    opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, mask: bytes = _MASK
) -> bytes:
    """A client's frame; ``rsv``: the three reserved bits as a number."""
    size = len(payload)
    if size < 126:
        return head(opcode, size, fin=fin, rsv=rsv) + mask + masked(payload, mask)
    form = 2 if size < 65536 else 8
    return head(opcode, size, fin=fin, rsv=rsv, form=form) + mask + masked(payload, mask)


def head(opcode: int, size: int, *, fin: bool = True, rsv: int = 0, form: int = 0) -> bytes:
    """The first bytes of a masked frame, its length in ``form`` further bytes (0, 2 or 8)."""
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    match form:
        case 0:
            return struct.pack("!BB", first, 0x80 | size)
        case 2:
            return struct.pack("!BBH", first, 0xFE, size)
        case _:
            return struct.pack("!BBQ", first, 0xFF, size)


def masked(payload: bytes, mask: bytes) -> bytes:
    """RFC 6455 section 5.3."""
    size = len(payload)
    if not size:
        return b""
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")


def fragments(opcode: int, payload: bytes, size: int) -> Iterator[bytes]:
    """One message in frames of ``size`` payload bytes."""
    pieces = [payload[at : at + size] for at in range(0, len(payload), size)] or [b""]
    for at, piece in enumerate(pieces):
        yield frame(opcode if at == 0 else CONTINUATION, piece, fin=at == len(pieces) - 1)


def chopped(data: bytes, size: int) -> tuple[bytes, ...]:
    """The same bytes in writes of ``size``."""
    return tuple(data[at : at + size] for at in range(0, len(data), size))


def close(code: int | None = None, reason: bytes = b"") -> bytes:
    """A close frame."""
    return frame(CLOSE, (b"" if code is None else struct.pack("!H", code)) + reason)


def text(payload: bytes) -> Message:
    """A text message that comes back."""
    return Message(True, payload)


def binary(payload: bytes) -> Message:
    """A binary message that comes back."""
    return Message(False, payload)


def text_of(size: int) -> bytes:
    """A text of exactly ``size`` bytes; where it is long enough, an object that a room can read
    only when it has all of it, and whose id the room's ``reject`` then names."""
    start, end = b'{"pad":"', b'","command_id":"size-%d"}' % size
    pad = size - len(start) - len(end)
    return b"*" * size if pad < 0 else start + b"*" * pad + end


def binary_of(size: int) -> bytes:
    """Exactly ``size`` bytes; where that can be, a y-websocket message that a room reads to its
    end and answers by nothing ("auth", which only servers have something to say by)."""
    for lengths in range(1, 5):
        said = size - 2 - lengths
        if said >= 0 and len(encode_varuint(said)) == lengths:
            return b"\x02\x00" + encode_varuint(said) + b"*" * said
    return b"*" * size


def fails(
    section: str,
    title: str,
    code: int,
    *broken: bytes,
    before: Sequence[Message] = (),
    remark: str = "",
    everywhere: bool = True,
) -> Case:
    """A case in which the peer breaks a rule and is told which.

    Args:
        before: messages that are sent, and come back, before the rule is broken.
    """
    return Case(
        section,
        title,
        sends=tuple(frame(TEXT if one.is_text else BINARY, one.payload) for one in before),
        messages=before,
        ends=b"".join(broken),
        code=code,
        reason=None,
        remark=remark,
        everywhere=everywhere,
    )
