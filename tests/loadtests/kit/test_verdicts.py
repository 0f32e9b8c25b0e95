"""A bad run fails: broken promises, a generator without time; results keep to their schema."""

import json
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator

from loadtests.kit import bottleneck, report
from loadtests.kit.cli import EXIT_BOTTLENECK, EXIT_BROKEN, exit_code
from loadtests.kit.recorder import Delta, Recorder
from loadtests.kit.result import (
    Machine,
    Result,
    Target,
    json_schema,
    moments_of,
    operations_of,
)
from loadtests.kit.scenario import Check, equal, nothing_wrong
from loadtests.kit.timeline import MOMENTS_MAX, Timeline
from loadtests.scenarios.lines import Heard, judged
from loadtests.scenarios.voting import recounted

SCHEMA = Path(__file__).parents[3] / "docs/schemas/load-result.schema.json"


def deltas(
    recorder: Recorder, *, cpu_share: float = 0.2, seconds: int = 10, number: int = 0
) -> Timeline:
    timeline = Timeline()
    timeline.take(recorder.drain(number, 1.0, 1.0, cpu_share, 1))
    for second in range(2, seconds + 1):
        timeline.take(Recorder().drain(number, float(second), 1.0, cpu_share, 1))
    return timeline


def result(checks: list[Check], timeline: Timeline | None = None) -> Result:
    timeline = timeline or deltas(Recorder())
    return Result(
        schema_version=1,
        scenario="votes",
        title="Votes <recounted>",
        seed=1,
        options={"voters": 3},
        started_at="2026-01-01T00:00:00+00:00",
        seconds=10.0,
        machine=Machine(4, "3.11", "Linux", 0.1, 0.2),
        target=Target("http://127.0.0.1:1", True, "", "because"),
        operations=operations_of(timeline, {"vote": "a vote"}),
        counters={},
        figures={"votes": 3.0},
        interval_s=timeline.interval_s,
        timeline=moments_of(timeline),
        generators=bottleneck.use_of(timeline.generators),
        bottleneck=bottleneck.judge(timeline.generators),
        server=[],
        growth=[],
        checks=checks,
        verdict="kept" if all(check.held for check in checks) else "broken",
        notes=[],
    )


def busy_recorder() -> Recorder:
    recorder = Recorder()
    recorder.took("vote", 0.012)
    recorder.failed("vote", "rate_limited")
    for _ in range(100):
        recorder.lag.record(0.001)
        recorder.sent(0.001)
    return recorder


def test_a_broken_promise_ends_the_process_with_1_whatever_else() -> None:
    slow = deltas(busy_recorder(), cpu_share=0.99)
    assert exit_code(result([Check("kept", True), Check("no", False)], slow)) == EXIT_BROKEN
    assert exit_code(result([Check("kept", True)], slow)) == EXIT_BOTTLENECK
    assert exit_code(result([Check("kept", True)], deltas(busy_recorder()))) == 0


@pytest.mark.parametrize(
    ("cpu_share", "lag_s", "late_s", "word"),
    [(0.9, 0.001, 0.0, "of a core"), (0.1, 0.5, 0.0, "loop"), (0.1, 0.001, 0.2, "sends")],
)
def test_a_generator_without_time_is_named(
    cpu_share: float, lag_s: float, late_s: float, word: str
) -> None:
    recorder = Recorder()
    for _ in range(100):
        recorder.lag.record(lag_s)
        recorder.sent(late_s)
    found = bottleneck.judge(deltas(recorder, cpu_share=cpu_share).generators)
    assert found.was and word in found.reasons[0]


def test_a_generator_that_had_time_is_not() -> None:
    assert not bottleneck.judge(deltas(busy_recorder()).generators).was


def heard(**changes: object) -> Heard:
    good = Heard(
        acked=10, rejected={}, unanswered=0, delivered=30, fans=3, violations=[], places=[12]
    )
    return msgspec.structs.replace(good, **changes)


def test_lines_that_all_heard_once_keep_the_promise() -> None:
    assert all(check.held for check in judged([heard()]))


@pytest.mark.parametrize(
    "wrong",
    [
        heard(delivered=29),
        heard(delivered=31),
        heard(violations=["fan 1: event 4 followed 2"]),
        heard(places=[11, 12]),
        heard(unanswered=1),
        heard(acked=0, delivered=0),
    ],
)
def test_one_line_missing_or_twice_breaks_it(wrong: Heard) -> None:
    assert not all(check.held for check in judged([wrong]))


def test_a_recount_that_differs_by_one_vote_fails() -> None:
    assert recounted({"r": {"o1": 2}}, {"r": {"o1": 2, "o2": 0}}).held
    assert not recounted({"r": {"o1": 2}}, {"r": {"o1": 3}}).held
    assert not recounted({"r": {"o1": 2, "o2": 1}}, {"r": {"o1": 2}}).held
    assert not recounted({}, {}).held


def test_checks_say_what_they_found() -> None:
    assert "expected 3" in equal("votes", 2, 3).detail
    assert "2 times" in nothing_wrong("logs", ["a", "b"]).detail


def test_a_result_is_what_its_schema_says() -> None:
    encoded = json.loads(msgspec.json.encode(result([Check("a", True)], deltas(busy_recorder()))))
    validator = Draft202012Validator(json_schema())
    validator.validate(encoded)
    assert msgspec.json.decode(msgspec.json.encode(encoded), type=Result).seed == 1
    for spoiled in ({"verdict": "perhaps"}, {"schema_version": 2}, {"operations": [{}]}):
        assert not validator.is_valid(encoded | spoiled)


def test_the_documented_schema_is_the_one_in_use() -> None:
    assert json.loads(SCHEMA.read_text()) == json.loads(json.dumps(json_schema())), (
        "python -m loadtests schema --write docs/schemas/load-result.schema.json"
    )


def test_the_page_holds_everything_itself_and_escapes() -> None:
    page = report.page(result([Check("<b>no</b>", False, "x & y")], deltas(busy_recorder())))
    assert "A promise was broken" in page
    assert "&lt;b&gt;no&lt;/b&gt;" in page and "Votes &lt;recounted&gt;" in page
    assert page.count("<svg") >= 3
    for outside in ('src="', "<script", "@import", "url(http"):
        assert outside not in page


def delta_at(second: int) -> Delta:
    recorder = Recorder()
    recorder.took("vote", second / 1e3)
    return recorder.drain(0, float(second), 1.0, 0.1, 1)


def test_a_long_run_keeps_a_bounded_number_of_moments_and_every_count() -> None:
    timeline = Timeline()
    for second in range(1, 3 * MOMENTS_MAX):
        timeline.take(delta_at(second))
    assert len(timeline.moments) <= MOMENTS_MAX and timeline.interval_s == 4.0
    assert sum(m.took["vote"].count for m in timeline.moments.values()) == 3 * MOMENTS_MAX - 1
    assert timeline.total["vote"].count == 3 * MOMENTS_MAX - 1
