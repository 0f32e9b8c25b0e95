"""What stands for an address where the address itself must not be kept."""

from __future__ import annotations

import hmac
from typing import Final

from rooms.mail.mime import ascii_domain

DIGEST: Final = "sha256"


class AddressHash:
    """A keyed hash: without the key nobody can try out addresses.

    Args:
        key: the same on every node and for good.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __call__(self, address: str) -> bytes:
        """Addresses that differ in case alone are one, as accounts have it; and so are a domain
        as people write it and as DNS has it, which is how bounces name it."""
        local, at, domain = address.strip().lower().rpartition("@")
        plain = f"{local}{at}{ascii_domain(domain) if domain else ''}"
        return hmac.digest(self._key, plain.encode(), DIGEST)
