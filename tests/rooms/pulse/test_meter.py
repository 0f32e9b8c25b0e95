"""Votes a second."""

from __future__ import annotations

from rooms.pulse.meter import WINDOW_S, VoteMeter


def test_votes_are_smoothed_over_five_seconds_and_then_forgotten() -> None:
    meter = VoteMeter()
    assert meter.per_s(0.0) == 0.0
    meter.count(10, 100.0)
    meter.count(1, 103.0)
    assert meter.per_s(103.0) == 2.2
    assert meter.per_s(100.0 + WINDOW_S) == 0.2
    assert meter.per_s(103.0 + WINDOW_S) == 0.0


def test_a_steady_stream_is_its_rate() -> None:
    meter = VoteMeter()
    for tenth in range(100):
        meter.count(7, tenth / 10)
    assert meter.per_s(9.9) == 70.0
