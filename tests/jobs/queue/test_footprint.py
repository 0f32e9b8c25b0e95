"""A worker holds what it does at the moment: nothing of the jobs it has done, or that wait."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

from redis.asyncio import Redis

from jobs.queue.lane import PLACES
from rooms.operations.priorities import GROUP, Priority, stream_of
from tests.jobs.queue.working import Done, broker_of, kick, working

ROUND = 300


async def test_done_jobs_leave_nothing_behind(redis_url: str) -> None:
    done, broker = Done(), broker_of(redis_url)
    count = 0

    async def eat(value: str) -> None:
        nonlocal count
        count += 1
        if count % ROUND == 0:
            done.add(count)

    broker.register_task(eat, task_name="eat", priority=Priority.NORMAL)
    objects = []
    async with working(broker):
        for turn in range(1, 4):
            for _ in range(ROUND // 100):
                await asyncio.gather(*(kick(broker, "x" * 500, job="eat") for _ in range(100)))
            await done.until(lambda turn=turn: len(done.values) == turn)  # type: ignore[misc]
            gc.collect()
            objects.append(len(gc.get_objects()))
    # The first round opens connections and fills caches. One object a job would be three hundred.
    assert objects[2] - objects[1] < ROUND / 2, objects


async def test_jobs_that_wait_are_not_taken_before_there_is_a_place(redis_url: str) -> None:
    begun, finish, broker = Done(), asyncio.Event(), broker_of(redis_url)

    async def stand() -> None:
        begun.add(1)
        await finish.wait()

    broker.register_task(stand, task_name="stand", priority=Priority.NORMAL)
    places = PLACES[Priority.NORMAL]
    for _ in range(places + 50):
        await kick(broker, job="stand")
    async with working(broker), Redis.from_url(redis_url) as redis:
        await begun.until(lambda: len(begun.values) == places)
        taken: Any = await redis.xpending(stream_of(Priority.NORMAL), GROUP)
        assert taken["pending"] <= places + 1  # one may have been read for the next free place
        finish.set()
        await begun.until(lambda: len(begun.values) == places + 50)
