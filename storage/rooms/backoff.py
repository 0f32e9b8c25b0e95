"""How long to wait before the next try: longer each time, never for long, never all at once."""

from __future__ import annotations

from random import Random

FIRST_S = 0.05
LAST_S = 2.0
"""A store that is back is noticed within this time."""


class Backoff:
    """Exponential, bounded, with full jitter (at least half of the nominal wait)."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._tries = 0

    def next_s(self) -> float:
        """Seconds to wait now."""
        nominal = min(LAST_S, FIRST_S * 2.0 ** min(self._tries, 16))
        self._tries += 1
        return nominal * self._random.uniform(0.5, 1.0)

    def reset(self) -> None:
        """It worked: the next wait is short again."""
        self._tries = 0
