"""What all generator processes measured, over time, in bounded memory."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from loadtests.kit.histogram import Histogram
from loadtests.kit.recorder import Delta

MOMENTS_MAX = 600
"""Moments that are kept apart; beyond, two become one, each twice as long."""


@dataclass(slots=True)
class Moment:
    """One interval of all processes together."""

    took: dict[str, Histogram] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    generator_cpu: dict[int, list[float]] = field(default_factory=dict)
    """Wall and CPU seconds by process."""

    def take(self, delta: Delta) -> None:
        """Adds what one process measured."""
        for name, spread in delta.took.items():
            self.took.setdefault(name, Histogram()).add_counts(
                spread.counts, spread.max_us, spread.sum_us
            )
        for name, codes in delta.errors.items():
            self.errors[name] += sum(codes.values())
        used = self.generator_cpu.setdefault(delta.number, [0.0, 0.0])
        used[0] += delta.wall_s
        used[1] += delta.cpu_s

    def swallow(self, other: Moment) -> None:
        """Makes one of two."""
        for name, histogram in other.took.items():
            self.took.setdefault(name, Histogram()).add(histogram)
        self.errors.update(other.errors)
        for number, (wall_s, cpu_s) in other.generator_cpu.items():
            used = self.generator_cpu.setdefault(number, [0.0, 0.0])
            used[0] += wall_s
            used[1] += cpu_s


@dataclass(slots=True)
class Generator:
    """One generator process over the whole measured time."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    busiest: float = 0.0
    """The largest share of a core over one interval."""
    latest: float = 0.0
    """The share of a core over the last interval."""
    rss_bytes: int = 0
    lag: Histogram = field(default_factory=Histogram)
    late: Histogram = field(default_factory=Histogram)
    late_sends: int = 0

    @property
    def share(self) -> float:
        """Of one core, on average."""
        return self.cpu_s / self.wall_s if self.wall_s else 0.0

    @property
    def late_share(self) -> float:
        """Of all sends, how many began late."""
        return self.late_sends / self.late.count if self.late.count else 0.0


class Timeline:
    """Everything measured.

    Attributes:
        interval_s: length of a moment.
        moments: by number; what happened before the start is in none.
        total: durations by operation, over the measured time.
        errors: counts by operation and code, the time before the start included.
        counters, gauges: of all processes together.
        generators: by number.
    """

    def __init__(self, interval_s: float = 1.0) -> None:
        self.interval_s = interval_s
        self.moments: dict[int, Moment] = {}
        self.total: dict[str, Histogram] = {}
        self.errors: dict[str, Counter[str]] = {}
        self.counters: Counter[str] = Counter()
        self.generators: dict[int, Generator] = {}
        self.last_at_s = 0.0
        self._gauges: dict[int, dict[str, float]] = {}

    @property
    def gauges(self) -> Counter[str]:
        """Values of all processes added up."""
        found: Counter[str] = Counter()
        for values in self._gauges.values():
            for name, value in values.items():
                found[name] += value  # type: ignore[assignment]
        return found

    def take(self, delta: Delta) -> None:
        """Takes in what one process measured in one interval."""
        self._gauges[delta.number] = delta.gauges
        self.counters.update(delta.counters)
        for name, codes in delta.errors.items():
            self.errors.setdefault(name, Counter()).update(codes)
        generator = self.generators.setdefault(delta.number, Generator())
        generator.rss_bytes = max(generator.rss_bytes, delta.rss_bytes)
        if delta.wall_s > 0.1:
            generator.latest = delta.cpu_s / delta.wall_s
        if delta.at_s <= 0:
            return
        self.last_at_s = max(self.last_at_s, delta.at_s)
        for name, spread in delta.took.items():
            self.total.setdefault(name, Histogram()).add_counts(
                spread.counts, spread.max_us, spread.sum_us
            )
        if delta.wall_s <= delta.at_s + 0.5:  # not the one that began long before the start
            generator.wall_s += delta.wall_s
            generator.cpu_s += delta.cpu_s
            if delta.wall_s > 0.5:
                generator.busiest = max(generator.busiest, generator.latest)
            generator.lag.add_counts(delta.lag.counts, delta.lag.max_us, delta.lag.sum_us)
        generator.late.add_counts(delta.late.counts, delta.late.max_us, delta.late.sum_us)
        generator.late_sends += delta.late_sends
        # An interval ends a moment after its beat: the middle says which it is.
        number = int(max(0.0, delta.at_s - delta.wall_s / 2) / self.interval_s)
        self.moments.setdefault(number, Moment()).take(delta)
        while len(self.moments) > MOMENTS_MAX:
            self._coarsen()

    def _coarsen(self) -> None:
        self.interval_s *= 2
        paired: dict[int, Moment] = {}
        for number in sorted(self.moments):
            kept = paired.setdefault(number // 2, Moment())
            kept.swallow(self.moments[number])
        self.moments = paired
