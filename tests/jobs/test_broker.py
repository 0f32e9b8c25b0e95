"""The queue of jobs: nothing is lost with a worker, and outages of Redis are waited out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import pytest
from redis.asyncio import Redis
from taskiq.receiver import Receiver

from jobs import broker as jobs_broker
from jobs.broker import GROUP, QUEUE, JobsBroker, create_broker, create_scheduler, every


class Done:
    """Counts what a job has done."""

    def __init__(self) -> None:
        self.values: list[int] = []
        self._moved = asyncio.Event()

    def add(self, value: int) -> None:
        self.values.append(value)
        self._moved.set()

    async def wait_for(self, *values: int) -> None:
        async with asyncio.timeout(60):
            while not set(values) <= set(self.values):
                self._moved.clear()
                await self._moved.wait()


def broker_of(url: str, done: Done, name: str = "one") -> JobsBroker:
    broker = create_broker(url, consumer_name=name, random=Random(1).random)

    async def note(value: int) -> None:
        done.add(value)

    broker.register_task(note, task_name="note")
    return broker


@asynccontextmanager
async def working(broker: JobsBroker) -> AsyncIterator[None]:
    broker.is_worker_process = True
    stop = asyncio.Event()
    receiver = Receiver(broker, max_async_tasks=5, wait_tasks_timeout=2)
    listening = asyncio.create_task(receiver.listen(stop))
    try:
        yield
    finally:
        stop.set()
        await listening
        await broker.shutdown()


async def kick(broker: JobsBroker, value: int) -> None:
    task = broker.find_task("note")
    assert task is not None
    await task.kiq(value)


async def test_a_job_that_was_sent_before_any_worker_was_there_is_done(redis_url: str) -> None:
    done = Done()
    broker = broker_of(redis_url, done)
    await kick(broker, 1)
    async with working(broker):
        await done.wait_for(1)
        await kick(broker, 2)
        await done.wait_for(2)
    async with Redis.from_url(redis_url) as redis:
        assert (await redis.xpending(QUEUE, GROUP))["pending"] == 0


async def test_a_job_whose_worker_died_is_done_by_another(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs_broker, "CLAIM_AFTER_MS", 1)
    done = Done()
    dead = broker_of(redis_url, Done(), "dead")
    await dead.startup()
    await kick(dead, 7)
    taken = dead.listen()
    await anext(taken)  # taken and never acknowledged
    await taken.aclose()
    await dead.shutdown()
    broker = broker_of(redis_url, done, "alive")
    async with working(broker):
        await kick(broker, 8)
        await done.wait_for(7, 8)


async def test_a_redis_that_was_emptied_is_taken_up_again(redis_url: str) -> None:
    done = Done()
    broker = broker_of(redis_url, done)
    async with working(broker):
        await kick(broker, 1)
        await done.wait_for(1)
        async with Redis.from_url(redis_url) as redis:
            await redis.flushdb()
        await kick(broker, 2)
        await done.wait_for(2)


async def test_without_redis_a_worker_waits_and_the_scheduler_goes_on() -> None:
    broker = broker_of("redis://127.0.0.1:1/0", Done())

    async def often() -> None:
        """Never reached."""

    broker.register_task(often, task_name="often", schedule=every(1))
    scheduler = create_scheduler(broker)
    (source,) = scheduler.sources
    await source.startup()
    (task,) = await source.get_schedules()
    await scheduler.on_ready(source, task)  # is logged, not raised
    async with working(broker):
        await asyncio.sleep(0)
