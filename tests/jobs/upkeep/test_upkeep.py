"""Upkeep: what is over goes, what is long gets a snapshot, on the real stores."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jobs.upkeep import compaction, expiry
from jobs.upkeep.compaction import compact_rooms
from jobs.upkeep.expiry import KEPT, delete_expired
from jobs.upkeep.ports import Expiring
from rooms.ports import LogUnavailable, SnapshotRecord
from storage.database import Database, open_database
from storage.suggestions.untrained import SHOWS_MIN, PostgresUntrainedArtists
from storage.upkeep.expired import PostgresExpiredRows
from storage.upkeep.rooms import PostgresGrownRooms
from tests.contract.harness import MemoryUnderTest, PostgresUnderTest, new_id

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await open_database(database_url, connections_max=3)
    yield opened
    await opened.close()


async def add_reply(database: Database, at: datetime) -> None:
    await database.pool.execute(
        "INSERT INTO replies VALUES ($1, $1, $2, '', '', $3)", new_id(), new_id(), at
    )


async def test_replies_go_after_their_time_and_not_before(database: Database) -> None:
    kept = KEPT[Expiring.REPLIES]
    await add_reply(database, NOW - kept - timedelta(seconds=1))
    await add_reply(database, NOW - kept + timedelta(seconds=1))
    deleted = await delete_expired(PostgresExpiredRows(database.pool), NOW)
    assert deleted[Expiring.REPLIES] == 1
    assert await database.pool.fetchval("SELECT count(*) FROM replies") == 1


async def test_everything_that_expires_has_a_statement_that_runs(database: Database) -> None:
    deleted = await delete_expired(PostgresExpiredRows(database.pool), NOW)
    assert deleted == dict.fromkeys(Expiring, 0)


async def test_an_expired_session_takes_its_tickets_along(database: Database) -> None:
    show_id = await PostgresUnderTest(database).make_show()
    account, session, attendee = new_id(), new_id(), new_id()
    long_ago = NOW - KEPT[Expiring.SESSIONS] - timedelta(days=1)
    for statement, *arguments in (
        ("INSERT INTO accounts (id, kind, display_name) VALUES ($1, 'guest', 'Ann')", account),
        (
            "INSERT INTO sessions (id, account_id, token_hash, created_at, expires_at)"
            " VALUES ($1, $2, 'x', $3, $4)",
            session,
            account,
            long_ago - timedelta(days=1),
            long_ago,
        ),
        (
            "INSERT INTO attendees (id, show_id, account_id, display_name)"
            " VALUES ($1, $2, $3, 'Ann')",
            attendee,
            show_id,
            account,
        ),
        (
            "INSERT INTO tickets (show_id, participant_id, account_id, session_id, first_use_by,"
            " expires_at) VALUES ($1, $2, $3, $4, $5, $5)",
            show_id,
            attendee,
            account,
            session,
            NOW + timedelta(days=1),
        ),
    ):
        await database.pool.execute(statement, *arguments)
    deleted = await delete_expired(PostgresExpiredRows(database.pool), NOW)
    assert deleted[Expiring.SESSIONS] == 1
    assert await database.pool.fetchval("SELECT count(*) FROM tickets") == 0


async def test_a_mountain_is_deleted_in_portions(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expiry, "ROWS_PER_STATEMENT", 3)
    monkeypatch.setattr(expiry, "STATEMENTS_MAX", 2)
    for _ in range(8):
        await add_reply(database, NOW - timedelta(days=365))
    rows = PostgresExpiredRows(database.pool)
    assert (await delete_expired(rows, NOW))[Expiring.REPLIES] == 6
    assert (await delete_expired(rows, NOW))[Expiring.REPLIES] == 2


async def test_a_long_room_gets_a_snapshot_and_loads_from_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "EVENTS_BETWEEN_SNAPSHOTS", 200)
    under_test = PostgresUnderTest(database)
    long, short = await under_test.room(), await under_test.room()
    await long.append(events=long.chat(*["line"] * 200))
    await short.append(events=short.chat("line"))
    rooms = PostgresGrownRooms(database.pool)

    assert await compact_rooms(rooms, under_test.log) == 1

    record = await under_test.log.load(long.show_id)
    assert record is not None
    assert (record.snapshot_seq, record.events) == (200, ())
    assert record.snapshot is not None
    assert await compact_rooms(rooms, under_test.log) == 0


async def test_a_room_that_cannot_be_read_does_not_hold_up_the_others() -> None:
    under_test = MemoryUnderTest()
    rooms = [await under_test.room() for _ in range(2)]
    for room in rooms:
        await room.append(events=room.chat(*["line"] * 200))
    broken, whole = (room.show_id for room in rooms)

    class Grown:
        async def grown(self, events_min: int, rooms_max: int) -> list[str]:
            return [broken, whole]

    class Log:
        def __getattr__(self, name: str) -> Any:
            return getattr(under_test.log, name)

        async def load(self, show_id: str) -> Any:
            if show_id == broken:
                raise LogUnavailable
            return await under_test.log.load(show_id)

    assert await compact_rooms(Grown(), Log()) == 1
    snapshot = under_test.memory.room(whole).snapshot
    assert isinstance(snapshot, SnapshotRecord)
    assert snapshot.seq == 200


async def test_an_artist_is_trained_when_there_are_new_shows_to_learn_from(
    database: Database,
) -> None:
    pool, artist, song = database.pool, new_id(), new_id()
    await pool.execute(
        "INSERT INTO artists (id, name, normalised_name) VALUES ($1, 'A', 'a')", artist
    )
    await pool.execute(
        "INSERT INTO songs (id, artist_id, title, normalised_title) VALUES ($1, $2, 'S', 's')",
        song,
        artist,
    )
    untrained = PostgresUntrainedArtists(pool)

    async def play(shows: int) -> None:
        for _ in range(shows):
            show_id = await PostgresUnderTest(database).make_show()
            await pool.execute(
                "INSERT INTO line_up (show_id, artist_id) VALUES ($1, $2)", show_id, artist
            )
            await pool.execute(
                "INSERT INTO performances (show_id, song_id, ordinal, section, position)"
                " VALUES ($1, $2, 1, 'set1', 1)",
                show_id,
                song,
            )

    await play(SHOWS_MIN - 1)
    assert await untrained.untrained(5) == []
    await play(1)
    assert [str(found) for found in await untrained.untrained(5)] == [artist]
    await pool.execute(
        "INSERT INTO suggestion_models (artist_id, version, shows, payload) VALUES ($1, 1, $2, '')",
        artist,
        SHOWS_MIN,
    )
    assert await untrained.untrained(5) == []
    await play(1)
    assert [str(found) for found in await untrained.untrained(5)] == [artist]
