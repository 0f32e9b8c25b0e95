"""A number's pace: shared by all processes in Redis, cautious without it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from rooms import limits
from rooms.messaging.senders import MESSAGES_PER_SECOND, Sender
from storage.messaging.throughput import SharedThroughput

SLOW = Sender("sms", "+12085550100", 0.001)
FAST = Sender("sms", "+12085550101", 0.5)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = Redis.from_url(redis_url)
    yield client
    await client.aclose()


async def test_processes_share_the_turns_of_a_number(redis: Redis) -> None:
    one, other = (SharedThroughput(redis, lambda: 0.0) for _ in range(2))
    waits = [await each.reserve(FAST) for each in (one, other, one, other)]

    assert waits[0] == 0.0
    for number, wait in enumerate(waits[1:], start=1):
        assert wait is not None
        assert 2.0 * number - 1.9 < wait <= 2.0 * number


async def test_a_text_of_three_segments_takes_three_turns(redis: Redis) -> None:
    throughput = SharedThroughput(redis, lambda: 0.0)
    await throughput.reserve(FAST, 3)
    wait = await throughput.reserve(FAST)

    assert wait is not None
    assert 4.0 < wait <= 6.0


async def test_a_turn_too_far_ahead_is_not_taken(redis: Redis) -> None:
    throughput = SharedThroughput(redis, lambda: 0.0)
    assert await throughput.reserve(SLOW) == 0.0

    assert [await throughput.reserve(SLOW) for _ in range(3)] == [None] * 3
    assert limits.TURN_AHEAD_S < 1_000


async def test_receipts_are_shed_while_a_number_is_busy(redis: Redis) -> None:
    throughput = SharedThroughput(redis, lambda: 0.0)
    taken = await asyncio.gather(*(throughput.take_now(SLOW) for _ in range(20)))
    assert sum(taken) == 1

    other = Sender("sms", "+12085550102", 0.001)
    await throughput.charge(other)
    assert not await throughput.take_now(other), "an answer that went in any case counts"


async def test_what_goes_in_any_case_does_not_hold_others_up_for_long(redis: Redis) -> None:
    throughput = SharedThroughput(redis, lambda: 0.0)
    for _ in range(500):
        await throughput.charge(SLOW)
    (key,) = await redis.keys("setroom:sender:*")

    assert b"1208" not in key, "no number in a key"
    assert await redis.pttl(key) <= 62_000


async def test_without_redis_a_process_keeps_to_its_part() -> None:
    away = Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.2)
    now = 0.0
    throughput = SharedThroughput(away, lambda: now)
    sender = Sender("sms", "+12085550103", 1.0)
    waits = [await throughput.reserve(sender) for _ in range(4)]
    await away.aclose()

    assert waits == [0.0, 4.0, 8.0, None]
    assert limits.LOCAL_SHARE == 4


def test_numbers_of_each_kind_are_as_fast_as_carriers_say() -> None:
    assert MESSAGES_PER_SECOND == {
        "long_code": 1,
        "toll_free": 3,
        "short_code": 100,
        "whatsapp": 80,
    }
