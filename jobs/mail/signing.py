"""DKIM signatures (RFC 6376), over the mail as it goes out."""

from __future__ import annotations

from typing import Final

import dkim
from msgspec import Struct

HEADERS: Final = (
    b"from",
    b"to",
    b"subject",
    b"date",
    b"message-id",
    b"mime-version",
    b"content-type",
    b"content-language",
    b"auto-submitted",
    b"list-unsubscribe",
    b"list-unsubscribe-post",
)
"""What is signed. RFC 8058 §4 wants the two of unsubscribing among it, or nobody offers the
button."""


class Signature(Struct, frozen=True):
    """Whose signature, and with what. ``key``: RSA in PEM."""

    domain: str
    selector: str
    key: bytes

    def __repr__(self) -> str:
        """Without the key."""
        return f"Signature({self.selector}._domainkey.{self.domain})"


def signed(data: bytes, signature: Signature) -> bytes:
    """The mail with its signature in front. Nothing may touch it afterwards.

    Raises:
        dkim.DKIMException: the key is no key.
    """
    header: bytes = dkim.sign(
        data,
        signature.selector.encode(),
        signature.domain.encode(),
        signature.key,
        canonicalize=(b"relaxed", b"relaxed"),
        include_headers=[name for name in HEADERS if _has(data, name)],
    )
    return header + data


def _has(data: bytes, name: bytes) -> bool:
    head = b"\r\n" + data.split(b"\r\n\r\n", 1)[0].lower()
    return b"\r\n" + name + b":" in head
