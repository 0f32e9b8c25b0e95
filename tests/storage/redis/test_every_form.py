"""Whatever speaks to Redis works on every form of it: scripts and pipelines keep to one slot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
from redis.exceptions import RedisError

from jobs.queue.lane import Lane
from rooms.messaging.senders import Sender
from rooms.operations.dead_letters import Reason
from rooms.operations.priorities import Outcome, Priority, later_of
from server.cli.checks import Verdict
from server.cli.redis_checks import redis as checked
from server.problems import ApiError
from server.rate_limits import Rule, SharedRateLimits
from server.secret import Secret
from server.settings import Settings
from storage.messaging.throughput import SharedThroughput
from storage.operations.queues import RedisQueues
from storage.redis.clients import AnyRedis, connect
from tests.jobs.queue.working import Clock, Done, Graves, broker_of, kick, noting, working

RULE = Rule("every-form", 3, 60)


@pytest.fixture(params=["redis_sentinel_url", "redis_cluster_url"])
async def url(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """Of Redis in this form, empty. A single server is what all other tests run on."""
    address = str(request.getfixturevalue(request.param))
    client: Any = connect(address, timeout_s=30, connect_s=30, connections_max=4)
    async with client:
        await client.flushall()
    yield address


@pytest.fixture
async def redis(url: str) -> AsyncIterator[AnyRedis]:
    client: Any = connect(url, timeout_s=30, connect_s=30, connections_max=4)
    async with client:
        yield client


async def test_jobs_are_done_tried_again_and_set_aside(url: str, redis: AnyRedis) -> None:
    done, graves, clock, broker = Done(), Graves(), Clock(), broker_of(url)
    noting(broker, done)
    failures = Done()

    async def fail() -> None:
        failures.add(1)
        raise ValueError("nope")

    broker.register_task(fail, task_name="fail", priority=Priority.URGENT, attempts_max=2)
    async with working(broker, graves, clock, promote_every_s=0.02):
        await kick(broker, 1)
        await kick(broker, job="fail")
        await done.wait_for(1)
        await failures.until(lambda: len(failures.values) == 1)
        while not await _later(redis):
            await asyncio.sleep(0.01)
        clock.move(timedelta(hours=1).total_seconds())
        await failures.until(lambda: len(failures.values) == 2)
        await graves.moved.wait()
        while (workload := await RedisQueues(redis).workload()).queues[0].running:
            await asyncio.sleep(0.01)
    assert graves.only.reason is Reason.FAILED
    counted = {(one.task, one.outcome): one.tries for one in workload.counts}
    assert counted[("note", Outcome.DONE)] == 1
    assert counted[("fail", Outcome.DEAD)] == 1


async def _later(redis: AnyRedis) -> int:
    client: Any = redis
    return int(await client.zcard(later_of(Priority.URGENT)))


async def test_a_job_of_a_worker_that_went_silent_is_claimed(url: str) -> None:
    done, dead = Done(), broker_of(url, "dead")
    noting(dead, Done())
    await kick(dead, 7)
    lane = Lane(dead, Priority.NORMAL)
    await lane.startup()
    taken = lane.listen()
    await anext(taken)  # taken and never finished
    await taken.aclose()
    await lane.shutdown()
    await dead.shutdown()
    broker = broker_of(url, "alive")
    noting(broker, done)
    async with working(broker, claim_after_ms=1, claim_look_s=0.01):
        await done.wait_for(7)


async def test_a_recurring_job_that_waits_is_sent_once(url: str) -> None:
    broker = broker_of(url)
    sent = [await broker.send(Priority.BULK, b"{}", once="x", once_ms=60_000) for _ in range(3)]
    await broker.shutdown()
    assert sent == [True, False, False]


async def test_all_nodes_count_together(url: str) -> None:
    nodes = [SharedRateLimits(url) for _ in range(2)]
    for number in range(3):
        await nodes[number % 2].hit(RULE, "somebody")
    for node in nodes:
        with pytest.raises(ApiError):
            await node.hit(RULE, "somebody")
        await node.hit(RULE, f"somebody else at {id(node)}")
        assert node._redis_again_at == 0, "it was counted in Redis"
    await nodes[0].clear(RULE, "somebody")
    await nodes[1].hit(RULE, "somebody")
    for node in nodes:
        await node.close()


async def test_processes_share_the_turns_of_a_number(redis: AnyRedis) -> None:
    one, other = (SharedThroughput(redis, lambda: 0.0) for _ in range(2))
    sender = Sender("sms", "+12085550101", 0.5)
    waits = [await each.reserve(sender) for each in (one, other, one)]
    assert waits[0] == 0.0
    assert all(wait is not None and wait > 0 for wait in waits[1:])


async def test_readiness_asks_whichever_form(redis: AnyRedis) -> None:
    assert await redis.ping()


async def test_the_doctor_says_which_form_it_is(url: str) -> None:
    found = await checked(Settings(redis_url=Secret(url)))
    assert found.verdict is Verdict.GOOD, found.said
    said = {"redis+sentinel": "the primary of setroom", "redis+cluster": "a cluster of 3 shards"}
    assert said[url.partition(":")[0]] in found.said


@pytest.mark.parametrize("form", ["redis", "redis+sentinel", "redis+cluster"])
async def test_that_nobody_can_be_reached_is_one_error_in_every_form(
    form: str, unused_tcp_port: int
) -> None:
    address = f"{form}://127.0.0.1:{unused_tcp_port}" + ("/night" if "sentinel" in form else "")
    client: Any = connect(address, timeout_s=2, connect_s=2, connections_max=2)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(client.aclose)
        with pytest.raises(RedisError):
            await client.get("anything")
        pipeline = client.pipeline(transaction=False)
        pipeline.get("anything")
        with pytest.raises(RedisError):
            await pipeline.execute()
    node = SharedRateLimits(address)
    await node.hit(RULE, "somebody")
    assert node._redis_again_at > 0, "it was counted here alone"
    await node.close()
    found = await checked(Settings(redis_url=Secret(address)))
    assert (found.verdict, "not reachable" in found.said) == (Verdict.BAD, True)
