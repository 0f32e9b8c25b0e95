"""Open loop: what is due is sent though nobody answers, and a stall is felt by all that was due."""

import asyncio
import random
import time

import pytest

from loadtests.kit.pacing import open_loop, poisson, steady, varying
from loadtests.kit.recorder import LATE_S, Recorder


async def test_what_is_due_is_sent_though_nothing_is_ever_answered() -> None:
    sent: list[int] = []
    never = asyncio.Event()
    tasks: list[asyncio.Task[bool]] = []

    def send(number: int, due: float) -> None:
        sent.append(number)
        tasks.append(asyncio.create_task(never.wait()))

    count = await open_loop(Recorder(), time.monotonic(), steady(1_000, 0.05), send)
    assert sent == list(range(50)) and count == 50
    for task in tasks:
        task.cancel()


async def test_a_stall_counts_for_everything_that_was_due_in_it() -> None:
    recorder = Recorder()
    stall_s = 10 * LATE_S
    latencies: list[float] = []

    def send(number: int, due: float) -> None:
        if number == 0:
            time.sleep(stall_s)  # a server, or a loop, that stands still
        latencies.append(time.monotonic() - due)

    await open_loop(recorder, time.monotonic(), steady(1_000, stall_s), send)
    # A closed loop would have one slow answer here; in truth all of them waited.
    late = [latency for latency in latencies if latency > stall_s / 2]
    assert len(late) >= len(latencies) / 3
    assert latencies[1] == pytest.approx(stall_s, abs=stall_s / 2) or latencies[1] > stall_s
    delta = recorder.drain(0, 1.0, 1.0, 0.0, 0)
    assert delta.late_sends >= len(latencies) / 3


def test_plans_of_a_seed_are_the_same_and_have_their_rate() -> None:
    one = list(poisson(50, 200, random.Random(3)))
    assert one == list(poisson(50, 200, random.Random(3)))
    assert len(one) == pytest.approx(10_000, rel=0.05)
    assert one == sorted(one) and one[-1] < 200


def test_a_rate_that_changes_is_followed() -> None:
    due = list(varying(lambda at: 40 if at < 50 else 4, 40, 100, random.Random(5)))
    before = sum(at < 50 for at in due)
    assert before == pytest.approx(2_000, rel=0.1)
    assert len(due) - before == pytest.approx(200, rel=0.3)


def test_a_rate_above_its_peak_is_an_error_of_the_plan() -> None:
    with pytest.raises(ValueError, match="above the peak"):
        list(varying(lambda at: 2.0, 1.0, 100, random.Random(1)))
