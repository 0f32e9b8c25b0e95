"""One whole message out of the bytes of a peer, where it is of the usual kind."""

from __future__ import annotations

from typing import Final

from websockets.frames import apply_mask  # type: ignore[attr-defined]

TEXT: Final = 0x81
BINARY: Final = 0x82
PONG: Final = 0x8A
"""First bytes of unfragmented frames (RFC 6455 section 5.2)."""

PING_BYTES: Final = 4
"""What our pings carry, and so the pongs to them."""

_MASKED: Final = 0x80


def next_message(data: bytes, at: int) -> tuple[int, bytes, int] | None:
    """The frame at ``at``: its first byte, its payload, and where the next one begins.

    ``None``: it is not a whole, masked, unfragmented message of less than 64 KiB (or a pong of
    ours), or its text is not UTF-8 (RFC 6455 sections 5.2, 5.6 and 8.1). The library says what.
    """
    have = len(data) - at
    if have < 6:
        return None
    first, size = data[at], data[at + 1]
    if size < _MASKED:
        return None
    size -= _MASKED
    start = at + 6
    if size >= 126:
        if size > 126 or have < 8:
            return None
        size = data[at + 2] << 8 | data[at + 3]
        start = at + 8
    if first != TEXT and first != BINARY and (first != PONG or size != PING_BYTES):
        return None
    end = start + size
    if len(data) < end:
        return None
    payload = apply_mask(data[start:end], data[start - 4 : start])
    if first == TEXT and not payload.isascii():
        try:
            payload.decode()
        except UnicodeDecodeError:
            return None
    return first, payload, end
