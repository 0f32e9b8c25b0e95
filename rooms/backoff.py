"""How long to wait before the next try: longer each time, never for long, never all at once."""

from __future__ import annotations

from collections.abc import Callable

FIRST_S = 0.05
LAST_S = 2.0
"""A store that is back is noticed within this time."""


class Backoff:
    """Exponential, bounded, with jitter: between half of the nominal wait and all of it.

    Args:
        random: a number from 0 up to 1, another one each time.
    """

    def __init__(self, random: Callable[[], float]) -> None:
        self._random = random
        self._tries = 0

    def next_s(self) -> float:
        """Seconds to wait now."""
        nominal = min(LAST_S, FIRST_S * 2.0 ** min(self._tries, 16))
        self._tries += 1
        return nominal * (0.5 + 0.5 * self._random())

    def reset(self) -> None:
        """It worked: the next wait is short again."""
        self._tries = 0
