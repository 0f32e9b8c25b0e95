"""Refresh tokens: opaque to their holders, used once, and known as ours without a look-up.

A token names its session and carries a MAC. So a token that is authentic and yet not its
session's current one can only be one that was used before, however long ago: that is how reuse
is told from rubbish without keeping every old token.
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

from server.secret import Secret
from server.security.tokens import TokenInvalid, derive_key

LASTS_S: Final = 60 * 24 * 3600
"""A session that is not refreshed for this long ends."""

_NONCE_BYTES: Final = 32
_MAC_BYTES: Final = 16
_BYTES: Final = 16 + _NONCE_BYTES + _MAC_BYTES
_CHARACTERS: Final = (_BYTES * 4 + 2) // 3


class RefreshToken(Struct, frozen=True):
    """A token as given out, the session it belongs to and the hash that is kept."""

    text: str
    session_id: str
    hash: bytes


class RefreshTokens:
    """Mints and reads refresh tokens."""

    def __init__(self, secret_key: Secret) -> None:
        self._key = derive_key(secret_key, "refresh")

    def mint(self, session_id: str) -> RefreshToken:
        """A new token of a session."""
        body = UUID(session_id).bytes + secrets.token_bytes(_NONCE_BYTES)
        return _token(body + self._mac(body))

    def read(self, text: str) -> RefreshToken:
        """Reads a token back.

        Raises:
            TokenInvalid: not one of ours.
        """
        if len(text) != _CHARACTERS:
            raise TokenInvalid
        try:
            raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        except (binascii.Error, UnicodeEncodeError):
            raise TokenInvalid from None
        body, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        if len(raw) != _BYTES or not hmac.compare_digest(mac, self._mac(body)):
            raise TokenInvalid
        return _token(raw)

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, "sha256")[:_MAC_BYTES]


def _token(raw: bytes) -> RefreshToken:
    return RefreshToken(
        text=base64.urlsafe_b64encode(raw).rstrip(b"=").decode(),
        session_id=str(UUID(bytes=raw[:16])),
        hash=hashlib.sha256(raw).digest(),
    )
