"""What suppressions know a number by."""

from __future__ import annotations

import hmac


class NumberHash:
    """A keyed hash: without the key nobody finds a number by trying all of them.

    Args:
        key: derived from the installation's secret key.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, channel: str, number: str) -> bytes:
        """32 bytes for a number (E.164) on a channel."""
        return hmac.digest(self._key, f"{channel}:{number}".encode(), "sha256")
