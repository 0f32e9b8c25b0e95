"""RFC 6455 server frames, encoded once and handed to many connections.

A server frame is not masked, so the same bytes fit every receiver. Only whole messages are
written (FIN set), never fragments, and never compressed: that is what lets frames from here be
joined and mixed with those of a websocket library on one transport.
"""

from __future__ import annotations

_TEXT = 0x81
_BINARY = 0x82


def text_frame(payload: bytes) -> bytes:
    """One unfragmented text message (RFC 6455 section 5.6). ``payload`` is UTF-8."""
    return _header(_TEXT, len(payload)) + payload


def binary_frame(payload: bytes) -> bytes:
    """One unfragmented binary message (RFC 6455 section 5.6)."""
    return _header(_BINARY, len(payload)) + payload


def _header(first: int, length: int) -> bytes:
    # Section 5.2: the shortest of the three forms of the length must be used.
    if length < 126:
        return bytes((first, length))
    if length < 65536:
        return bytes((first, 126)) + length.to_bytes(2, "big")
    return bytes((first, 127)) + length.to_bytes(8, "big")


def split_frames(frames: bytes) -> list[tuple[bool, bytes]]:
    """The messages in joined frames made by this module: (is text, payload) each.

    For carriers that must hand messages over one by one.

    Raises:
        ValueError: the bytes are not whole, unmasked, unfragmented text or binary frames.
    """
    messages: list[tuple[bool, bytes]] = []
    at, end = 0, len(frames)
    while at < end:
        if end - at < 2 or frames[at] not in (_TEXT, _BINARY):
            raise ValueError("not a whole text or binary frame")
        first, length = frames[at], frames[at + 1]
        at += 2
        if length >= 126:
            width = 2 if length == 126 else 8
            if length > 127 or end - at < width:
                raise ValueError("masked or cut frame")
            length = int.from_bytes(frames[at : at + width], "big")
            at += width
        if end - at < length:
            raise ValueError("cut frame")
        messages.append((first == _TEXT, frames[at : at + length]))
        at += length
    return messages
