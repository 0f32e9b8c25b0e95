"""When people come: a fixed number of fans, each at a moment of their own.

Given how many come, the moments of a Poisson process are independent draws from its normalised
rate, so arrivals are drawn, not ticked off. Shapes are over a window from 0 to 1:

- ``rush``: 35 % stood in the queue and come when the doors open, in an exponential whose mean is
  8 % of the window; the others by a Beta(2, 3), most of them in its first half.
- ``even``: all moments alike.
- ``at-once``: all at 0.

No measured arrivals of concerts lie behind these numbers; they are an assumption, on the safe side:
ticket scanners let people in one by one, phones at a push message do not (docs/load.md).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

QUEUE_SHARE = 0.35
QUEUE_MEAN = 0.08

Shape = Callable[[random.Random], float]


def rush(rng: random.Random) -> float:
    """A queue that was waiting, and those who come after it."""
    if rng.random() < QUEUE_SHARE:
        return min(1.0, rng.expovariate(1 / QUEUE_MEAN))
    return rng.betavariate(2, 3)


def even(rng: random.Random) -> float:
    """A steady stream."""
    return rng.random()


def at_once(rng: random.Random) -> float:
    """Everybody together."""
    return 0.0


SHAPES: Final[dict[str, Shape]] = {"rush": rush, "even": even, "at-once": at_once}


def arrivals(count: int, over_s: float, shape: Shape, rng: random.Random) -> list[float]:
    """So many moments within ``over_s`` seconds, ascending."""
    return sorted(shape(rng) * over_s for _ in range(count))
