"""Whether memory grows: the slope of a noisy series, by a regression that outliers do not move.

Theil-Sen: the median of the slopes of all pairs of points (Theil 1950, Sen 1968). Up to 29 % of
the points may be anything at all, which a sawtooth of rooms that come and go needs; least squares
would follow a single burst at the end.

Memory moves in steps, so that a sample says little beyond the one before. The interval takes them
for as many independent ones as their lag-one correlation leaves (Bayley and Hammersley 1946; Yue
and Wang 2004 for this test); as if they were independent it would be several times too narrow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

POINTS_MAX = 720
"""Points that pairs are made of: 260,000 pairs. Longer series are thinned evenly."""

_Z_95 = 1.959964


class Trend(Struct, frozen=True):
    """A slope per second with its 95 % confidence interval, and the median of the values."""

    slope: float
    low: float
    high: float
    median: float
    points: int


class TooFew(ValueError):
    """Fewer than three points have no trend."""


def theil_sen(seconds: Sequence[float], values: Sequence[float]) -> Trend:
    """The trend of values over time.

    Raises:
        TooFew: under three points at different moments.
    """
    if len(seconds) != len(values):
        raise ValueError("as many moments as values")
    step = max(1, math.ceil(len(seconds) / POINTS_MAX))
    x = np.asarray(seconds[::step], dtype=float)
    y = np.asarray(values[::step], dtype=float)
    first, second = np.triu_indices(len(x), k=1)
    apart = x[second] - x[first]
    usable = apart > 0
    slopes = np.sort((y[second] - y[first])[usable] / apart[usable])
    if len(x) < 3 or not len(slopes):
        raise TooFew("a trend needs three points")
    # Sen's interval: ranks around the median by the variance of Kendall's statistic.
    n = len(x)
    slope = float(np.median(slopes))
    spread = _Z_95 * math.sqrt(n * (n - 1) * (2 * n + 5) / 18 * _inflation(y - slope * x))
    low = max(0, int((len(slopes) - spread) / 2))
    high = min(len(slopes) - 1, int((len(slopes) + spread) / 2))
    return Trend(
        slope=slope,
        low=float(slopes[low]),
        high=float(slopes[high]),
        median=float(np.median(y)),
        points=n,
    )


def _inflation(rest: NDArray[np.float64]) -> float:
    """How many samples stand for one independent one, for what is left beside the slope."""
    off = rest - rest.mean()
    variance = float(off @ off)
    if variance == 0:
        return 1.0
    correlation = float(off[1:] @ off[:-1]) / variance
    most = 1 - 2 / len(rest)
    correlation = min(max(correlation, 0.0), most)
    return (1 + correlation) / (1 - correlation)
