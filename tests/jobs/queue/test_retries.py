"""Jobs that fail: tried again later and later, then set aside, never for ever."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from jobs.broker import Priority, daily, every
from rooms.operations.dead_letters import Reason
from rooms.operations.priorities import STREAKS_KEY, later_of, stream_of
from rooms.operations.retrying import (
    ATTEMPTS_MAX,
    FAILURES_IN_A_ROW_MAX,
    RETRY_FIRST_S,
    RETRY_LAST_S,
    retry_after_s,
)
from tests.jobs.queue.working import (
    NOW,
    Clock,
    Done,
    Graves,
    broker_of,
    fall_silent,
    kick,
    noting,
    settling_of,
    working,
)


@given(st.integers(1, ATTEMPTS_MAX - 1), st.floats(0, 1, exclude_max=True))
def test_waits_double_and_half_of_each_is_chance(attempt: int, random: float) -> None:
    nominal = min(RETRY_FIRST_S * 2 ** (attempt - 1), RETRY_LAST_S)
    wait_s = retry_after_s(attempt, random)
    assert wait_s is not None
    assert nominal / 2 <= wait_s < nominal or wait_s == pytest.approx(nominal)


def test_tries_end() -> None:
    assert retry_after_s(ATTEMPTS_MAX, 0.5) is None
    assert retry_after_s(1, 0.5, attempts_max=1) is None


class Failing:
    """A job that fails as often as it is told to."""

    def __init__(self, redis_url: str, failures: int, **labels: Any) -> None:
        self.broker = broker_of(redis_url)
        self.done = Done()
        self.graves = Graves()
        self.clock = Clock()
        self.failures = failures

        async def fail() -> None:
            self.done.add(self.clock.now())
            if len(self.done.values) <= self.failures:
                raise ValueError("no\0pe")

        self.broker.register_task(fail, task_name="fail", **labels)

    async def tried(self, times: int) -> None:
        await self.done.until(lambda: len(self.done.values) == times)


async def settled(redis_url: str) -> None:
    """Waits until no job is under way."""
    async with Redis.from_url(redis_url) as redis, asyncio.timeout(60):
        while await redis.xlen(stream_of(Priority.NORMAL)):
            await asyncio.sleep(0.01)


async def test_a_job_that_failed_comes_back_when_its_wait_is_over(redis_url: str) -> None:
    job = Failing(redis_url, failures=3)
    waits = []
    async with working(job.broker, job.graves, job.clock), Redis.from_url(redis_url) as redis:
        await kick(job.broker, job="fail")
        for attempt in range(1, 4):
            await job.tried(attempt)
            await settled(redis_url)
            ((_, due),) = await redis.zrange(later_of(Priority.NORMAL), 0, -1, withscores=True)
            waits.append(due - job.clock.now().timestamp())
            probe = settling_of(job.broker, job.graves, job.clock)
            job.clock.move(waits[-1] - 0.01)
            assert await probe.promote() == 0  # not before its time
            job.clock.move(0.02)
        await job.tried(4)
        await settled(redis_url)
        assert await redis.zcard(later_of(Priority.NORMAL)) == 0
    for attempt, wait_s in enumerate(waits, 1):
        assert RETRY_FIRST_S * 2 ** (attempt - 2) <= wait_s <= RETRY_FIRST_S * 2 ** (attempt - 1)
    assert job.graves.jobs == {}


async def test_a_job_that_always_fails_is_set_aside_with_its_story(redis_url: str) -> None:
    job = Failing(redis_url, failures=99, attempts_max=3)
    async with working(job.broker, job.graves, job.clock), Redis.from_url(redis_url) as redis:
        await kick(job.broker, job="fail")
        for attempt in range(1, 4):
            await job.tried(attempt)
            await settled(redis_url)
            job.clock.move(3600)
        assert await redis.zcard(later_of(Priority.NORMAL)) == 0
    dead = job.graves.only
    assert (dead.task, dead.reason, dead.attempts) == ("fail", Reason.FAILED, 3)
    assert dead.error == "ValueError: nope"
    assert dead.first_failed_at == NOW
    assert (dead.last_failed_at - NOW).total_seconds() == 7200
    assert dead.message is not None
    assert dead.message["task_name"] == "fail"
    assert len(job.done.values) == 3


@pytest.mark.parametrize("arguments", [(), (1, 2)])
async def test_arguments_that_do_not_fit_are_a_failure_like_any_other(
    redis_url: str, arguments: tuple[int, ...]
) -> None:
    broker, graves = broker_of(redis_url), Graves()
    noting(broker, Done(), attempts_max=1)
    async with working(broker, graves):
        await kick(broker, *arguments)
        await asyncio.wait_for(graves.moved.wait(), 60)
    assert graves.only.error.startswith("TypeError")


async def test_what_cannot_be_read_or_is_not_known_is_kept_and_not_run(redis_url: str) -> None:
    done, broker, graves = Done(), broker_of(redis_url), Graves()
    noting(broker, done)
    stranger = broker_of(redis_url, "stranger")
    noting(stranger, Done(), "of_tomorrow")
    stream = stream_of(Priority.NORMAL)
    async with Redis.from_url(redis_url) as redis:
        await redis.xadd(stream, {"data": b"\xff\x00 not a job", "attempt": "x", "failed": "y"})
        await redis.xadd(stream, {"other": "field"})
        await redis.xadd(stream, {"data": '{"task_id": 1}'})
        await kick(stranger, 5, job="of_tomorrow")
        await kick(broker, 6)
        async with working(broker, graves):
            await done.wait_for(6)
            async with asyncio.timeout(60):
                while len(graves.jobs) < 4:
                    graves.moved.clear()
                    await graves.moved.wait()
        assert await redis.xlen(stream) == 0
    await stranger.shutdown()
    found = sorted((dead.reason.value, dead.task) for dead in graves.jobs.values())
    assert found == [
        ("malformed", "?"),
        ("malformed", "?"),
        ("malformed", "?"),
        ("unknown", "of_tomorrow"),
    ]
    payloads = [dead.payload for dead in graves.jobs.values() if dead.reason is Reason.MALFORMED]
    assert b"\xff\x00 not a job" in payloads


async def test_a_grave_that_cannot_be_dug_keeps_the_job(redis_url: str) -> None:
    """Without the database a dead job stays where it is, and is buried by a later look."""
    job = Failing(redis_url, failures=1, attempts_max=1)

    class Locked(Graves):
        def __init__(self) -> None:
            super().__init__()
            self.tried = asyncio.Event()

        async def bury(self, job: Any) -> None:
            if not self.tried.is_set():
                self.tried.set()
                raise OSError("no database")
            await super().bury(job)

    job.graves = locked = Locked()
    job.failures = 99
    async with working(job.broker, job.graves, job.clock):
        await kick(job.broker, job="fail")
        await asyncio.wait_for(locked.tried.wait(), 60)
        await fall_silent(redis_url)
        await asyncio.wait_for(job.graves.moved.wait(), 60)
        await settled(redis_url)
    assert job.graves.only.reason is Reason.FAILED


class Recurring(Failing):
    """The same, sent by its schedule."""

    async def come_again(self) -> None:
        seen = len(self.done.values)
        await kick(self.broker, job="fail", schedule_id="1")
        await self.tried(seen + 1)


async def test_a_recurring_job_is_its_own_next_try_and_shows_when_it_goes_on(
    redis_url: str,
) -> None:
    job = Recurring(redis_url, failures=FAILURES_IN_A_ROW_MAX + 2, schedule=every(20))
    async with working(job.broker, job.graves, job.clock), Redis.from_url(redis_url) as redis:
        for _ in range(FAILURES_IN_A_ROW_MAX - 1):
            await job.come_again()
            await settled(redis_url)
            job.clock.move(20)
        assert job.graves.jobs == {}
        for _ in range(3):
            await job.come_again()
            await settled(redis_url)
        dead = job.graves.only  # one row, however often
        assert (dead.job_key, dead.attempts) == ("recurring:fail", FAILURES_IN_A_ROW_MAX + 2)
        assert dead.first_failed_at == NOW
        assert await redis.zcard(later_of(Priority.NORMAL)) == 0
        await job.come_again()  # works
        await settled(redis_url)
        assert await redis.hgetall(STREAKS_KEY) == {}


async def test_a_daily_job_is_tried_again_within_its_day(redis_url: str) -> None:
    job = Recurring(redis_url, failures=1, schedule=daily(4, 17))
    async with working(job.broker, job.graves, job.clock):
        await job.come_again()
        await settled(redis_url)
        job.clock.move(60)
        await job.tried(2)
    assert job.graves.jobs == {}


async def test_a_job_that_another_worker_finished_is_not_put_off_by_the_slower_one(
    redis_url: str,
) -> None:
    """Claimed while its worker was only slow: done once, whatever the slow one says later."""
    slow, finish, begun, done = broker_of(redis_url, "slow"), asyncio.Event(), Done(), Done()

    async def stall(value: int) -> None:
        begun.add(value)
        await finish.wait()
        raise ValueError("too late")

    slow.register_task(stall, task_name="note")
    quick = broker_of(redis_url, "quick")
    noting(quick, done)
    await kick(slow, 1)
    async with working(slow), Redis.from_url(redis_url) as redis:
        await begun.wait_for(1)
        await fall_silent(redis_url)
        async with working(quick):
            await done.wait_for(1)
            await settled(redis_url)
        finish.set()
        await asyncio.sleep(0)
    async with Redis.from_url(redis_url) as redis:
        assert await redis.zcard(later_of(Priority.NORMAL)) == 0
        assert await redis.xlen(stream_of(Priority.NORMAL)) == 0
