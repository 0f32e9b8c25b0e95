"""A worker on a real Valkey, with jobs that say what they do and a clock that is moved by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from redis.asyncio import Redis

from jobs.broker import JobsBroker, create_broker
from jobs.queue.lane import CLAIM_AFTER_MS, Lane
from jobs.queue.settling import Settling
from jobs.queue.worker import JobsWorker
from rooms.operations.dead_letters import DeadJob
from rooms.operations.priorities import GROUP, Priority, stream_of
from storage.redis.clients import connecting

NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time

    def move(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class Graves:
    """Dead jobs, by key."""

    def __init__(self) -> None:
        self.jobs: dict[str, DeadJob] = {}
        self.moved = asyncio.Event()

    async def bury(self, job: DeadJob) -> None:
        self.jobs[job.job_key] = job
        self.moved.set()

    @property
    def only(self) -> DeadJob:
        (job,) = self.jobs.values()
        return job


class Done:
    """What jobs did, in order."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._moved = asyncio.Event()

    def add(self, value: Any) -> None:
        self.values.append(value)
        self._moved.set()

    async def wait_for(self, *values: Any) -> None:
        await self.until(lambda: set(values) <= set(self.values))

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(90):
            while not holds():
                self._moved.clear()
                await self._moved.wait()


def broker_of(url: str, name: str = "one") -> JobsBroker:
    return create_broker(connecting(url), consumer_name=name, random=Random(1).random)


def noting(broker: JobsBroker, done: Done, task_name: str = "note", **labels: Any) -> None:
    """Registers a job that notes its argument."""

    async def note(value: int) -> None:
        done.add(value)

    broker.register_task(note, task_name=task_name, **labels)


async def kick(broker: JobsBroker, *values: Any, job: str = "note", **labels: Any) -> None:
    task: Any = broker.find_task(job)
    assert task is not None
    await task.kicker().with_labels(**labels).kiq(*values)


async def fall_silent(redis_url: str, priority: Priority = Priority.NORMAL) -> None:
    """As if nothing had been heard for long of the workers that hold jobs: others get them.

    A short `CLAIM_AFTER_MS` instead would let a worker on a slow machine claim its own jobs.
    """
    stream = stream_of(priority)
    async with Redis.from_url(redis_url) as redis:
        held: Any = await redis.xpending_range(stream, GROUP, min="-", max="+", count=100)
        for one in held:
            await redis.xclaim(
                stream,
                GROUP,
                one["consumer"],
                min_idle_time=0,
                message_ids=[one["message_id"]],
                idle=2 * CLAIM_AFTER_MS,
                justid=True,  # does not count as a delivery
            )


def settling_of(
    broker: JobsBroker, graves: Graves, clock: Clock, priority: Priority = Priority.NORMAL
) -> Settling:
    """For looking at one lane by hand."""
    return Settling(Lane(broker, priority), lambda: graves, clock.now, broker.random)


@asynccontextmanager
async def working(
    broker: JobsBroker, graves: Graves | None = None, clock: Clock | None = None, **speeds: Any
) -> AsyncIterator[None]:
    """Runs a worker for as long as the block lasts."""
    kept = graves or Graves()
    worker = JobsWorker(
        broker,
        lambda: kept,
        (clock or Clock()).now,
        **{"claim_look_s": 0.05, "promote_every_s": 0.05, **speeds},
    )
    stop = asyncio.Event()
    running = asyncio.create_task(worker.run(stop))
    try:
        yield
    finally:
        stop.set()
        await running
