"""An epoch names one room's log. It changes when the database is another one than before."""

from __future__ import annotations

import hashlib


def epoch_of(base: str, show_id: str) -> str:
    """The epoch of a room, from the database's part and the show: 16 hexadecimal digits."""
    return hashlib.sha256(f"{base}/{show_id}".encode()).hexdigest()[:16]
