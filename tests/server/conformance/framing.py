"""Families 1 to 5: sizes, pings, reserved bits and opcodes, masking, fragments."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

from tests.server.conformance.case import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    PROTOCOL_ERROR,
    TEXT,
    TOO_LARGE,
    TOO_LARGE_REMARK,
    Case,
    Message,
    binary,
    binary_of,
    chopped,
    fails,
    fragments,
    frame,
    head,
    masked,
    text,
    text_of,
)

SIZES = (0, 1, 2, 3, 60, 124, 125, 126, 127, 128, 1_000, 4_096, 16_383, 16_384)
LARGE_SIZES = (65_534, 65_535, 65_536, 65_537)

Payload = Callable[[int], bytes]
MAKERS: tuple[tuple[str, int, Payload, Callable[[bytes], Message]], ...] = (
    ("text", TEXT, text_of, text),
    ("binary", BINARY, binary_of, binary),
)


def sizes() -> Iterator[Case]:
    """Every way that a length can be written, and both sides of where it changes."""
    for name, opcode, payload_of, message in MAKERS:
        for size in SIZES + LARGE_SIZES:
            payload = payload_of(size)
            yield Case(
                "5.2", f"{name} of {size:,} bytes", (frame(opcode, payload),), (message(payload),)
            )
        for size, chop in ((65_536, 997), (300, 1), (16_384, 5)):
            payload = payload_of(size)
            yield Case(
                "5.2",
                f"{name} of {size:,} bytes in writes of {chop}",
                chopped(frame(opcode, payload), chop),
                (message(payload),),
            )
        for sweep in (range(0, 300), range(16_370, 16_400), range(65_520, 65_550)):
            payloads = [payload_of(size) for size in sweep]
            yield Case(
                "5.2",
                f"{name} of each size from {sweep[0]:,} to {sweep[-1]:,} bytes",
                tuple(frame(opcode, payload) for payload in payloads),
                tuple(message(payload) for payload in payloads),
            )
        payload = payload_of(100)
        for form in (2, 8):
            yield Case(
                "5.2",
                f"{name} whose length of 100 is written in {form} bytes",
                (head(opcode, 100, form=form) + b"mask" + masked(payload, b"mask"),),
                (message(payload),),
                remark="the sender must use the shortest form; being liberal costs nothing here",
            )
    yield fails(
        "5.2",
        "a length with its most significant bit set",
        TOO_LARGE,
        head(BINARY, 1 << 63, form=8) + b"mask",
        remark=TOO_LARGE_REMARK,
        everywhere=False,
    )


def masking() -> Iterator[Case]:
    """Any mask is undone; none is an error."""
    for mask in (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x01\0\0\x80", b"abcd"):
        payload = text_of(333)
        yield Case(
            "5.3",
            f"text under the mask {mask.hex()}",
            (frame(TEXT, payload, mask=mask),),
            (text(payload),),
        )
    for size in range(1, 9):
        payload = b"12345678"[:size]
        yield Case(
            "5.3", f"text of {size} under its own mask", (frame(TEXT, payload),), (text(payload),)
        )
    for name, opcode in (("text", TEXT), ("binary", BINARY), ("ping", PING), ("close", CLOSE)):
        size = 2 if opcode == CLOSE else 5
        body = b"\x03\xe8" if opcode == CLOSE else b"Hello"
        yield fails(
            "5.1",
            f"{name} without a mask",
            PROTOCOL_ERROR,
            bytes([0x80 | opcode, size]) + body,
        )
    yield fails(
        "5.1",
        "a continuation without a mask",
        PROTOCOL_ERROR,
        frame(TEXT, b"a", fin=False) + b"\x80\x01b",
    )


def pings() -> Iterator[Case]:
    """Pings are answered, with what they carried, also in the middle of a message."""
    for name, payload in (
        ("without payload", b""),
        ("with a text", b"Hello, world!"),
        ("with bytes that are no text", b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff"),
        ("of 125 bytes", b"\xfe" * 125),
    ):
        yield Case("5.5.2", f"ping {name}", (frame(PING, payload),), pongs=(payload,))
    yield Case(
        "5.5.2", "ping of 125 bytes, byte by byte", chopped(frame(PING, b"\xfe" * 125), 1),
        pongs=(b"\xfe" * 125,),
    )  # fmt: skip
    for size in (126, 127, 1_000, 65_536):
        yield fails("5.5", f"ping of {size:,} bytes", PROTOCOL_ERROR, frame(PING, b"\xfe" * size))
    yield fails("5.5", "pong of 126 bytes", PROTOCOL_ERROR, frame(PONG, b"\xfe" * 126))
    yield fails("5.5", "ping in fragments", PROTOCOL_ERROR, frame(PING, b"x", fin=False))
    yield fails("5.5", "pong in fragments", PROTOCOL_ERROR, frame(PONG, b"x", fin=False))
    yield Case("5.5.3", "a pong that nobody asked for", (frame(PONG),))
    yield Case("5.5.3", "one with a payload", (frame(PONG, b"unsolicited"),))
    yield Case(
        "5.5.3", "one with a payload, and a ping", (frame(PONG, b"unsolicited"), frame(PING, b"p")),
        pongs=(b"p",),
    )  # fmt: skip
    ten = [b"payload-%d" % number for number in range(10)]
    joined = b"".join(frame(PING, payload) for payload in ten)
    yield Case("5.5.2", "ten pings in one write", (joined,), pongs=ten)
    yield Case("5.5.2", "ten pings, byte by byte", chopped(joined, 1), pongs=ten)


def reserved_bits() -> Iterator[Case]:
    """No extension is ever agreed upon, so the bits must be 0."""
    hello = text(b"Hello")
    for rsv in range(1, 8):
        for name, opcode in (("text", TEXT), ("binary", BINARY), ("ping", PING), ("pong", PONG)):
            broken = frame(opcode, b"x", rsv=rsv)
            yield fails("5.2", f"{name} with reserved bits {rsv:03b}", PROTOCOL_ERROR, broken)
        yield fails(
            "5.2",
            f"close with reserved bits {rsv:03b} behind a good text",
            PROTOCOL_ERROR,
            frame(CLOSE, b"\x03\xe8", rsv=rsv),
            before=(hello,),
        )
        yield fails(
            "5.2",
            f"a continuation with reserved bits {rsv:03b}",
            PROTOCOL_ERROR,
            frame(TEXT, b"a", fin=False) + frame(CONTINUATION, b"b", rsv=rsv) + frame(PING),
            before=(hello,),
        )


def opcodes() -> Iterator[Case]:
    """Opcodes that mean nothing yet."""
    hello = text(b"Hello")
    for opcode in (*range(3, 8), *range(11, 16)):
        kind = "data" if opcode < 8 else "control"
        title = f"reserved {kind} opcode {opcode}"
        yield fails("5.2", title, PROTOCOL_ERROR, frame(opcode))
        yield fails(
            "5.2", f"{title} with a payload, behind a good text", PROTOCOL_ERROR,
            frame(opcode, b"payload") + frame(PING), before=(hello,),
        )  # fmt: skip


def fragmentation() -> Iterator[Case]:
    """Messages in parts, and what may and may not stand between them."""
    yield fails(
        "5.4", "ping in two fragments", PROTOCOL_ERROR,
        frame(PING, b"frag", fin=False) + frame(CONTINUATION, b"ment"),
    )  # fmt: skip
    yield fails(
        "5.4", "pong in two fragments", PROTOCOL_ERROR,
        frame(PONG, b"frag", fin=False) + frame(CONTINUATION, b"ment"),
    )  # fmt: skip
    whole, parts = b"fragment1fragment2", list(fragments(TEXT, b"fragment1fragment2", 9))
    for way, chop in (("in one write", 0), ("frame by frame", -1), ("byte by byte", 1)):
        yield Case("5.4", f"text in two frames, {way}", _written(parts, chop), (text(whole),))
        between = [parts[0], frame(PING, b"ping"), parts[1]]
        yield Case(
            "5.4", f"a ping between the two frames of a text, {way}", _written(between, chop),
            (text(whole),), (b"ping",),
        )  # fmt: skip
    five = list(fragments(TEXT, b"fragment1fragment2fragment3fragment4fragment5", 9))
    pinged = [five[0], five[1], frame(PING, b"one"), five[2], five[3], frame(PING, b"two"), five[4]]
    for way, chop in (("in one write", 0), ("frame by frame", -1), ("byte by byte", 1)):
        yield Case(
            "5.4", f"two pings among five frames of a text, {way}", _written(pinged, chop),
            (text(b"fragment1fragment2fragment3fragment4fragment5"),), (b"one", b"two"),
        )  # fmt: skip
    yield Case(
        "5.4", "a pong between two frames", (parts[0], frame(PONG, b"?"), parts[1]), (text(whole),)
    )
    yield Case(
        "5.4", "two messages, each in two frames", (*parts, *fragments(BINARY, binary_of(40), 20)),
        (text(whole), binary(binary_of(40))),
    )  # fmt: skip
    for name, opcode in (("text", TEXT), ("binary", BINARY)):
        empty = frame(opcode, fin=False) + frame(CONTINUATION, fin=False) + frame(CONTINUATION)
        message = Message(opcode == TEXT, b"")
        yield Case("5.4", f"{name} of three empty frames", (empty,), (message,))
        payload = text_of(50) if opcode == TEXT else binary_of(50)
        middle = (
            frame(opcode, fin=False) + frame(CONTINUATION, payload, fin=False) + frame(CONTINUATION)
        )
        yield Case(
            "5.4", f"{name} of three frames, the first and the last of them empty", (middle,),
            (Message(opcode == TEXT, payload),),
        )  # fmt: skip
    yield from _misplaced(parts)


def _misplaced(parts: list[bytes]) -> Iterator[Case]:
    orphans = {
        "final": frame(CONTINUATION, b"non-continuation"),
        "not final": frame(CONTINUATION, b"non-continuation", fin=False),
    }
    for name, orphan in orphans.items():
        for way, chop in (("in one write", 0), ("frame by frame", -1), ("byte by byte", 1)):
            yield Case(
                "5.4", f"a continuation of nothing, {name}, {way}",
                sends=_written([orphan, frame(TEXT, b"Hello")], chop),
                code=PROTOCOL_ERROR, reason=None,
            )  # fmt: skip
        yield fails(
            "5.4", f"a continuation of nothing, {name}, behind a text in two frames",
            PROTOCOL_ERROR, *parts, orphan,
        )  # fmt: skip
    for (name, opcode), fin in itertools.product((("text", TEXT), ("binary", BINARY)), (1, 0)):
        yield fails(
            "5.4", f"a {name} message ({'final' if fin else 'not final'}) inside a text",
            PROTOCOL_ERROR, parts[0], frame(opcode, b"inside", fin=bool(fin)), parts[1],
        )  # fmt: skip
    yield fails(
        "5.4", "close in fragments", PROTOCOL_ERROR,
        frame(CLOSE, b"\x03\xe8", fin=False) + frame(CONTINUATION),
    )  # fmt: skip


def _written(frames: list[bytes], chop: int) -> tuple[bytes, ...]:
    """In one write (0), one for each frame (-1), or one for each ``chop`` bytes."""
    if chop < 0:
        return tuple(frames)
    joined = b"".join(frames)
    return chopped(joined, chop) if chop else (joined,)
