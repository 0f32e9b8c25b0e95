"""What stands for an address where the address itself must not be kept."""

from __future__ import annotations

import hmac
from typing import Final

DIGEST: Final = "sha256"


class AddressHash:
    """A keyed hash: without the key nobody can try out addresses.

    Args:
        key: the same on every node and for good.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __call__(self, address: str) -> bytes:
        """Addresses that differ in case alone are one, as accounts have it."""
        return hmac.digest(self._key, address.strip().lower().encode(), DIGEST)
