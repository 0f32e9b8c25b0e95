"""Builds updates byte by byte: what an attacker's client would send."""

from __future__ import annotations

from collections.abc import Sequence

from crdt.update_structs import DeleteRange, Id
from crdt.update_writer import encode_deletes
from crdt.varint import encode_buffer, encode_string, encode_varuint

MAP_CONTENT = encode_varuint(1)


def any_text(text: str) -> bytes:
    """The content of an ANY item with one string."""
    return encode_varuint(1) + b"\x77" + encode_string(text)


def item(
    content: bytes,
    kind: int = 8,
    *,
    origin: Id | None = None,
    right_origin: Id | None = None,
    root: str | None = None,
    parent: Id | None = None,
    sub: str | None = None,
) -> bytes:
    """One item; parent information is written only where the format has it."""
    info = kind | (0x80 if origin else 0) | (0x40 if right_origin else 0) | (0x20 if sub else 0)
    out = bytes((info,))
    for neighbour in (origin, right_origin):
        if neighbour is not None:
            out += encode_varuint(neighbour.client) + encode_varuint(neighbour.clock)
    if origin is None and right_origin is None:
        if root is not None:
            out += b"\x01" + encode_string(root)
        else:
            assert parent is not None
            out += b"\x00" + encode_varuint(parent.client) + encode_varuint(parent.clock)
        if sub is not None:
            out += encode_string(sub)
    return out + content


def gc(length: int) -> bytes:
    """A collected run."""
    return b"\x00" + encode_varuint(length)


def skip(length: int) -> bytes:
    """Clocks that are left out."""
    return b"\x0a" + encode_varuint(length)


def binary(data: bytes) -> bytes:
    """The content of a BINARY item."""
    return encode_buffer(data)


def update(
    sections: Sequence[tuple[int, int, Sequence[bytes]]],
    deletes: Sequence[tuple[int, int, int]] = (),
) -> bytes:
    """A whole update.

    Args:
        sections: client, first clock, structs.
        deletes: client, clock, length.
    """
    out = encode_varuint(len(sections))
    for client, clock, structs in sections:
        out += encode_varuint(len(structs)) + encode_varuint(client) + encode_varuint(clock)
        out += b"".join(structs)
    return out + encode_deletes([DeleteRange(*entry) for entry in deletes])
