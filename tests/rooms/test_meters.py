"""What rooms count: durations in buckets, the newest minute of them, quantiles."""

from __future__ import annotations

import pytest

from rooms.meters import EDGES_S, WINDOW_S, RoomMeter, Times, Totals, Window, quantile_s


def times(*seconds: float) -> Times:
    counted = Times()
    for one in seconds:
        counted.took(one)
    return counted


def test_a_duration_falls_into_the_bucket_whose_edge_it_does_not_pass() -> None:
    counted = times(0.001, 0.0011, 99.0)
    place = EDGES_S.index(0.001)
    assert counted.counts[place] == counted.counts[place + 1] == counted.counts[-1] == 1
    assert counted.sum_s == pytest.approx(99.0021)


def test_a_quantile_lies_straight_within_its_bucket() -> None:
    assert quantile_s(times().counts, 0.99) is None
    assert quantile_s(times(*[0.004] * 100).counts, 0.5) == pytest.approx(0.00375)
    mixed = times(*[0.0002] * 98, 0.3, 0.3).counts
    assert quantile_s(mixed, 0.5) < 0.0005  # type: ignore[operator]
    assert quantile_s(mixed, 0.99) == pytest.approx(0.375)
    assert quantile_s(times(50.0).counts, 0.99) == EDGES_S[-1]


def test_a_window_forgets_what_is_older_than_a_minute_however_often_it_is_read() -> None:
    counted, window = times(0.01), Window()
    assert sum(window.read(counted, 0.0)) == 1
    for step in range(200):
        assert sum(window.read(counted, step * 0.1)) == 1
    counted.took(0.02)
    for second in range(20, 70, 5):
        found = window.read(counted, second)
    assert sum(found) == 1, "the first has left, the second has not"
    for second in range(70, 160, 5):
        found = window.read(counted, second)
    assert sum(found) == 0
    assert WINDOW_S == 60.0


def test_totals_outlive_the_rooms_that_they_were_counted_in() -> None:
    meter, totals = RoomMeter(), Totals()
    meter.turn(30, 0.002)
    totals.add(meter, 400, 1)
    totals.add(meter, 100, 0)
    assert (totals.commands, totals.deliveries, totals.slow_closed) == (60, 500, 1)
    assert sum(totals.turns.counts) == 2
