"""Open-loop pacing: what is due is sent when it is due, whatever became of what went before.

A closed loop (send, wait, send) slows down with the server and then measures its own patience: a
server that stands still for a second is asked nothing in that second. Here every operation has a
due moment on a plan that is made beforehand, and its latency counts from there, so a stall is
felt by everything that was due in it. Gil Tene, "How NOT to Measure Latency" (2015), calls the
fault *coordinated omission*; wrk2 paces in this way.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterable, Iterator

from loadtests.kit.recorder import Recorder

YIELD_EVERY = 64
"""Overdue sends in a row before the loop may do something else."""


def steady(rate: float, seconds: float, offset_s: float = 0.0) -> Iterator[float]:
    """Due moments at a constant rate, in seconds after the start."""
    for number in range(round(rate * seconds)):
        yield offset_s + number / rate


def poisson(rate: float, seconds: float, rng: random.Random) -> Iterator[float]:
    """Due moments of people who do not know of each other, ``rate`` a second on average."""
    at = rng.expovariate(rate) if rate > 0 else seconds
    while at < seconds:
        yield at
        at += rng.expovariate(rate)


def varying(
    rate_at: Callable[[float], float], peak: float, seconds: float, rng: random.Random
) -> Iterator[float]:
    """A Poisson process whose rate changes with time, by thinning (Lewis and Shedler, 1979).

    Args:
        rate_at: arrivals a second at a moment.
        peak: no rate is above this.
        seconds: how long.
        rng: source.

    Raises:
        ValueError: a rate is above the peak.
    """
    for at in poisson(peak, seconds, rng):
        rate = rate_at(at)
        if rate > peak * (1 + 1e-9):
            raise ValueError(f"rate {rate} at {at} s is above the peak {peak}")
        if rng.random() * peak < rate:
            yield at


async def open_loop(
    recorder: Recorder,
    started_at: float,
    due_s: Iterable[float],
    send: Callable[[int, float], None],
) -> int:
    """Sends at each due moment; never waits for an answer.

    Args:
        recorder: is told how late each send began.
        started_at: moment of 0 on the monotonic clock.
        due_s: due moments after that, ascending.
        send: called with the number and the due moment on the monotonic clock; returns at once
            (whatever takes longer is a task of its own).

    Returns:
        how many were sent.
    """
    number = 0
    overdue = 0
    for offset_s in due_s:
        due = started_at + offset_s
        wait_s = due - time.monotonic()
        if wait_s > 0:
            overdue = 0
            await asyncio.sleep(wait_s)
        else:
            overdue += 1
            if overdue % YIELD_EVERY == 0:
                await asyncio.sleep(0)
        recorder.sent(time.monotonic() - due)
        send(number, due)
        number += 1
    return number
