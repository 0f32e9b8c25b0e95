"""Receipts: never more than a number has turns for, whoever else gives some."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from itertools import count

import pytest
from redis.asyncio import Redis

from rooms import limits
from rooms.messaging.senders import Sender
from server.sms.receipts import Receipts, receipts_unlearnt
from storage.messaging.throughput import SharedThroughput

TWO = Sender("sms", "+12085550100", 2)
MANY = Sender("sms", "12345", 100)

_sids = count()


class Turns:
    """A number's turns, which nobody else takes unless a test says so."""

    def __init__(self) -> None:
        self.now = 100.0
        self.free_at = 0.0
        self.charged: list[int] = []
        self.heard = asyncio.Event()

    def clock(self) -> float:
        return self.now

    async def reserve(self, sender: Sender, segments: int = 1) -> float | None:
        raise AssertionError("receipts do not wait")

    async def take_now(self, sender: Sender, segments: int = 1) -> bool:
        raise AssertionError("a text does not wait for it")

    async def charge(self, sender: Sender, segments: int = 1) -> float:
        self.charged.append(segments)
        self.free_at = max(self.free_at, self.now) + segments / sender.per_second
        self.heard.set()
        return self.free_at - self.now

    async def learnt(self) -> None:
        """After the next answer."""
        self.heard.clear()
        await asyncio.wait_for(self.heard.wait(), 10)
        await asyncio.sleep(0)


def give(receipts: Receipts, sender: Sender, texts: int, segments: int = 1) -> int:
    """How many of so many texts at once get their receipt."""
    given = [
        sid
        for sid in (f"SM{next(_sids)}" for _ in range(texts))
        if receipts.take(sender.address, sid)
    ]
    for sid in given:
        receipts.gave(sender.address, sid, segments)
    return len(given)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = Redis.from_url(redis_url)
    yield client
    await client.aclose()


async def test_what_is_not_learnt_yet_is_little_and_charged_together() -> None:
    turns = Turns()
    receipts = Receipts((TWO, MANY), turns, turns.clock)

    assert give(receipts, MANY, 500) == receipts_unlearnt(MANY) == 25
    assert give(receipts, TWO, 500) == receipts_unlearnt(TWO) == limits.SMS_RECEIPTS_UNLEARNT_MIN
    await turns.learnt()

    assert turns.charged == [25, 3]
    assert receipts.take("another number", "SM"), "of numbers that are not ours nothing is known"


async def test_a_text_that_is_being_answered_holds_its_turn_until_it_is() -> None:
    turns = Turns()
    receipts = Receipts((TWO,), turns, turns.clock)
    promised = [sid for sid in ("SM1", "SM2", "SM3", "SM4") if receipts.take(TWO.address, sid)]
    assert promised == ["SM1", "SM2", "SM3"]

    receipts.gave(TWO.address, "SM1", 0)  # its room was busy: nothing was answered
    assert receipts.take(TWO.address, "SM5")
    assert not receipts.take(TWO.address, "SM6")
    assert turns.charged == []


async def test_what_others_send_sheds_receipts_until_their_turns_have_passed() -> None:
    turns = Turns()
    receipts = Receipts((TWO,), turns, turns.clock)
    turns.free_at = turns.now + 30  # thousands of JOINs on other nodes

    assert give(receipts, TWO, 1) == 1, "it cannot know yet"
    await turns.learnt()
    assert give(receipts, TWO, 10) == 0
    turns.now += 30.5 - limits.SMS_RECEIPTS_AHEAD_S
    assert give(receipts, TWO, 10) > 0


async def test_answers_that_go_in_any_case_take_the_turns_of_receipts() -> None:
    turns = Turns()
    receipts = Receipts((TWO,), turns, turns.clock)
    for number in range(10):  # to JOIN, with two segments each
        receipts.gave(TWO.address, f"SMjoin{number}", 2)
    assert give(receipts, TWO, 1) == 0
    await turns.learnt()

    assert turns.charged == [20]
    assert give(receipts, TWO, 1) == 0
    turns.now += 3.1
    assert give(receipts, TWO, 10) == 3


async def test_a_pace_that_cannot_be_charged_is_cautious_and_goes_on() -> None:
    class Broken(Turns):
        async def charge(self, sender: Sender, segments: int = 1) -> float:
            self.heard.set()
            raise RuntimeError("a defect")

    turns = Broken()
    receipts = Receipts((TWO,), turns, turns.clock)
    assert give(receipts, TWO, 10) == 3
    await turns.learnt()
    assert give(receipts, TWO, 10) == 3


async def test_four_nodes_together_keep_to_the_number(redis: Redis) -> None:
    nodes = [
        Receipts((TWO,), SharedThroughput(redis, time.monotonic), time.monotonic) for _ in range(4)
    ]
    began = time.monotonic()
    given = 0
    for _ in range(40):
        given += sum(give(node, TWO, 5) for node in nodes)
        await asyncio.sleep(limits.SMS_RECEIPTS_LEARN_S)
    passed_s = time.monotonic() - began

    fair = TWO.per_second * (limits.SMS_RECEIPTS_AHEAD_S + passed_s) + 1
    assert given <= fair + len(nodes) * receipts_unlearnt(TWO)
    assert given >= TWO.per_second * limits.SMS_RECEIPTS_AHEAD_S, "and use what it takes"
