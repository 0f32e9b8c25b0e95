"""A night in pieces: few enough, and nothing counted twice or lost."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rooms.timeline.buckets import POINTS_MAX, STEPS_S, Buckets, buckets_of
from tests.rooms.builders import T0, after

SPANS = st.integers(0, 400 * 24 * 3600)


@given(SPANS)
def test_there_are_never_too_many_points_and_the_pieces_are_the_shortest(span_s: int) -> None:
    found = buckets_of(T0, after(span_s))
    assert 1 <= found.points <= POINTS_MAX
    shorter = [step for step in STEPS_S if step < found.bucket_s]
    assert all(Buckets(T0, after(span_s), step).points > POINTS_MAX for step in shorter)


@given(SPANS, st.floats(0, 1))
def test_every_moment_of_the_night_is_in_one_piece(span_s: int, part: float) -> None:
    found = buckets_of(T0, after(span_s))
    at = T0 + timedelta(seconds=span_s * part)
    place = found.place_of(at)
    assert place is not None
    begins = found.begins()
    assert begins[place] <= at <= begins[place] + timedelta(seconds=found.bucket_s)


def test_a_night_begins_with_its_minute() -> None:
    found = buckets_of(T0 + timedelta(seconds=42), after(3600))
    assert (found.starts_at, found.bucket_s, found.points) == (T0, 60, 60)


def test_an_evening_is_told_by_the_minute_and_a_festival_by_the_hour() -> None:
    assert buckets_of(T0, after(12 * 3600)).bucket_s == 60
    assert buckets_of(T0, after(12 * 3600 + 1)).bucket_s == 120
    assert buckets_of(T0, after(30 * 24 * 3600)).bucket_s == 3600


def test_head_counts_are_peaks_and_unknown_minutes_are_nobody() -> None:
    found = Buckets(T0, after(600), 120)
    known: list[tuple[datetime, int]] = [(after(0), 3), (after(60), 7), (after(240), 5)]
    assert found.peaks([*known, (after(-60), 99), (after(660), 99)]) == [7, 0, 5, 0, 0]
    assert found.sums([(0, 2), (0, 3), (4, 1), (5, 9), (-1, 9)]) == [5, 0, 0, 0, 1]
