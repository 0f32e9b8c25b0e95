"""Ties drawn by lot: with a seed that nobody could choose once voting began.

The seed is minted when the round opens; its SHA-256 is published at once (`hash_of`), the seed
itself with the result. Anybody can check the draw: the tied option whose
``sha256(seed + ":" + option_id)`` is smallest wins.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def hash_of(seed: str) -> str:
    """What is published when the round opens: SHA-256 of the seed's text, hexadecimal."""
    return hashlib.sha256(seed.encode()).hexdigest()


def drawn_from(tied: Iterable[str], seed: str) -> str:
    """The winner among options that are tied."""
    return min(tied, key=lambda option_id: hash_of(f"{seed}:{option_id}"))
