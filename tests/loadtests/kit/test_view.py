"""The live view fits its terminal: whatever the width, nothing is cut off, and errors are shown."""

import io

import pytest
from rich.console import Console

from loadtests.kit.recorder import Recorder
from loadtests.kit.timeline import Timeline
from loadtests.kit.view import LiveView, sparkline
from loadtests.kit.watch import Reading, Sample, Watch
from loadtests.scenarios.show_night import NightOptions, ShowNight


def drawn(width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width, height=40, force_terminal=False)
    view, timeline, watch = LiveView(console), Timeline(), Watch()
    recorder = Recorder()
    for second in range(1, 40):
        for name in ("line to receiver", "line ack", "whole join"):
            recorder.took(name, 0.0312 * second, 1_400)
        recorder.failed("whole join", "rate_limited")
        recorder.lag.record(0.04)
        timeline.take(recorder.drain(0, float(second), 1.0, 0.93, 1))
    memory = {role: Reading(208 << 20, 0.37) for role in ("valkey", "worker", "postgres", "web")}
    watch.samples.append(Sample(1.0, memory))
    view.begin(ShowNight(NightOptions()), timeline, watch)
    view.started(360.0)
    view.end()
    with console.capture() as capture:
        console.print(view.picture())
    return capture.get().splitlines()


@pytest.mark.parametrize("width", [80, 100, 140])
def test_nothing_is_cut_off_at_any_width(width: int) -> None:
    lines = drawn(width)
    assert max(map(len, lines)) <= width
    assert not [line for line in lines if "…" in line]
    header = next(line for line in lines if "operation" in line)
    assert header.split()[-1] == "errors" and "p99" in header
    join = next(line for line in lines if "whole join" in line)
    assert join.split()[-1] == "39"
    assert [line.split()[0] for line in lines if "MiB" in line] == [
        "web",
        "worker",
        "postgres",
        "valkey",
    ]


def test_a_wide_terminal_shows_every_percentile() -> None:
    assert any("p99.9" in line for line in drawn(140))
    assert not any("p99.9" in line for line in drawn(80))


def test_nothing_is_drawn_where_nothing_was() -> None:
    assert sparkline([0, 1, 8, 0]) == " ▁█ "
    assert sparkline([0, 0]) == ""
