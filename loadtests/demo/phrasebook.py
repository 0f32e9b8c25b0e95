"""Picks lines so that nobody repeats what was said lately."""

from __future__ import annotations

import random
from collections import deque

from loadtests.demo.phrases import LINES, SPECIALS

REMEMBERED = 200
"""Spoken lines that are not said again, word for word."""


class Phrasebook:
    """Lines by occasion; a pool is gone through before any of its lines comes again."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._left: dict[str, list[str]] = {}
        self._said: deque[str] = deque(maxlen=REMEMBERED)

    def line(self, occasion: str, **fields: str) -> str | None:
        """A line for the occasion, or ``None`` if all that fit were said lately."""
        return self._from(occasion, LINES[occasion], fields)

    def about(self, title: str) -> str | None:
        """A line that fits this song alone, or ``None``."""
        lines = SPECIALS.get(title)
        return self._from(f"special:{title}", lines, {}) if lines else None

    def _from(self, pool: str, lines: tuple[str, ...], fields: dict[str, str]) -> str | None:
        for _ in range(len(lines)):
            left = self._left.get(pool)
            if not left:
                left = self._left[pool] = self._rng.sample(lines, len(lines))
            text = left.pop()
            try:
                spoken = text.format_map(fields)
            except KeyError:
                continue  # This line needs something that this occasion does not have.
            if spoken not in self._said:
                self._said.append(spoken)
                return spoken
        return None
