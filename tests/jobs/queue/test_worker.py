"""The queue of jobs: nothing is lost with a worker, and outages of Redis are waited out."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from redis.asyncio import Redis
from taskiq.exceptions import SendTaskError

from jobs.broker import Priority, create_scheduler, every
from jobs.queue import broker as broker_module
from jobs.queue.broker import JOB_BYTES_MAX, JobTooLarge, QueueFull
from jobs.queue.lane import CLAIM_AFTER_MS, Lane
from rooms.operations.priorities import GROUP, stream_of
from storage.operations.queues import RedisQueues
from tests.jobs.queue.working import Done, broker_of, fall_silent, kick, noting, working


async def test_a_job_that_was_sent_before_any_worker_was_there_is_done(redis_url: str) -> None:
    done, broker = Done(), broker_of(redis_url)
    noting(broker, done)
    await kick(broker, 1)
    async with working(broker):
        await done.wait_for(1)
        await kick(broker, 2)
        await done.wait_for(2)
    async with Redis.from_url(redis_url) as redis:
        assert await redis.xlen(stream_of(Priority.NORMAL)) == 0
        assert (await redis.xpending(stream_of(Priority.NORMAL), GROUP))["pending"] == 0


async def test_a_job_whose_worker_died_is_done_by_another(redis_url: str) -> None:
    done, dead = Done(), broker_of(redis_url, "dead")
    noting(dead, Done())
    await kick(dead, 7)
    lane = Lane(dead, Priority.NORMAL)
    await lane.startup()
    taken = lane.listen()
    await anext(taken)  # taken and never finished
    await taken.aclose()
    await lane.shutdown()
    await dead.shutdown()
    broker = broker_of(redis_url, "alive")
    noting(broker, done)
    await fall_silent(redis_url)
    async with working(broker):
        await kick(broker, 8)
        await done.wait_for(7, 8)


async def test_a_job_that_takes_long_is_not_given_to_another(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.queue.lane.HOLD_EVERY_S", 0.02)
    begun, finish, others = Done(), asyncio.Event(), Done()
    slow, quick = broker_of(redis_url, "slow"), broker_of(redis_url, "quick")

    async def take_long(value: int) -> None:
        begun.add(value)
        await finish.wait()
        begun.add(-value)

    slow.register_task(take_long, task_name="note")
    noting(quick, others)
    await kick(slow, 1)
    async with working(slow, claim_after_ms=3_000):
        await begun.wait_for(1)
        async with working(quick, claim_after_ms=3_000), Redis.from_url(redis_url) as redis:
            # Longer than the claim, by the only clock that decides: Redis's own.
            began = (await redis.time())[0]
            while (await redis.time())[0] < began + 5:
                await asyncio.sleep(0.05)
            assert others.values == []
        finish.set()
        await begun.wait_for(-1)


async def test_a_redis_that_was_emptied_is_taken_up_again(redis_url: str) -> None:
    done, broker = Done(), broker_of(redis_url)
    noting(broker, done)
    async with working(broker):
        await kick(broker, 1)
        await done.wait_for(1)
        async with Redis.from_url(redis_url) as redis:
            await redis.flushdb()
        await kick(broker, 2)
        await done.wait_for(2)


async def test_without_redis_a_worker_waits_and_the_scheduler_goes_on() -> None:
    broker = broker_of("redis://127.0.0.1:1/0")

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


async def test_a_recurring_job_waits_once_however_many_workers_send_it(redis_url: str) -> None:
    done, brokers = Done(), [broker_of(redis_url, name) for name in ("one", "two")]
    for broker in brokers:

        async def often() -> None:
            done.add("often")

        broker.register_task(often, task_name="often", priority=Priority.BULK, schedule=every(1))

    async def send() -> None:
        for broker in brokers:
            scheduler = create_scheduler(broker)
            (source,) = scheduler.sources
            await source.startup()
            (task,) = await source.get_schedules()
            await scheduler.on_ready(source, task)

    async with Redis.from_url(redis_url) as redis:
        await send()
        await send()
        assert await redis.xlen(stream_of(Priority.BULK)) == 1
        async with working(brokers[0]):
            await done.until(lambda: len(done.values) == 1)
            await send()  # it no longer waits
            await done.until(lambda: len(done.values) == 2)
    await brokers[1].shutdown()


async def test_a_full_queue_says_so_and_forgets_nothing(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker_module, "QUEUE_JOBS_MAX", 2)
    done, broker = Done(), broker_of(redis_url)
    noting(broker, done)
    noting(broker, done, "other", priority=Priority.URGENT)
    await kick(broker, 1)
    await kick(broker, 2)
    with pytest.raises(SendTaskError) as refused:
        await kick(broker, 3)
    assert isinstance(refused.value.__cause__, QueueFull)
    await kick(broker, 4, job="other")  # another priority has its own room
    with pytest.raises(SendTaskError) as refused:
        await kick(broker, "x" * JOB_BYTES_MAX, job="other")
    assert isinstance(refused.value.__cause__, JobTooLarge)
    async with working(broker):
        await done.wait_for(1, 2, 4)
    assert 3 not in done.values


async def test_queues_can_be_looked_at(redis_url: str) -> None:
    begun, finish, broker = Done(), asyncio.Event(), broker_of(redis_url)

    async def wait(value: int) -> None:
        begun.add(value)
        await finish.wait()

    broker.register_task(wait, task_name="wait", priority=Priority.BULK)
    async with Redis.from_url(redis_url) as redis:
        queues = RedisQueues(redis)
        empty = await queues.workload()
        assert [(one.waiting, one.running, one.later) for one in empty.queues] == [(0, 0, 0)] * 3
        assert empty.counts == ()
        for value in range(5):
            await kick(broker, value, job="wait")
        before = (await queues.workload()).queues[2]
        assert (before.waiting, before.running) == (5, 0)
        async with working(broker):
            await begun.wait_for(0, 1)
            during = (await queues.workload()).queues[2]
            assert (during.priority, during.waiting, during.running) == (Priority.BULK, 3, 2)
            assert during.oldest_s > 0
            finish.set()
            await begun.wait_for(4)
        found = await queues.workload()
    assert found.queues[2] == empty.queues[2]
    (count,) = found.counts
    assert (count.task, count.priority, count.outcome.value, count.tries) == (
        "wait",
        Priority.BULK,
        "done",
        5,
    )
    assert [sum(one.buckets) for one in found.durations] == [0, 0, 5]
    assert found.durations[2].sum_s > 0


async def test_a_job_that_is_not_finished_when_the_worker_stops_is_handed_to_another(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.queue.receiving.FINISH_S", 0.05)
    begun, never, done = Done(), asyncio.Event(), Done()
    leaving, staying = broker_of(redis_url, "leaving"), broker_of(redis_url, "staying")

    async def hang(value: int) -> None:
        begun.add(value)
        await never.wait()

    leaving.register_task(hang, task_name="note")
    noting(staying, done)
    await kick(leaving, 1)
    async with working(leaving):
        await begun.wait_for(1)
    # Nobody waits for the minute after which a worker is taken for dead.
    async with working(staying):
        await done.wait_for(1)


async def test_a_job_is_handed_back_only_once_it_has_ended(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.queue.receiving.FINISH_S", 0.05)
    begun, told, done = Done(), Done(), Done()
    leaving, staying = broker_of(redis_url, "leaving"), broker_of(redis_url, "staying")

    async def clear_up_slowly(value: int) -> None:
        begun.add(value)
        try:
            await asyncio.Event().wait()
        finally:
            for _ in range(3):  # as a rollback: some turns, with another worker looking for jobs
                await asyncio.sleep(0.1)
            told.add(list(done.values))

    leaving.register_task(clear_up_slowly, task_name="note")
    noting(staying, done)
    await kick(leaving, 1)
    leaves = working(leaving)
    await leaves.__aenter__()
    await begun.wait_for(1)
    async with working(staying):
        await leaves.__aexit__(None, None, None)
        assert told.values == [[]]  # it had ended, and nobody had begun it meanwhile
        await done.wait_for(1)


async def test_a_job_that_will_not_end_is_not_handed_back(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.queue.receiving.FINISH_S", 0.05)
    monkeypatch.setattr("jobs.queue.lane.CUT_OFF_S", 0.05)
    begun, finish, leaving = Done(), asyncio.Event(), broker_of(redis_url, "leaving")
    ended = Done()

    async def ignore(value: int) -> None:
        begun.add(value)
        while not finish.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await finish.wait()
        ended.add(value)

    leaving.register_task(ignore, task_name="note")
    await kick(leaving, 1)
    async with working(leaving):
        await begun.wait_for(1)
    async with Redis.from_url(redis_url) as redis:
        (held,) = await redis.xpending_range(
            stream_of(Priority.NORMAL), GROUP, min="-", max="+", count=9
        )
    assert int(held["time_since_delivered"]) < CLAIM_AFTER_MS
    finish.set()
    await ended.wait_for(1)
