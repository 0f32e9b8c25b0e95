"""A display's token: made once, kept as a hash, and good until the display is revoked.

It names its display, so that it is found by its key and compared in constant time.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import Final
from uuid import UUID

from msgspec import Struct

PREFIX: Final = "display-"
"""Tells a display's token from a person's wherever both may be shown."""

_SECRET_BYTES: Final = 32
_BYTES: Final = 16 + _SECRET_BYTES


class DisplayToken(Struct, frozen=True):
    """A token as it is given out, the display that it names and the hash that is kept."""

    text: str
    display_id: str
    hash: bytes

    def opens(self, kept: bytes) -> bool:
        """Whether this is the token whose hash was kept."""
        return hmac.compare_digest(self.hash, kept)


def new_token(display_id: str) -> DisplayToken:
    """A new token of a display: 256 random bits."""
    return _token(UUID(display_id).bytes + secrets.token_bytes(_SECRET_BYTES))


def read_token(text: str) -> DisplayToken | None:
    """What a text says as a token; ``None``: it is none."""
    if not text.startswith(PREFIX) or len(text) != len(PREFIX) + _BYTES * 4 // 3:
        return None
    try:
        raw = base64.b64decode(text[len(PREFIX) :].encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None
    return _token(raw)


def read_bearer(authorization: str | None) -> DisplayToken | None:
    """The display's token of an ``Authorization`` header (RFC 6750); ``None``: there is none."""
    scheme, _, text = (authorization or "").partition(" ")
    return read_token(text.strip()) if scheme.lower() == "bearer" else None


def _token(raw: bytes) -> DisplayToken:
    return DisplayToken(
        text=PREFIX + base64.urlsafe_b64encode(raw).decode(),
        display_id=str(UUID(bytes=raw[:16])),
        hash=hashlib.sha256(raw).digest(),
    )
