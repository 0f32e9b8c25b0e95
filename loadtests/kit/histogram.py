"""Latencies in bounded memory: a log-linear histogram, as HdrHistogram keeps them.

Every octave of microseconds is divided into `SUB_BUCKETS` equal parts, so a value is known to
1/256 of itself (the middle of its part) whatever its size, an hour and a microsecond side by
side, in at most `BUCKETS_MAX` counts. Histograms of several processes merge by adding counts,
which no list of percentiles does. Layout: Gil Tene, http://hdrhistogram.org.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

SUB_BITS = 7
SUB_BUCKETS = 1 << SUB_BITS
"""Parts of an octave: a part is at most 1/128 of the values in it wide."""

VALUE_US_MAX = 3_600_000_000
"""An hour. What took longer is counted as an hour."""

RELATIVE_ERROR_MAX = 1 / (2 * SUB_BUCKETS)
"""A quantile is off by at most this share of itself, and by half a microsecond."""


def bucket_of(value_us: int) -> int:
    """The number of the part that a value lies in, from 0."""
    if value_us < 2 * SUB_BUCKETS:
        return max(0, value_us)
    value_us = min(value_us, VALUE_US_MAX)
    shift = value_us.bit_length() - SUB_BITS - 1
    return (shift << SUB_BITS) + (value_us >> shift)


def middle_of(bucket: int) -> float:
    """The middle of a part, in microseconds."""
    if bucket < 2 * SUB_BUCKETS:
        return float(bucket)
    shift = (bucket >> SUB_BITS) - 1
    low = ((bucket & (SUB_BUCKETS - 1)) | SUB_BUCKETS) << shift
    return low + (1 << shift) / 2


BUCKETS_MAX = bucket_of(VALUE_US_MAX) + 1


class Histogram:
    """Counts of durations.

    Attributes:
        counts: by part, only those that are not 0.
        count: of all.
        max_us: the longest, exactly.
        sum_us: of all, exactly but for the rounding to microseconds.
    """

    __slots__ = ("count", "counts", "max_us", "sum_us")

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}
        self.count = 0
        self.max_us = 0
        self.sum_us = 0

    def record(self, seconds: float, times: int = 1) -> None:
        """Counts a duration; what is negative counts as 0."""
        value_us = min(VALUE_US_MAX, max(0, int(seconds * 1e6 + 0.5)))
        if value_us < 2 * SUB_BUCKETS:
            bucket = value_us
        else:
            shift = value_us.bit_length() - SUB_BITS - 1
            bucket = (shift << SUB_BITS) + (value_us >> shift)
        self.counts[bucket] = self.counts.get(bucket, 0) + times
        self.count += times
        self.sum_us += value_us * times
        if value_us > self.max_us:
            self.max_us = value_us

    def add(self, other: Histogram) -> None:
        """Takes in another one's counts."""
        self.add_counts(other.counts, other.max_us, other.sum_us)

    def add_counts(self, counts: Mapping[int, int], max_us: int, sum_us: int) -> None:
        """The same for counts that came over a wire."""
        mine = self.counts
        for bucket, times in counts.items():
            mine[bucket] = mine.get(bucket, 0) + times
            self.count += times
        self.max_us = max(self.max_us, max_us)
        self.sum_us += sum_us

    def quantile_s(self, share: float) -> float:
        """The duration that ``share`` of all do not exceed, in seconds; 0 where there is none."""
        return self.quantiles_s((share,))[0]

    def quantiles_s(self, shares: Iterable[float]) -> list[float]:
        """Several at once; ``shares`` ascend."""
        found: list[float] = []
        ordered = sorted(self.counts.items())
        seen, at = 0, -1
        for share in shares:
            rank = max(1, min(self.count, _ceiling(share * self.count)))
            while seen < rank and at + 1 < len(ordered):
                at += 1
                seen += ordered[at][1]
            value_us = min(middle_of(ordered[at][0]), self.max_us) if at >= 0 else 0.0
            found.append(value_us / 1e6)
        return found

    @property
    def mean_s(self) -> float:
        """The mean, in seconds; 0 where there is none."""
        return self.sum_us / self.count / 1e6 if self.count else 0.0

    def steps(self) -> list[tuple[float, float]]:
        """The distribution: seconds, and the share that took no longer."""
        seen = 0
        found = []
        for bucket, times in sorted(self.counts.items()):
            seen += times
            found.append((min(middle_of(bucket), self.max_us) / 1e6, seen / self.count))
        return found


def _ceiling(value: float) -> int:
    # 0.99 * 100 is 99.00000000000001 for a float: that is the 99th, not the 100th.
    return -int(-(value - 1e-9) // 1)
