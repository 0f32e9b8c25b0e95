"""Family 6: what is text, by the cases of Markus Kuhn's stress test (RFC 3629; RFC 6455 8.1)."""

from __future__ import annotations

from collections.abc import Iterator

from tests.server.conformance.case import (
    CONTINUATION,
    INVALID_DATA,
    PING,
    TEXT,
    Case,
    fails,
    fragments,
    frame,
    text,
)

KOSME = "κόσμε".encode()
EDITED = b"edited"

VALID: dict[str, bytes] = {
    "Latin with marks": "Hello-µ@ßöäüàá-UTF-8!!".encode(),
    "Greek": KOSME,
    "Hebrew, Arabic, Thai": "שלום مرحبا สวัสดี".encode(),
    "an emoji of several code points": "👩🏽‍🚒🏳️‍🌈".encode(),
    "NUL": b"\x00",
    "the replacement character": "�".encode(),
    "a byte order mark": "﻿x".encode(),
    "first of 1 byte": b"\x00",
    "first of 2 bytes, U+0080": b"\xc2\x80",
    "first of 3 bytes, U+0800": b"\xe0\xa0\x80",
    "first of 4 bytes, U+10000": b"\xf0\x90\x80\x80",
    "last of 1 byte, U+007F": b"\x7f",
    "last of 2 bytes, U+07FF": b"\xdf\xbf",
    "last of 3 bytes, U+FFFF": b"\xef\xbf\xbf",
    "last of all, U+10FFFF": b"\xf4\x8f\xbf\xbf",
    "before the surrogates, U+D7FF": b"\xed\x9f\xbf",
    "behind the surrogates, U+E000": b"\xee\x80\x80",
    "U+FFFD": b"\xef\xbf\xbd",
}

NONCHARACTERS = tuple((plane << 16) + last for plane in range(17) for last in (0xFFFE, 0xFFFF))
"""They are no characters, and valid UTF-8 all the same."""

INVALID: dict[str, bytes] = {
    "a surrogate in a word": KOSME + b"\xed\xa0\x80" + EDITED,
    "beyond U+10FFFF in a word": KOSME + b"\xf4\x90\x80\x80" + EDITED,
    "beyond all, U+110000": b"\xf4\x90\x80\x80",
    "first of 5 bytes": b"\xf8\x88\x80\x80\x80",
    "first of 6 bytes": b"\xfc\x84\x80\x80\x80\x80",
    "last of 4 bytes, U+1FFFFF": b"\xf7\xbf\xbf\xbf",
    "last of 5 bytes": b"\xfb\xbf\xbf\xbf\xbf",
    "last of 6 bytes": b"\xfd\xbf\xbf\xbf\xbf\xbf",
    "continuation 80": b"\x80",
    "continuation BF": b"\xbf",
    **{f"{count} continuations": bytes([0x80, 0xBF] * 4)[:count] for count in range(2, 8)},
    "all continuations": bytes(range(0x80, 0xC0)),
    "starts of 2 bytes alone": b"".join(bytes([one, 0x20]) for one in range(0xC0, 0xE0)),
    "starts of 3 bytes alone": b"".join(bytes([one, 0x20]) for one in range(0xE0, 0xF0)),
    "starts of 4 bytes alone": b"".join(bytes([one, 0x20]) for one in range(0xF0, 0xF8)),
    "starts of 5 bytes alone": b"".join(bytes([one, 0x20]) for one in range(0xF8, 0xFC)),
    "starts of 6 bytes alone": b"\xfc\x20\xfd\x20",
    "the last byte missing of 2": b"\xc0",
    "the last byte missing of 3": b"\xe0\x80",
    "the last byte missing of 4": b"\xf0\x80\x80",
    "the last byte missing of 5": b"\xf8\x80\x80\x80",
    "the last byte missing of 6": b"\xfc\x80\x80\x80\x80",
    "the last byte missing of U+07FF": b"\xdf",
    "the last byte missing of U+FFFF": b"\xef\xbf",
    "the last byte missing of U+1FFFFF": b"\xf7\xbf\xbf",
    "the last byte missing of a good 4": b"\xf0\x9f\x91",
    "ten that miss their last bytes": (
        b"\xc0\xe0\x80\xf0\x80\x80\xf8\x80\x80\x80\xfc\x80\x80\x80\x80"
        b"\xdf\xef\xbf\xf7\xbf\xbf\xfb\xbf\xbf\xbf\xfd\xbf\xbf\xbf\xbf"
    ),
    "the byte FE": b"\xfe",
    "the byte FF": b"\xff",
    "FE FE FF FF": b"\xfe\xfe\xff\xff",
    "a slash overlong in 2": b"\xc0\xaf",
    "a slash overlong in 3": b"\xe0\x80\xaf",
    "a slash overlong in 4": b"\xf0\x80\x80\xaf",
    "a slash overlong in 5": b"\xf8\x80\x80\x80\xaf",
    "a slash overlong in 6": b"\xfc\x80\x80\x80\x80\xaf",
    "the largest overlong in 2": b"\xc1\xbf",
    "the largest overlong in 3": b"\xe0\x9f\xbf",
    "the largest overlong in 4": b"\xf0\x8f\xbf\xbf",
    "the largest overlong in 5": b"\xf8\x87\xbf\xbf\xbf",
    "the largest overlong in 6": b"\xfc\x83\xbf\xbf\xbf\xbf",
    "NUL overlong in 2": b"\xc0\x80",
    "NUL overlong in 3": b"\xe0\x80\x80",
    "NUL overlong in 4": b"\xf0\x80\x80\x80",
    "NUL overlong in 5": b"\xf8\x80\x80\x80\x80",
    "NUL overlong in 6": b"\xfc\x80\x80\x80\x80\x80",
    **{
        f"the surrogate U+{point:04X}": chr(point).encode("utf-8", "surrogatepass")
        for point in (0xD800, 0xDB7F, 0xDB80, 0xDBFF, 0xDC00, 0xDF80, 0xDFFF)
    },
    **{
        f"the surrogates U+{high:04X} U+{low:04X}": (
            chr(high).encode("utf-8", "surrogatepass") + chr(low).encode("utf-8", "surrogatepass")
        )
        for high in (0xD800, 0xDB7F, 0xDB80, 0xDBFF)
        for low in (0xDC00, 0xDFFF)
    },
    **{f"Greek cut off after {size} bytes": KOSME[:size] for size in (1, 3, 5, 7, 9)},
}


