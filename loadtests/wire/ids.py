"""UUIDv7 (RFC 9562, section 5.7), as clients mint them for commands and setlist entries."""

from __future__ import annotations

import random
import time
import uuid

_system = random.SystemRandom()


def uuid7(rng: random.Random | None = None, *, now_ms: int | None = None) -> str:
    """A new UUIDv7 as text.

    Args:
        rng: source of the 74 random bits; the system's by default. A seeded one is for runs
            that must not share a database with another run of the same seed.
        now_ms: Unix time in milliseconds; the clock's by default.
    """
    source = rng or _system
    moment = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    value = (moment & (2**48 - 1)) << 80
    value |= 0x7 << 76
    value |= source.getrandbits(12) << 64
    value |= 0b10 << 62
    value |= source.getrandbits(62)
    return str(uuid.UUID(int=value))
