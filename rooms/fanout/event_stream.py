"""Server-sent events (WHATWG HTML section 9.2.6), encoded once and handed to many streams.

A message is one ``data:`` line: JSON as we encode it holds no line break. Only what moves a
client's place in the log carries an ``id:``; a browser repeats the last one it saw in
``Last-Event-ID``, so whatever else is said never moves the place.
"""

from __future__ import annotations

import re

import msgspec

from rooms import limits
from rooms.messages import CloseCode

HEARTBEAT = b":\n\n"
"""A comment: ignored by the receiver, and a sign of life for every proxy in between."""

PADDING = b":" + b" " * (limits.STREAM_PADDING_BYTES - 3) + b"\n\n"
"""A comment at the start: proxies that wait for so many bytes then pass on what follows."""

CLOSE_EVENT = "close"
"""The type of the last event; all others have none and arrive as ``message``."""

TOO_MANY_RETRY_S = 30.0

_RETRY_IN = re.compile(r"reconnect_in=(\d{1,5}(?:\.\d{1,3})?)s")
_EPOCH = re.compile(r"[0-9A-Za-z_-]{1,64}")
_encode = msgspec.json.Encoder().encode


def place_id(epoch: str, seq: int) -> bytes:
    """The ``id:`` of a place in the log, such as ``5f0c…:124``."""
    return b"%b:%d" % (epoch.encode(), seq)


def read_place(last_event_id: str) -> tuple[int, str] | None:
    """``seq`` and ``epoch`` of an id; ``None``: it is none of ours."""
    epoch, colon, digits = last_event_id.rpartition(":")
    if not colon or not _EPOCH.fullmatch(epoch):
        return None
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 18:
        return None
    return int(digits), epoch


def message(payload: bytes, event_id: bytes = b"") -> bytes:
    """One event of type ``message``.

    Args:
        payload: JSON without line breaks.
        event_id: where the client stands after it; empty: where it stood before.
    """
    if event_id:
        return b"id: %b\ndata: %b\n\n" % (event_id, payload)
    return b"data: %b\n\n" % payload


def retry(seconds: float) -> bytes:
    """How long a browser waits before it comes back by itself."""
    return b"retry: %d\n\n" % round(seconds * 1000)


def close_event(code: int, reason: str) -> bytes:
    """The last event: what a socket's close frame would have said.

    A spread in the reason (``reconnect_in=3.2s``) becomes the browser's own. One of too many
    comes back late: each return closes another one.
    """
    spread = _RETRY_IN.fullmatch(reason)
    wait_s = float(spread[1]) if spread else TOO_MANY_RETRY_S if code == CloseCode.TOO_MANY else 0.0
    head = b"retry: %d\n" % round(wait_s * 1000) if wait_s else b""
    data = _encode({"code": code, "reason": reason})
    return b"%bevent: %b\ndata: %b\n\n" % (head, CLOSE_EVENT.encode(), data)
