"""Families 7, 9 and 10: how a connection ends, and how much it may carry."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from rooms import limits
from tests.server.conformance.case import (
    BINARY,
    CLOSE,
    CONTINUATION,
    INVALID_DATA,
    NORMAL,
    PING,
    PROTOCOL_ERROR,
    TEXT,
    TOO_LARGE,
    TOO_LARGE_REMARK,
    Case,
    Message,
    binary,
    binary_of,
    chopped,
    close,
    fails,
    fragments,
    frame,
    head,
    text,
    text_of,
)

MESSAGE_BYTES_MAX = limits.FIRST_SYNC_BYTES_MAX + 1024
"""What the server is configured with (`server.cli.web`)."""

VALID_CODES = (
    *(1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014),
    *(3000, 3999, 4000, 4410, 4999),
)
INVALID_CODES = (0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)


def closings() -> Iterator[Case]:
    """The closing handshake."""
    hello = frame(TEXT, b"Hello")
    yield Case("5.5.1", "a text comes back, then a close", (hello,), (text(b"Hello"),))
    yield Case("5.5.1", "close without a code", ends=close(), code=None)
    yield Case("5.5.1", "close with a code", ends=close(NORMAL))
    for name, reason in (
        ("with a reason", b"Hello World"),
        ("with a reason of 123 bytes", b"*" * 123),
        ("with a reason of many bytes a letter", "ü".encode() * 61),
    ):
        yield Case("5.5.1", f"close {name}", ends=close(NORMAL, reason), reason=reason)
    yield Case("5.5.1", "close twice", ends=close(NORMAL) + close(NORMAL))
    yield Case("5.5.1", "a text behind the close is ignored", ends=close(NORMAL) + hello)
    yield Case("5.5.1", "a ping behind the close is ignored", ends=close(NORMAL) + frame(PING))
    yield Case(
        "5.5.1", "what breaks every rule behind the close is ignored",
        ends=close(NORMAL) + b"\xff" * 64,
    )  # fmt: skip
    yield Case(
        "5.5.1", "a ping and a close in one write", ends=frame(PING, b"last") + close(NORMAL),
        pongs=(b"last",),
    )  # fmt: skip
    yield fails(
        "5.4", "a close inside a text", PROTOCOL_ERROR,
        frame(TEXT, b"frag", fin=False) + close(NORMAL) + frame(CONTINUATION, b"ment"),
        remark="the message can never be finished; the library calls it a fault",
    )  # fmt: skip
    yield fails("5.5.1", "close of one byte", PROTOCOL_ERROR, frame(CLOSE, b"\x03"))
    yield fails("5.5", "close of 126 bytes", PROTOCOL_ERROR, close(NORMAL, b"*" * 124))
    for name, reason in (
        ("not text", b"Hello \xff"),
        ("a surrogate", "κόσμε".encode() + b"\xed\xa0\x80edited"),
        ("overlong", b"\xc0\xaf"),
        ("cut off in a letter", "Grüße".encode()[:3]),
    ):
        yield fails("8.1", f"close whose reason is {name}", INVALID_DATA, close(NORMAL, reason))
    for code in VALID_CODES:
        yield Case("7.4", f"close {code} comes back", ends=close(code), code=code)
    for code in INVALID_CODES:
        yield fails("7.4", f"close {code}, which nobody may send", PROTOCOL_ERROR, close(code))
        yield fails("7.4", f"close {code} with a reason", PROTOCOL_ERROR, close(code, b"Reason"))


def amounts() -> Iterator[Case]:
    """As much as is let in, in every cut, and one byte more."""
    for name, opcode, payload_of in (("text", TEXT, text_of), ("binary", BINARY, binary_of)):
        for size in (64 * 1024, 256 * 1024, 1024 * 1024, MESSAGE_BYTES_MAX):
            payload = payload_of(size)
            came = (Message(opcode == TEXT, payload),)
            yield Case("10.4", f"{name} of {size:,} bytes", (frame(opcode, payload),), came)
        over = MESSAGE_BYTES_MAX + 1
        yield fails(
            "10.4", f"{name} of {over:,} bytes, one too many", TOO_LARGE,
            head(opcode, over, form=8) + b"mask",
            remark=TOO_LARGE_REMARK + "; said at the head, before the payload", everywhere=False,
        )  # fmt: skip
        yield fails(
            "10.4", f"{name} of {over:,} bytes in frames of 65,536", TOO_LARGE,
            *fragments(opcode, b"*" * over, 65_536), remark=TOO_LARGE_REMARK, everywhere=False,
        )  # fmt: skip
        for size in (64, 256, 1_024, 4_096, 16_384, 65_536, 262_144):
            payload = payload_of(256 * 1024)
            yield Case(
                "5.4", f"{name} of 262,144 bytes in frames of {size:,}",
                (b"".join(fragments(opcode, payload, size)),),
                (Message(opcode == TEXT, payload),),
            )  # fmt: skip
        for chop in (64, 128, 256, 512, 1_024, 2_048):
            payload = payload_of(128 * 1024)
            yield Case(
                "5.2", f"{name} of 131,072 bytes in writes of {chop:,}",
                chopped(frame(opcode, payload), chop), (Message(opcode == TEXT, payload),),
            )  # fmt: skip
        for size in (0, 16, 64, 256, 1_024):
            payload = payload_of(size)
            yield Case(
                "5.2", f"200 {name} messages of {size:,} bytes in one write",
                (frame(opcode, payload) * 200,), (Message(opcode == TEXT, payload),) * 200,
            )  # fmt: skip
        payload = payload_of(65_536)
        yield Case(
            "5.4", f"{name} of 65,536 bytes in frames of 1,300, as some clients cut them",
            tuple(fragments(opcode, payload, 1_300)), (Message(opcode == TEXT, payload),),
        )  # fmt: skip
    yield fails(
        "10.4", "a frame that says it has 2^62 bytes", TOO_LARGE,
        b"\x82\xff" + struct.pack("!Q", 1 << 62) + b"mask", remark=TOO_LARGE_REMARK,
        everywhere=False,
    )  # fmt: skip


def floods() -> Iterator[Case]:
    """More than anybody needs of what costs its sender nothing."""
    payload = binary_of(200)
    pieces = [frame(BINARY, payload, fin=False)] + [frame(CONTINUATION, fin=False)] * 1_000
    yield Case(
        "5.4", "a message with a thousand empty frames in it",
        (b"".join([*pieces, frame(CONTINUATION)]),), (binary(payload),),
    )  # fmt: skip
    yield fails(
        "10.4", f"a message in more than {limits.FRAGMENTS_MAX:,} frames", TOO_LARGE,
        frame(BINARY, b"", fin=False) + frame(CONTINUATION, fin=False) * limits.FRAGMENTS_MAX,
        remark="an endless message of empty frames holds a socket and costs its reader time",
        everywhere=False,
    )  # fmt: skip
    yield Case(
        "5.5.2", "as many pings at once as anybody sends",
        (frame(PING, b"p") * 100,), pongs=(b"p",) * 100,
    )  # fmt: skip
