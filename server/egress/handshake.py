"""The handshake of a plain client (RFC 6455 section 4.2), from headers that HTTP's parser has read.

What browsers and every usual client send takes a tenth of the library's time here. Whatever is
unusual, broken included, is not plain, and the library says what it is.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha1
from typing import Final

from msgspec import Struct

VERSION: Final = b"13"

_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_KEY: Final = re.compile(rb"[A-Za-z0-9+/]{22}==").fullmatch
_TOKENS: Final = re.compile(rb"[-!#$%&'*+.^_`|~0-9A-Za-z]+(?:, ?[-!#$%&'*+.^_`|~0-9A-Za-z]+)*")
_TARGET: Final = re.compile(rb"/[!-~]*").fullmatch

HEADERS_MAX: Final = 100
LINE_BYTES_MAX: Final = 4_096
"""Less than the library's own bounds: what is over these is for it to judge."""

_ONCE: Final = frozenset(
    {
        b"connection",
        b"host",
        b"origin",
        b"sec-websocket-key",
        b"sec-websocket-protocol",
        b"sec-websocket-version",
        b"upgrade",
    }
)
_NEVER: Final = frozenset({b"content-length", b"transfer-encoding"})


class Upgrade(Struct, frozen=True):
    """A handshake that is in order.

    Attributes:
        target: path and query, percent-encoded as sent.
        headers: names in lower case.
        accept: what ``Sec-WebSocket-Accept`` answers.
        subprotocols: as offered, in order.
    """

    target: bytes
    headers: list[tuple[bytes, bytes]]
    accept: bytes
    subprotocols: list[str]


def plain_upgrade(
    method: bytes, target: bytes, headers: Sequence[tuple[bytes, bytes]]
) -> Upgrade | None:
    """The handshake, or ``None``: leave it to the library. ``headers``: names in lower case."""
    if method != b"GET" or len(headers) > HEADERS_MAX or len(target) > LINE_BYTES_MAX:
        return None
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in _NEVER or len(value) > LINE_BYTES_MAX or (name in _ONCE and name in found):
            return None
        found[name] = value
    key = found.get(b"sec-websocket-key", b"")
    offered = found.get(b"sec-websocket-protocol")
    in_order = (
        found.get(b"sec-websocket-version") == VERSION
        and found.get(b"upgrade", b"").lower() == b"websocket"
        and b"upgrade" in found.get(b"connection", b"").lower().split(b", ")
        and _TOKENS.fullmatch(found[b"connection"])
        and _KEY(key)
        and _TARGET(target)
        and (offered is None or _TOKENS.fullmatch(offered))
    )
    if not in_order:
        return None
    return Upgrade(
        target,
        list(headers),
        b64encode(sha1(key + _GUID, usedforsecurity=False).digest()),
        [] if offered is None else [one.strip() for one in offered.decode("ascii").split(",")],
    )


def switching(accept: bytes, headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    """The answer 101, with these further headers."""
    lines = [
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept
    ]
    lines += [name + b": " + value for name, value in headers]
    return b"\r\n".join(lines) + b"\r\n\r\n"
