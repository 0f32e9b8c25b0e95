"""The y-websocket protocol: one binary frame is one message.

``varuint type`` then the body: 0 sync (0 step 1, 1 step 2, 2 update), 1 awareness, 2 auth,
3 query awareness (https://github.com/yjs/y-protocols, ``PROTOCOL.md``).
"""

from __future__ import annotations

import msgspec

from crdt.errors import DecodeError, DecodeFault
from crdt.varint import ByteReader, encode_buffer, encode_string, encode_varuint


class SyncStep1(msgspec.Struct, frozen=True, gc=False):
    """ "This is what I have": asks for what is missing. ``state_vector`` is not parsed yet."""

    state_vector: bytes


class SyncStep2(msgspec.Struct, frozen=True, gc=False):
    """The answer to step 1: everything that was missing."""

    update: bytes


class SyncUpdate(msgspec.Struct, frozen=True, gc=False):
    """One incremental update."""

    update: bytes


class AwarenessFrame(msgspec.Struct, frozen=True, gc=False):
    """Who is editing and where; ``payload`` is read by :mod:`crdt.awareness`."""

    payload: bytes


class Auth(msgspec.Struct, frozen=True, gc=False):
    """A permission message; only servers send it ("permission denied")."""

    reason: str


class QueryAwareness(msgspec.Struct, frozen=True, gc=False):
    """Asks for everybody's awareness."""


Frame = SyncStep1 | SyncStep2 | SyncUpdate | AwarenessFrame | Auth | QueryAwareness

EMPTY_AWARENESS_FRAME = b"\x01\x01\x00"
"""An awareness update of nobody: the heartbeat of a quiet room."""

EMPTY_UPDATE = b"\x00\x00"
"""An update with no structs and no deletes."""


def decode_frame(data: bytes) -> Frame:
    """Read one binary frame.

    Raises:
        DecodeError: truncated, trailing bytes, unknown types, wrong integers, invalid UTF-8.
    """
    reader = ByteReader(data)
    frame: Frame
    match reader.varuint():
        case 0:
            frame = _decode_sync(reader)
        case 1:
            frame = AwarenessFrame(reader.buffer())
        case 2:
            if reader.varuint() != 0:
                raise DecodeError(DecodeFault.UNKNOWN_TYPE, "an unknown auth message")
            frame = Auth(reader.string())
        case 3:
            frame = QueryAwareness()
        case other:
            raise DecodeError(DecodeFault.UNKNOWN_TYPE, f"message type {other}")
    reader.expect_end()
    return frame


def _decode_sync(reader: ByteReader) -> Frame:
    match reader.varuint():
        case 0:
            return SyncStep1(reader.buffer())
        case 1:
            return SyncStep2(reader.buffer())
        case 2:
            return SyncUpdate(reader.buffer())
        case other:
            raise DecodeError(DecodeFault.UNKNOWN_TYPE, f"sync message type {other}")


def encode_sync_step1(state_vector: bytes) -> bytes:
    """A frame that asks for what ``state_vector`` lacks."""
    return b"\x00\x00" + encode_buffer(state_vector)


def encode_sync_step2(update: bytes) -> bytes:
    """A frame that answers a step 1."""
    return b"\x00\x01" + encode_buffer(update)


def encode_update(update: bytes) -> bytes:
    """A frame that carries one incremental update."""
    return b"\x00\x02" + encode_buffer(update)


def encode_awareness(payload: bytes) -> bytes:
    """A frame that carries an awareness payload."""
    return b"\x01" + encode_buffer(payload)


def encode_auth_denied(reason: str) -> bytes:
    """A frame that tells a provider that it may not read."""
    return encode_varuint(2) + encode_varuint(0) + encode_string(reason)


def encode_query_awareness() -> bytes:
    """A frame that asks for everybody's awareness."""
    return b"\x03"
