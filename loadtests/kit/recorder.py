"""What one generator process measures, and hands on once a second."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct

from loadtests.kit.histogram import Histogram

LATE_S = 0.02
"""A send that begins so long after its due moment is late: the generator's fault."""

CODES_MAX = 100
"""Different error codes that are told apart; further ones are counted as ``other``."""


class Spread(Struct, frozen=True, array_like=True):
    """A histogram on its way between processes."""

    counts: dict[int, int]
    max_us: int
    sum_us: int


class Delta(Struct, frozen=True):
    """What happened since the last one.

    Attributes:
        at_s: the end of the interval, seconds after the start; negative before it.
        wall_s: its length.
        cpu_s: of this process within it.
        took: durations by operation.
        errors: counts by operation and code.
        counters: what is counted beside durations.
        gauges: values as they are now.
        lag: how late this process's own loop woke up.
        late: how late what was due began to be sent.
        rss_bytes: resident memory of this process.
    """

    number: int
    at_s: float
    wall_s: float
    cpu_s: float
    took: dict[str, Spread]
    errors: dict[str, dict[str, int]]
    counters: dict[str, int]
    gauges: dict[str, float]
    lag: Spread
    late: Spread
    late_sends: int
    rss_bytes: int


class Recorder:
    """Measures. Everything is cheap enough for every single frame."""

    def __init__(self) -> None:
        self._took: dict[str, Histogram] = {}
        self._errors: dict[str, Counter[str]] = {}
        self._counters: Counter[str] = Counter()
        self.gauges: dict[str, float] = {}
        self.lag = Histogram()
        self.late = Histogram()
        self._late_sends = 0

    def took(self, operation: str, seconds: float, times: int = 1) -> None:
        """An operation succeeded after so long."""
        histogram = self._took.get(operation)
        if histogram is None:
            histogram = self._took[operation] = Histogram()
        histogram.record(seconds, times)

    def failed(self, operation: str, code: str) -> None:
        """An operation failed; ``code`` is the server's, or says what broke."""
        counts = self._errors.setdefault(operation, Counter())
        counts[code if code in counts or len(counts) < CODES_MAX else "other"] += 1

    def count(self, counter: str, times: int = 1) -> None:
        """Something happened that has no duration."""
        self._counters[counter] += times

    def sent(self, late_s: float) -> None:
        """Something that was due has been sent, so late."""
        self.late.record(late_s)
        if late_s > LATE_S:
            self._late_sends += 1

    def drain(self, number: int, at_s: float, wall_s: float, cpu_s: float, rss_bytes: int) -> Delta:
        """What was measured since the last call."""
        delta = Delta(
            number=number,
            at_s=at_s,
            wall_s=wall_s,
            cpu_s=cpu_s,
            took={name: _spread(histogram) for name, histogram in self._took.items()},
            errors={name: dict(counts) for name, counts in self._errors.items()},
            counters=dict(self._counters),
            gauges=dict(self.gauges),
            lag=_spread(self.lag),
            late=_spread(self.late),
            late_sends=self._late_sends,
            rss_bytes=rss_bytes,
        )
        self._took, self._errors, self._counters = {}, {}, Counter()
        self.lag, self.late, self._late_sends = Histogram(), Histogram(), 0
        return delta


def _spread(histogram: Histogram) -> Spread:
    return Spread(histogram.counts, histogram.max_us, histogram.sum_us)
