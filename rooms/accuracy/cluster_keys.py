"""Names of clusters: short, and telling nothing of whom they hold."""

from __future__ import annotations

from hashlib import sha256

_DIGITS = 11


def device_cluster(device_id: str) -> str:
    """Of those who share a device, before anything else is known of them."""
    return "d" + sha256(device_id.encode()).hexdigest()[:_DIGITS]


def account_cluster(account_id: str) -> str:
    """Of those who were found to move together, by the first of them."""
    return "c" + sha256(account_id.encode()).hexdigest()[:_DIGITS]
