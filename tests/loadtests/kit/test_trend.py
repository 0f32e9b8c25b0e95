"""The slope of memory: right under noise, unmoved by bursts; growth fails, flat memory holds."""

import random

import pytest

from loadtests.kit.growth import MIB, SECONDS_MIN, checks, judge
from loadtests.kit.trend import POINTS_MAX, TooFew, theil_sen
from loadtests.kit.watch import Reading, Sample


def test_a_slope_is_found_under_noise_and_bursts() -> None:
    rng = random.Random(1)
    at = [float(second) for second in range(600)]
    values = [200 + 0.01 * second + rng.gauss(0, 2) for second in at]
    for burst in range(500, 600):
        values[burst] += 80  # an import at the end, which least squares would follow
    trend = theil_sen(at, values)
    assert trend.slope == pytest.approx(0.01, abs=0.02)
    assert trend.low <= trend.slope <= trend.high


def test_the_interval_holds_the_true_slope() -> None:
    held = 0
    for seed in range(40):
        rng = random.Random(seed)
        at = [float(second) for second in range(100)]
        trend = theil_sen(at, [0.5 * second + rng.gauss(0, 10) for second in at])
        held += trend.low <= 0.5 <= trend.high
    assert held >= 34  # 95 % of 40, less three deviations


def test_the_interval_does_not_take_steps_for_a_slope() -> None:
    """Connections come and go: what was there a moment ago is there now."""
    held = 0
    for seed in range(40):
        rng = random.Random(seed)
        value, values = 0.0, []
        for _ in range(400):
            value = 0.95 * value + rng.gauss(0, 1)
            values.append(value)
        trend = theil_sen([float(second) for second in range(400)], values)
        held += trend.low <= 0 <= trend.high
    assert held >= 34


def test_long_series_are_thinned() -> None:
    at = [float(second) for second in range(10 * POINTS_MAX)]
    trend = theil_sen(at, [3.0 * second for second in at])
    assert trend.points <= POINTS_MAX and trend.slope == pytest.approx(3.0)


def test_too_few_points_have_no_trend() -> None:
    with pytest.raises(TooFew):
        theil_sen([1.0, 2.0], [1.0, 2.0])
    with pytest.raises(TooFew):
        theil_sen([1.0, 1.0, 1.0], [1.0, 2.0, 3.0])


def memory(mib_per_hour: float) -> list[Sample]:
    rng = random.Random(9)
    return [
        Sample(
            float(second),
            {"web": Reading(int((200 + mib_per_hour * second / 3600 + rng.random()) * MIB), 0.1)},
        )
        for second in range(0, 1800, 5)
    ]


def test_memory_that_grows_breaks_the_promise() -> None:
    (grown,) = checks(judge(memory(60), 300), SECONDS_MIN)
    assert not grown.held and "+60" in grown.detail


def test_memory_that_is_flat_keeps_it() -> None:
    (flat,) = checks(judge(memory(2), 300), SECONDS_MIN)
    assert flat.held


def test_memory_that_was_not_measured_is_not_called_flat() -> None:
    (unknown,) = checks(judge([], 300), SECONDS_MIN)
    assert not unknown.held


def test_a_short_look_judges_nothing() -> None:
    assert checks(judge(memory(500), 0), SECONDS_MIN - 1) == []


def connections(mib_each: float, grows_each: float) -> list[Sample]:
    """Five processes that stay, and ten more in every other five minutes."""
    return [
        Sample(
            float(second),
            {
                "postgres": Reading(
                    int(many * (mib_each + grows_each * second / 3600) * MIB), 0.1, many
                )
            },
        )
        for second in range(0, 1800, 5)
        for many in (15 if second // 300 % 2 else 5,)
    ]


def test_processes_that_come_and_go_are_no_growth() -> None:
    (steady,) = judge(connections(6, 0), 300)
    assert not steady.grows and abs(steady.mib_per_hour) < 0.1
    (leak,) = judge(connections(6, 4), 300)
    assert leak.grows and leak.processes in (5, 15)
    assert leak.mib_per_hour == pytest.approx(4 * leak.processes, rel=0.01)


def sawtooth(teeth_rise: float) -> list[Sample]:
    """Connections that are replaced every ten minutes, after having grown by a third."""
    return [
        Sample(
            float(second),
            {
                "postgres": Reading(
                    int((80 + (second + 200) % 600 / 15 + teeth_rise * (second // 600)) * MIB), 0.1
                )
            },
        )
        for second in range(300, 1800, 5)
    ]


def test_a_sawtooth_grows_where_its_teeth_do() -> None:
    (steady,) = judge(sawtooth(0), 0)
    assert not steady.grows and steady.trend.low < 0 < steady.trend.high
    (rising,) = judge(sawtooth(25), 0)
    assert rising.grows and rising.highest_mib[1] > 1.1 * rising.highest_mib[0]
