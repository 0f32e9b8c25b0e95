"""Hostile frames: broken websocket frames, broken y-websocket messages inside good ones."""

from __future__ import annotations

import random

from loadtests.faults.hostile.inputs import (
    CLOSED,
    SILENCE,
    Binary,
    Hostile,
    Knowledge,
    Maker,
    Raw,
    allowed,
)
from loadtests.wire import framing

MALFORMED = allowed(f"{CLOSED}:1007")
PROTOCOL_ERROR = allowed(*(f"{CLOSED}:{code}" for code in (1002, 1006, 1007, 1009, 4413)))
TOO_LARGE = allowed(f"{CLOSED}:4413", f"{CLOSED}:1009")
UPDATE_BYTES_MAX = 64 * 1024
FRAME_BYTES_MAX = 1024 * 1024
AWARENESS_BYTES_MAX = 4 * 1024


def masked(first: int, payload: bytes, rng: random.Random) -> bytes:
    """One client frame (RFC 6455, section 5.2) with any first byte."""
    mask = rng.randbytes(4)
    length = len(payload)
    if length < 126:
        header = bytes((first, 0x80 | length))
    elif length < 65_536:
        header = bytes((first, 0x80 | 126)) + length.to_bytes(2, "big")
    else:
        header = bytes((first, 0x80 | 127)) + length.to_bytes(8, "big")
    stretched = (mask * (length // 4 + 1))[:length]
    number = int.from_bytes(payload, "big") ^ int.from_bytes(stretched, "big")
    return header + mask + number.to_bytes(length, "big")


def invalid_utf8(know: Knowledge) -> Hostile:
    """A text frame that is not UTF-8."""
    bad = know.rng.choice(
        [b"\xff", b"\xc3\x28", b"\xe2\x82", b"\xf8\x88\x80\x80\x80", b"\xed\xa0\x80"]
    )
    frame = masked(0x81, b'{"t":"command","name":"' + bad + b'"}', know.rng)
    return Hostile("invalid UTF-8", (Raw(frame),), MALFORMED)


def broken_websocket(know: Knowledge) -> Hostile:
    """Reserved bits and opcodes, unmasked frames, a continuation of nothing, false lengths."""
    rng = know.rng
    payload = rng.randbytes(rng.randint(0, 40))
    frames = [
        masked(0x80 | rng.choice([3, 4, 5, 6, 7, 11, 12, 13, 14, 15]), payload, rng),
        masked(rng.choice([0xC1, 0xA1, 0x91, 0xF2]), payload, rng),
        bytes((0x82, len(payload))) + payload,
        masked(0x80, payload, rng),
        masked(0x89, rng.randbytes(126), rng),
        masked(0x09, b"ping", rng),
        masked(0x88, b"\x00", rng),
        masked(0x88, (1005).to_bytes(2, "big"), rng),
        bytes((0x82, 0xFF)) + (1 << 63).to_bytes(8, "big") + rng.randbytes(4),
    ]
    return Hostile("broken websocket", (Raw(rng.choice(frames)),), PROTOCOL_ERROR)


def interleaved_fragments(know: Knowledge) -> Hostile:
    """A second message begins while the first is in fragments."""
    rng = know.rng
    first = masked(0x01, b'{"t":', rng)
    second = masked(0x82, b"\x00\x02\x00", rng)
    return Hostile("interleaved fragments", (Raw(first + second),), PROTOCOL_ERROR)


def truncated(know: Knowledge) -> Hostile:
    """A y-websocket message that ends too early."""
    rng = know.rng
    payload = rng.randbytes(rng.randint(1, 60))
    kind = rng.choice([framing.STEP_1, framing.STEP_2, framing.UPDATE])
    whole = rng.choice([framing.sync(kind, payload), framing.awareness(payload)])
    cut = rng.randrange(0, len(whole) - 1)
    return Hostile("truncated frame", (Binary(whole[:cut]),), MALFORMED)


def wrong_varint(know: Knowledge) -> Hostile:
    """Varuints that never end, or say more than there is."""
    rng = know.rng
    endless = b"\xff" * rng.randint(9, 30)
    huge = framing.varuint(rng.choice([2**31, 2**40, 2**52]))
    frames = [
        endless,
        b"\x00" + endless,
        b"\x00\x02" + endless,
        b"\x00\x02" + huge + b"abc",
        b"\x01" + huge,
        b"\x00\x01" + huge + rng.randbytes(5),
    ]
    return Hostile("wrong varint", (Binary(rng.choice(frames)),), MALFORMED)


def unknown_message(know: Knowledge) -> Hostile:
    """Message types and sync steps that the protocol does not have."""
    rng = know.rng
    body = rng.randbytes(rng.randint(0, 20))
    kinds = [
        framing.varuint(rng.randint(4, 2**40)) + body,
        b"\x00" + framing.varuint(rng.randint(3, 2**30)) + body,
    ]
    return Hostile("unknown message type", (Binary(rng.choice(kinds)),), MALFORMED)


def left_over(know: Knowledge) -> Hostile:
    """A whole message with bytes behind it."""
    frame = framing.sync(framing.STEP_1, b"\x00") + know.rng.randbytes(know.rng.randint(1, 9))
    return Hostile("bytes left over", (Binary(frame),), MALFORMED)


def bad_state_vector(know: Knowledge) -> Hostile:
    """A sync step 1 that is no state vector."""
    rng = know.rng
    vectors = [
        b"",
        b"\x05",
        b"\x01\x01",
        b"\xff\xff\xff\xff\x0f",
        b"\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00",
    ]
    frame = framing.sync(framing.STEP_1, rng.choice(vectors))
    return Hostile("bad state vector", (Binary(frame),), MALFORMED)


def bad_awareness(know: Knowledge) -> Hostile:
    """Awareness that is no JSON, of too many, of others, or too large: nobody gets it."""
    rng = know.rng
    text = rng.choice([b"{", b"nul", b"\xff\xfe", b"[[[["])
    one = framing.varuint(know.victim_client) + framing.varuint(rng.randint(0, 2**31))
    entries = [
        b"\x01" + one + framing.varuint(len(text)) + text,
        framing.varuint(2**31) + one,
        rng.randbytes(rng.randint(1, 40)),
        b"\x01" + one + framing.varuint(5_000) + b'"' + b"x" * 4_998 + b'"',
    ]
    frame = framing.awareness(rng.choice(entries))
    return Hostile("bad awareness", (Binary(frame),), MALFORMED | {SILENCE})


def random_bytes(know: Knowledge) -> Hostile:
    """Anything. The first byte keeps it from being a valid message by chance."""
    content = bytes((know.rng.choice([0, 1, 7, 99]),)) + b"\xff" * 3
    content += know.rng.randbytes(know.rng.randint(0, 200))
    return Hostile("random bytes", (Binary(content),), MALFORMED | {SILENCE})


def oversized_update(know: Knowledge) -> Hostile:
    """An update over the limit of an update, or a frame over the limit of all."""
    rng = know.rng
    size = rng.choice([UPDATE_BYTES_MAX + 1, 2 * UPDATE_BYTES_MAX, FRAME_BYTES_MAX + 100])
    frame = framing.sync(framing.UPDATE, rng.randbytes(64) + bytes(size))
    return Hostile("oversized update", (Binary(frame),), TOO_LARGE)


MAKERS: tuple[tuple[Maker, int], ...] = (
    (invalid_utf8, 5),
    (broken_websocket, 6),
    (interleaved_fragments, 2),
    (truncated, 8),
    (wrong_varint, 8),
    (unknown_message, 5),
    (left_over, 3),
    (bad_state_vector, 4),
    (bad_awareness, 5),
    (random_bytes, 6),
    (oversized_update, 1),
)
"""Makers and how often they are chosen, relative to each other."""
