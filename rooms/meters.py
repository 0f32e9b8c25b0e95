"""What a room counts of itself: plain integers, which a collector reads when it is asked.

Nothing here is labelled, locked or exported while a room works: a turn costs one bisection and
four additions, a sweep over receivers one addition, whoever looks at it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from typing import Final

EDGES_S: Final = (
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
)  # fmt: skip
"""Upper edges of the buckets, in seconds: from a turn of one command on an idle machine to the
longest that a commit may take, twice."""

WINDOW_S: Final = 60.0
WINDOW_STEP_S: Final = 4.0
"""At least between two marks of a window: it keeps sixteen at most."""


class Times:
    """How often something took how long.

    Attributes:
        counts: per edge of `EDGES_S`, and one more for what took longer.
        sum_s: all of it together, in seconds.
    """

    __slots__ = ("counts", "sum_s")

    def __init__(self) -> None:
        self.counts = [0] * (len(EDGES_S) + 1)
        self.sum_s = 0.0

    def took(self, seconds: float) -> None:
        """One more."""
        self.counts[bisect_left(EDGES_S, seconds)] += 1
        self.sum_s += seconds

    def add(self, other: Times) -> None:
        """Takes over what another counted."""
        self.counts = [own + theirs for own, theirs in zip(self.counts, other.counts, strict=True)]
        self.sum_s += other.sum_s


class RoomMeter:
    """What one loaded room did so far.

    Attributes:
        turns: how long each took, from its begin until everybody in it was answered.
        commands: taken by turns.
    """

    __slots__ = ("commands", "turns")

    def __init__(self) -> None:
        self.turns = Times()
        self.commands = 0

    def turn(self, commands: int, seconds: float) -> None:
        """One more turn, of so many commands."""
        self.turns.took(seconds)
        self.commands += commands


class Totals:
    """What several rooms did together.

    Attributes:
        turns, commands: see `RoomMeter`.
        deliveries: writes to receivers, one per receiver and sweep.
        slow_closed: receivers that were closed because they took too little.
    """

    __slots__ = ("commands", "deliveries", "slow_closed", "turns")

    def __init__(self) -> None:
        self.turns = Times()
        self.commands = 0
        self.deliveries = 0
        self.slow_closed = 0

    def add(self, meter: RoomMeter, deliveries: int, slow_closed: int) -> None:
        """One room more."""
        self.turns.add(meter.turns)
        self.commands += meter.commands
        self.deliveries += deliveries
        self.slow_closed += slow_closed


class Window:
    """The newest minute of some `Times`, however often it is read."""

    __slots__ = ("_marks",)

    def __init__(self) -> None:
        self._marks: deque[tuple[float, tuple[int, ...]]] = deque()

    def read(self, times: Times, now: float) -> tuple[int, ...]:
        """Counts per bucket in the minute before ``now``, give or take a step; all that there are
        at the first reading."""
        marks, counts = self._marks, tuple(times.counts)
        while len(marks) > 1 and marks[1][0] <= now - WINDOW_S:
            marks.popleft()
        if not marks:
            marks.append((now, (0,) * len(counts)))
        elif now - marks[-1][0] >= WINDOW_STEP_S:
            marks.append((now, counts))
        return tuple(later - earlier for later, earlier in zip(counts, marks[0][1], strict=True))


def quantile_s(counts: Sequence[int], share: float) -> float | None:
    """The duration that this share was at most, in seconds; ``None``: there is none.

    Straight within a bucket, as Prometheus' ``histogram_quantile`` has it; what is beyond the last
    edge counts as that.
    """
    total = sum(counts)
    if total == 0:
        return None
    wanted, below = share * total, 0
    for place, count in enumerate(counts):
        if count and below + count >= wanted:
            if place == len(EDGES_S):
                break
            start = EDGES_S[place - 1] if place else 0.0
            return start + (EDGES_S[place] - start) * max(0.0, wanted - below) / count
        below += count
    return EDGES_S[-1]
