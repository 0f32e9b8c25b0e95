"""Histograms say what numpy says, to within what they promise, alone and merged."""

import random

import numpy as np
import pytest

from loadtests.kit.histogram import (
    BUCKETS_MAX,
    RELATIVE_ERROR_MAX,
    VALUE_US_MAX,
    Histogram,
    bucket_of,
    middle_of,
)

SHARES = (0.01, 0.5, 0.9, 0.99, 0.999, 1.0)


def samples(seed: int, count: int = 20_000) -> list[float]:
    rng = random.Random(seed)
    return [rng.lognormvariate(-5, 1.8) for _ in range(count)]


@pytest.mark.parametrize("seed", range(4))
def test_quantiles_are_those_of_the_values(seed: int) -> None:
    values = samples(seed)
    histogram = Histogram()
    for value in values:
        histogram.record(value)
    expected = np.quantile(values, SHARES, method="inverted_cdf")
    for found, true in zip(histogram.quantiles_s(SHARES), expected, strict=True):
        assert found == pytest.approx(true, rel=RELATIVE_ERROR_MAX, abs=0.6e-6)
    assert histogram.mean_s == pytest.approx(np.mean(values), rel=1e-4)
    assert histogram.max_us == pytest.approx(max(values) * 1e6, abs=0.6)


def test_merging_is_as_if_one_had_measured_all() -> None:
    parts, whole = [Histogram() for _ in range(3)], Histogram()
    for number, value in enumerate(samples(7)):
        parts[number % 3].record(value)
        whole.record(value)
    merged = Histogram()
    for part in parts:
        merged.add(part)
    assert merged.counts == whole.counts
    assert merged.count == whole.count
    assert merged.max_us == whole.max_us
    assert merged.quantiles_s(SHARES) == whole.quantiles_s(SHARES)


def test_every_value_lies_in_its_bucket_and_buckets_ascend() -> None:
    values = sorted({*range(1_000), *(int(1.03**n) for n in range(740)), VALUE_US_MAX})
    buckets = [bucket_of(value) for value in values if value <= VALUE_US_MAX]
    assert buckets == sorted(buckets)
    for value in values:
        if value <= VALUE_US_MAX:
            middle = middle_of(bucket_of(value))
            assert middle == pytest.approx(value, rel=RELATIVE_ERROR_MAX, abs=0.5)


def test_memory_is_bounded_whatever_is_recorded() -> None:
    histogram = Histogram()
    for exponent in range(-9, 9):
        for step in range(1, 1_000):
            histogram.record(step * 10.0**exponent)
    histogram.record(-1.0)
    assert len(histogram.counts) <= BUCKETS_MAX < 4_000
    assert histogram.max_us == VALUE_US_MAX


def test_a_quantile_is_that_of_the_right_rank() -> None:
    histogram = Histogram()
    for number in range(1, 101):
        histogram.record(number / 1e6)
    assert histogram.quantile_s(0.99) == 99e-6
    assert histogram.quantile_s(0.5) == 50e-6
    assert Histogram().quantile_s(0.99) == 0.0
