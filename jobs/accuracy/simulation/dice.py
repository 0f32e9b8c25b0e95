"""Chance that comes out the same everywhere: of ``random.Random`` only ``random()`` is promised
to be stable over Python's versions, so everything is made of that."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

_Item = TypeVar("_Item")


class Dice:
    """Dice with a seed. One stream for one question, so that no answer hangs on another's."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def happens(self, probability: float) -> bool:
        """Whether something happens that happens with this probability."""
        return self._random.random() < probability

    def between(self, low: float, high: float) -> float:
        """A number from ``low`` to ``high``."""
        return low + (high - low) * self._random.random()

    def some(self, items: Sequence[_Item], count: int) -> list[_Item]:
        """Different items, at most all of them, in a random order."""
        left = list(items)
        taken: list[_Item] = []
        while left and len(taken) < count:
            at = min(int(self._random.random() * len(left)), len(left) - 1)
            left[at], left[-1] = left[-1], left[at]
            taken.append(left.pop())
        return taken
