"""Which slot every clock of one client belongs to, in runs."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator

from crdt.slots import NOWHERE


class Runs:
    """Numbers of slots (`crdt.slots`) of one client's clocks, in order, without gaps."""

    __slots__ = ("_numbers", "_starts", "end")

    def __init__(self, start: int) -> None:
        self._starts = array("q")
        self._numbers = array("q")
        self.end = start

    def __len__(self) -> int:
        """How many runs there are."""
        return len(self._starts)

    def append(self, number: int, clock_end: int) -> None:
        """The next clocks up to ``clock_end`` belong to this slot."""
        if not self._numbers or self._numbers[-1] != number:
            self._starts.append(self.end)
            self._numbers.append(number)
        self.end = clock_end

    def at(self, clock: int) -> int:
        """The slot of a clock; ``NOWHERE`` also if it is not in these runs."""
        if clock >= self.end:
            return NOWHERE
        index = bisect_right(self._starts, clock) - 1
        return self._numbers[index] if index >= 0 else NOWHERE

    def within(self, start: int, stop: int) -> Iterator[int]:
        """The slots of the clocks from ``start`` to ``stop - 1``."""
        index = max(bisect_right(self._starts, start) - 1, 0)
        while index < len(self._starts) and self._starts[index] < stop:
            if self._numbers[index] != NOWHERE:
                yield self._numbers[index]
            index += 1

    def copy(self) -> Runs:
        """An independent copy."""
        other = Runs(self.end)
        other._starts = self._starts[:]
        other._numbers = self._numbers[:]
        return other
