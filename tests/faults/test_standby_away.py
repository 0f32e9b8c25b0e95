"""A synchronous standby that does not answer: nothing is acknowledged, and nobody sees anything,
until it does. The next failover would lose it otherwise."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from rooms.ports import AlreadyAnswered, LogUnavailable, OutcomeUnknown, ReplyRecord
from storage.database import Database, open_pool
from storage.embedded import EmbeddedStores
from storage.rooms.log import PostgresRoomLog
from tests.contract.harness import PostgresUnderTest, RoomUnderTest
from tests.faults.conftest import urls_of
from tests.patience import PATIENT_S

ABSENT = "a_standby_that_is_away"
"""What PostgreSQL waits for with every commit."""


async def set_standby(connection: asyncpg.Connection, name: str) -> None:
    await connection.execute("SET synchronous_commit = local")
    await connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{name}'")
    await connection.execute("SELECT pg_reload_conf()")
    while await connection.fetchval("SHOW synchronous_standby_names") != name:
        await asyncio.sleep(0.01)


async def events(connection: asyncpg.Connection, room: RoomUnderTest) -> int:
    count: int = await connection.fetchval(
        "SELECT count(*) FROM room_events WHERE show_id = $1", room.show_id
    )
    return count


async def test_what_the_standby_does_not_have_is_neither_acknowledged_nor_seen(
    own_stores: EmbeddedStores, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = urls_of(own_stores).database_url
    pool = await open_pool(url, connections_max=4)
    onlooker = await asyncpg.connect(url)
    under_test = PostgresUnderTest(Database(pool))
    under_test.log = PostgresRoomLog(pool)
    try:
        room = await under_test.room()
        (author,) = await under_test.people(room.show_id, 1)
        reply = ReplyRecord(author, "c1", b"h" * 32, b'{"t":"ack"}')
        turn = room.turn(events=room.chat("hello", author=author), replies=(reply,))
        await set_standby(onlooker, ABSENT)
        monkeypatch.setattr("storage.rooms.log.CALL_TIMEOUT_S", 0.5)

        with pytest.raises(OutcomeUnknown):
            await room.log.append(turn)
        # Asked again, as the actor does: its row is still held, and so nothing is known.
        with pytest.raises((LogUnavailable, OutcomeUnknown)):
            await room.log.append(turn)
        assert await events(onlooker, room) == 0, "a commit that waits for its standby is not seen"

        monkeypatch.undo()
        await set_standby(onlooker, "")
        async with asyncio.timeout(PATIENT_S):
            while not await events(onlooker, room):
                await asyncio.sleep(0.01)
        assert isinstance(await room.log.append(turn), AlreadyAnswered)
        assert await events(onlooker, room) == 1
    finally:
        await set_standby(onlooker, "")
        await onlooker.close()
        await under_test.database.close()


async def test_a_commit_that_is_cut_short_is_seen_without_its_standby(
    own_stores: EmbeddedStores,
) -> None:
    """Why a driver must not cancel a room's commit."""
    url = urls_of(own_stores).database_url
    onlooker, writer = await asyncpg.connect(url), await asyncpg.connect(url)
    try:
        await writer.execute("CREATE TABLE seen (at timestamptz)")
        await set_standby(onlooker, ABSENT)
        waiting = asyncio.create_task(writer.execute("INSERT INTO seen VALUES (now())"))
        waits = "SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'SyncRep'"
        async with asyncio.timeout(PATIENT_S):
            while not await onlooker.fetchval(waits, writer.get_server_pid()):
                await asyncio.sleep(0.01)
        assert await onlooker.fetchval("SELECT count(*) FROM seen") == 0
        await onlooker.execute("SELECT pg_cancel_backend($1)", writer.get_server_pid())
        await waiting
        assert await onlooker.fetchval("SELECT count(*) FROM seen") == 1
    finally:
        await set_standby(onlooker, "")
        await writer.close()
        await onlooker.close()