def utf8() -> Iterator[Case]:
    """Each in one frame and in frames of one byte; then the frame at which it must be noticed."""
    yield Case("5.6", "an empty text", (frame(TEXT),), (text(b""),))
    for name, payload in VALID.items():
        yield from _good(name, payload)
    for point in NONCHARACTERS:
        yield from _good(f"the noncharacter U+{point:04X}", chr(point).encode())
    for name, payload in INVALID.items():
        yield fails("8.1", f"not text: {name}", INVALID_DATA, frame(TEXT, payload))
        if len(payload) > 1:
            broken = b"".join(fragments(TEXT, payload, 1))
            yield fails("8.1", f"not text: {name}, a byte a frame", INVALID_DATA, broken)
    yield from _at_once()


def _good(name: str, payload: bytes) -> Iterator[Case]:
    yield Case("5.6", f"text: {name}", (frame(TEXT, payload),), (text(payload),))
    if len(payload) > 1:
        frames = tuple(fragments(TEXT, payload, 1))
        yield Case("5.6", f"text: {name}, a byte a frame", frames, (text(payload),))


def _at_once() -> Iterator[Case]:
    remark = "noticed with the frame, not with the message"
    for name, wrong in (
        ("beyond U+10FFFF", b"\xf4\x90\x80\x80"),
        ("a surrogate", b"\xed\xa0\x80"),
        ("an overlong slash", b"\xc0\xaf"),
        ("the byte FF", b"\xff"),
    ):
        yield fails(
            "8.1", f"{name} in the second of three frames, the third not sent", INVALID_DATA,
            frame(TEXT, KOSME, fin=False), frame(CONTINUATION, wrong, fin=False),
            remark=remark, everywhere=False,
        )  # fmt: skip
        yield fails(
            "8.1", f"{name} in the first of two frames, the second not sent", INVALID_DATA,
            frame(TEXT, KOSME + wrong, fin=False), remark=remark, everywhere=False,
        )  # fmt: skip
    yield fails(
        "8.1", "two bytes that nothing can follow, in two frames, the third not sent",
        INVALID_DATA, frame(TEXT, b"\xf4", fin=False), frame(CONTINUATION, b"\x90", fin=False),
        remark=remark, everywhere=False,
    )  # fmt: skip
    for at in range(1, 4):
        smile = "😀".encode()
        yield Case(
            "5.6", f"a ping inside a character, behind its byte {at}",
            (
                frame(TEXT, smile[:at], fin=False) + frame(PING, b"?")
                + frame(CONTINUATION, smile[at:]),
            ),
            (text(smile),), (b"?",),
        )  # fmt: skip
    yield Case(
        "8.1", "a good text behind one that is cut between characters",
        (*fragments(TEXT, KOSME, 2), frame(TEXT, KOSME)), (text(KOSME), text(KOSME)),
    )  # fmt: skip
