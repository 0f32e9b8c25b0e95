"""Rate limits per participant."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rooms import limits
from rooms.sessions.allowance import Allowances, TokenBucket


def test_a_burst_is_allowed_and_then_the_rate() -> None:
    bucket = TokenBucket(rate=20, burst=40)
    assert [bucket.take(0.0) for _ in range(40)] == [0.0] * 40
    assert bucket.take(0.0) == pytest.approx(0.05)
    assert bucket.take(0.05) == 0.0
    assert bucket.take(0.05) > 0.0


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(0, 0.3), max_size=200))
def test_no_pattern_gets_more_than_the_burst_and_the_rate(gaps: list[float]) -> None:
    bucket, now, taken = TokenBucket(rate=10, burst=5), 0.0, 0
    for gap in gaps:
        now += gap
        taken += bucket.take(now) == 0.0
    assert taken <= 5 + 10 * now + 1e-6


def test_a_clock_that_stands_still_gives_nothing_for_free() -> None:
    bucket = TokenBucket(rate=10, burst=1)
    assert bucket.take(5.0) == 0.0
    assert bucket.take(4.0) > 0.0 and bucket.take(5.0) > 0.0


def test_coming_back_does_not_renew_an_allowance() -> None:
    allowances = Allowances()
    first = allowances.of("show", "dana", 0.0)
    assert allowances.of("show", "dana", 1.0) is first
    assert allowances.of("other", "dana", 1.0) is not first


def test_only_those_who_were_quiet_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ALLOWANCES_KEPT", 3)
    allowances = Allowances()
    busy = allowances.of("show", "busy", 0.0)
    for _ in range(limits.COMMANDS_BURST):
        busy.commands.take(0.0)
    quiet = allowances.of("show", "quiet", 0.0)
    for number in range(10):
        allowances.of("show", f"fan{number}", 0.5)
    assert allowances.of("show", "busy", 0.5) is busy
    assert allowances.of("show", "quiet", 0.5) is not quiet
