"""A synchronous standby takes over: what was acknowledged is there, and the log is another one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from loadtests.faults.own_stores import OwnPostgres
from loadtests.faults.standby import OwnStandby, Pair
from rooms.ports import (
    AlreadyAnswered,
    Appended,
    LogUnavailable,
    OutcomeUnknown,
    ReplyRecord,
)
from storage.database import Database, open_pool
from storage.migrate import migrate
from storage.primary import NoPrimary, PrimariesSeen, connect
from tests.contract.harness import PostgresUnderTest, RoomUnderTest
from tests.patience import PATIENT_S


@pytest.fixture
async def pair(data_dir: Path) -> AsyncIterator[Pair]:
    primary = OwnPostgres(data_dir / "primary")
    standby = OwnStandby(data_dir / "standby", primary)
    try:
        await primary.start()
        await migrate(primary.url)
        await standby.start()
        both = Pair(primary, standby, None)
        await both.follow()
        yield both
    finally:
        await standby.stop()
        await primary.stop()


class Talker:
    """Says lines, one after the other, each until it is known to be there, as rooms do."""

    def __init__(self, under_test: PostgresUnderTest, room: RoomUnderTest, author: str) -> None:
        self._under_test = under_test
        self._room = room
        self._author = author
        self.acknowledged: list[str] = []

    async def say(self, lines: int) -> None:
        for _ in range(lines):
            text = f"line {len(self.acknowledged)}"
            reply = ReplyRecord(self._author, text, b"h" * 32, b"{}")
            async with asyncio.timeout(PATIENT_S):
                while not await self._said(text, reply):
                    pass
            self.acknowledged.append(text)

    async def epoch(self) -> str:
        record = await self._under_test.log.load(self._room.show_id)
        assert record is not None
        return record.epoch

    async def _said(self, text: str, reply: ReplyRecord) -> bool:
        try:
            record = await self._under_test.log.load(self._room.show_id)
            assert record is not None
            self._room.head = record.head
            events = self._room.chat(text, author=self._author)
            turn = self._room.turn(events=events, replies=(reply,))
            return isinstance(await self._room.log.append(turn), (Appended, AlreadyAnswered))
        except (LogUnavailable, OutcomeUnknown):
            return False


async def test_a_log_goes_on_at_the_standby_and_never_back_at_the_old_primary(pair: Pair) -> None:
    seen = PrimariesSeen()
    url = pair.addresses(pair.primary.url)
    pool = await open_pool(url, connections_max=3, primaries_seen=seen)
    under_test = PostgresUnderTest(Database(pool))
    try:
        room = await under_test.room()
        (author,) = await under_test.people(room.show_id, 1)
        talker = Talker(under_test, room, author)
        await talker.say(3)
        before = await talker.epoch()

        speaking = asyncio.create_task(talker.say(5))
        pair.primary.leave_down()
        await pair.primary.kill()
        await pair.fail_over()
        await speaking

        # Nobody told the old one: it starts, believes that it is the primary, and is the first of
        # the list.
        pair.primary.mind_again()
        await pair.primary.answers()
        with pytest.raises(NoPrimary):
            await connect(pair.primary.url, primaries_seen=seen, timeout_s=PATIENT_S)
        pool.let_go_of_all()
        await talker.say(3)
        assert await talker.epoch() != before

        there = await asyncpg.connect(pair.url)
        said = await there.fetch(
            "SELECT data->>'text' AS text FROM room_events WHERE show_id = $1 ORDER BY seq",
            room.show_id,
        )
        await there.close()
        assert [row["text"] for row in said] == talker.acknowledged
    finally:
        await under_test.database.close()
