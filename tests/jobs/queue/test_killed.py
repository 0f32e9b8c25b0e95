"""Workers that are killed in the middle of a job."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from jobs.broker import Priority
from rooms.operations.dead_letters import Reason
from rooms.operations.priorities import GROUP, stream_of
from rooms.operations.retrying import DELIVERIES_MAX
from tests.jobs.queue.working import Done, Graves, broker_of, fall_silent, kick, noting, working


@asynccontextmanager
async def doomed(redis_url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Runs `tests.jobs.queue.doomed`, whatever becomes of the test."""
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.jobs.queue.doomed", redis_url
    )
    try:
        yield worker
    finally:
        with suppress(ProcessLookupError):
            worker.kill()
        await worker.wait()


async def held(redis: Redis, priority: Priority) -> None:
    """Waits until a worker holds a job of this lane."""
    async with asyncio.timeout(60):
        while True:
            with suppress(ResponseError):  # the group is made by the worker
                found: Any = await redis.xpending(stream_of(priority), GROUP)
                if found["pending"]:
                    return
            await asyncio.sleep(0.02)


async def test_what_a_killed_worker_held_is_done_by_another(redis_url: str) -> None:
    done, broker = Done(), broker_of(redis_url)
    noting(broker, done, priority=Priority.URGENT)
    await kick(broker, 1)
    async with Redis.from_url(redis_url) as redis:
        async with doomed(redis_url):
            await held(redis, Priority.URGENT)
        await fall_silent(redis_url, Priority.URGENT)
        async with working(broker):
            await done.wait_for(1)
        assert done.values == [1]


async def test_a_job_that_takes_its_worker_along_each_time_is_set_aside(redis_url: str) -> None:
    begun, broker, graves = Done(), broker_of(redis_url), Graves()
    noting(broker, begun, "kill", priority=Priority.BULK)
    await kick(broker, job="kill")
    for _ in range(DELIVERIES_MAX):
        async with doomed(redis_url) as worker:
            assert await asyncio.wait_for(worker.wait(), 60) == -signal.SIGKILL
        await fall_silent(redis_url, Priority.BULK)
    async with working(broker, graves):
        await asyncio.wait_for(graves.moved.wait(), 60)
    dead = graves.only
    assert (dead.task, dead.reason, dead.attempts) == ("kill", Reason.LOST, DELIVERIES_MAX)
    assert begun.values == []
    async with Redis.from_url(redis_url) as redis:
        assert await redis.xlen(stream_of(Priority.BULK)) == 0
