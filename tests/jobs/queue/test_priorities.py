"""What somebody waits for never stands behind what can wait."""

from __future__ import annotations

import asyncio

from jobs.broker import Priority
from jobs.queue.lane import PLACES
from tests.jobs.queue.working import Done, broker_of, kick, noting, working

FLOOD = 4_000


async def test_a_flood_of_bulk_jobs_does_not_hold_up_an_urgent_one(redis_url: str) -> None:
    done, broker = Done(), broker_of(redis_url)
    bulk = 0

    async def count() -> None:
        nonlocal bulk
        bulk += 1
        await asyncio.sleep(0)

    broker.register_task(count, task_name="count", priority=Priority.BULK)

    async def note(value: int) -> None:
        done.add((value, bulk))

    broker.register_task(note, task_name="note", priority=Priority.URGENT)
    for _ in range(FLOOD // 100):
        await asyncio.gather(*(kick(broker, job="count") for _ in range(100)))
    seen = []
    async with working(broker):
        for value in range(10):
            before = bulk
            await kick(broker, value)
            await done.until(lambda: len(done.values) == len(seen) + 1)
            _, after = done.values[-1]
            seen.append(after - before)
    # In turn, an urgent job would have waited for the flood; in its own lane it waits for the
    # few that the other lanes do while it crosses Redis twice.
    assert max(seen) < FLOOD / 8, seen


async def test_bulk_jobs_that_never_end_leave_the_other_lanes_alone(redis_url: str) -> None:
    begun, done, finish, broker = Done(), Done(), asyncio.Event(), broker_of(redis_url)

    async def stand(value: int) -> None:
        begun.add(value)
        await finish.wait()

    broker.register_task(stand, task_name="stand", priority=Priority.BULK)
    noting(broker, done, "urgent", priority=Priority.URGENT)
    noting(broker, done, "normal")
    places = PLACES[Priority.BULK]
    async with working(broker):
        for value in range(places + 5):
            await kick(broker, value, job="stand")
        await begun.until(lambda: len(begun.values) == places)
        await kick(broker, "urgent", job="urgent")
        await kick(broker, "normal", job="normal")
        await done.wait_for("urgent", "normal")
        assert len(begun.values) == places
        finish.set()
        await begun.until(lambda: len(begun.values) == places + 5)
