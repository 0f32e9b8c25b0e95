"""What a broken connection means: asked again, the log says what became of the turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from rooms import limits
from rooms.ports import (
    AlreadyAnswered,
    Appended,
    LogUnavailable,
    Lost,
    OutcomeUnknown,
    TurnRefused,
)
from storage.database import Database, open_database
from storage.migrate import migrate
from storage.rooms.log import PostgresRoomLog
from tests.contract.harness import PostgresUnderTest, RoomUnderTest, ballot, new_id, reply


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await open_database(database_url, connections_max=4)
    yield opened
    await opened.close()


@pytest.fixture
async def room(database: Database) -> RoomUnderTest:
    return await PostgresUnderTest(database).room()


@pytest.fixture
async def outside(database_url: str) -> AsyncIterator[Any]:
    """A connection that is not the log's."""
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def backend_waiting_for_lock(outside: Any) -> int:
    """The process that waits for a row which `outside` holds."""
    async with asyncio.timeout(30):
        while True:
            pid = await outside.fetchval(
                "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                " AND datname = current_database()"
            )
            if pid is not None:
                return int(pid)
            await asyncio.sleep(0.005)


async def test_a_backend_killed_in_the_middle_of_a_turn_leaves_nothing(
    room: RoomUnderTest, outside: Any
) -> None:
    turn = room.turn(events=room.chat("a"), replies=(reply(new_id()),))
    async with outside.transaction():
        await outside.execute("SELECT FROM rooms WHERE show_id = $1 FOR UPDATE", room.show_id)
        appending = asyncio.create_task(room.log.append(turn))
        pid = await backend_waiting_for_lock(outside)
        await outside.execute("SELECT pg_terminate_backend($1)", pid)
        with pytest.raises(OutcomeUnknown):
            await appending
    assert isinstance(await room.log.append(turn), Appended)
    assert (await room.under_test.stored(room.show_id))["events"] == 1


async def test_a_turn_whose_answer_was_lost_is_found(room: RoomUnderTest) -> None:
    """The commit happens, the connection breaks before the caller hears of it."""
    turn = room.turn(events=room.chat("a"), replies=(reply(new_id()),))
    assert isinstance(await room.log.append(turn), Appended)  # nobody heard of this one
    assert await room.log.append(turn) == AlreadyAnswered(turn.replies)
    without_replies = room.turn(events=room.chat("timer"))
    assert isinstance(await room.log.append(without_replies), Lost)
    assert (await room.under_test.stored(room.show_id))["events"] == 1


async def test_backends_killed_at_random_leave_every_turn_once_or_not_at_all(
    room: RoomUnderTest, database: Database, outside: Any
) -> None:
    stop = asyncio.Event()

    async def kill() -> None:
        while not stop.is_set():
            await outside.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND query LIKE '%append_turn%'"
            )
            await asyncio.sleep(0.004)

    killing = asyncio.create_task(kill())
    unknown = 0
    for _ in range(30):
        turn = room.turn(events=room.chat("a"), replies=(reply(new_id()),))
        while True:
            try:
                outcome = await room.log.append(turn)
            except OutcomeUnknown:
                unknown += 1
                continue
            except LogUnavailable:
                continue
            break
        # Nobody else appends: after an unknown outcome it is either in or it is not.
        assert isinstance(outcome, Appended | AlreadyAnswered)
        room.head = turn.head_after
    stop.set()
    await killing
    await database.pool.expire_connections()  # the last kill may have met an idle one
    assert unknown > 0
    stored = await room.under_test.stored(room.show_id)
    assert (stored["events"], stored["replies"]) == (30, 30)


async def test_a_database_that_is_not_there_is_unavailable(database_url: str) -> None:
    pool = await asyncpg.create_pool("postgresql://nobody@127.0.0.1:1/none", min_size=0)
    log = PostgresRoomLog(pool)
    with pytest.raises(LogUnavailable):
        await log.load(new_id())
    with pytest.raises(LogUnavailable):
        async with log.locked(new_id()):
            pass
    await pool.close()


async def test_a_node_that_stalls_while_it_holds_the_lock_loses_it(room: RoomUnderTest) -> None:
    loop = asyncio.get_running_loop()
    async with room.log.locked(room.show_id) as stalled:
        started = loop.time()
        outcome = await room.log.append(room.turn(events=room.chat("other node")))
        waited_ms = (loop.time() - started) * 1000
        assert isinstance(outcome, Appended)  # it waited, and was not even refused
        with pytest.raises(LogUnavailable):
            await stalled.append(room.turn(events=room.chat("too late")))
    assert waited_ms < limits.TURN_IDLE_IN_TRANSACTION_MS + 300
    assert (await room.under_test.stored(room.show_id))["events"] == 1


async def test_a_cancelled_locked_turn_frees_the_lock(room: RoomUnderTest, outside: Any) -> None:
    entered = asyncio.Event()

    async def hold() -> None:
        async with room.log.locked(room.show_id) as locked:
            entered.set()
            while True:
                await locked.read_since(room.head, [])

    holding = asyncio.create_task(hold())
    await entered.wait()
    holding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await holding
    await room.append(events=room.chat("free"))


async def test_events_and_clients_of_a_removed_show_cannot_vanish(
    room: RoomUnderTest, database: Database
) -> None:
    await room.append(events=room.chat("a"))
    with pytest.raises(asyncpg.RestrictViolationError):
        await database.pool.execute("DELETE FROM shows WHERE id = $1", room.show_id)


async def test_the_database_itself_refuses_a_gap_in_the_log(
    room: RoomUnderTest, database: Database
) -> None:
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await database.pool.execute(
            "INSERT INTO room_events (show_id, seq, name, at, participant_id, data)"
            " VALUES ($1, 2, 'chat_posted', now(), $1, '{}')",
            room.show_id,
        )


async def test_a_removed_participant_is_marked(room: RoomUnderTest, database: Database) -> None:
    account, attendee = new_id(), new_id()
    await database.pool.execute(
        "INSERT INTO accounts (id, kind, display_name) VALUES ($1, 'guest', 'Ann')", account
    )
    await database.pool.execute(
        "INSERT INTO attendees (id, show_id, account_id, display_name) VALUES ($1, $2, $3, 'Ann')",
        attendee,
        room.show_id,
        account,
    )
    assert await room.log.roles_of(room.show_id, [attendee, new_id()]) == {attendee: "fan"}
    await room.append(events=room.chat("a"), removed=(attendee,))
    removed_at = "SELECT removed_at FROM attendees WHERE id = $1"
    assert await database.pool.fetchval(removed_at, attendee) is not None


async def test_a_round_belongs_to_one_show(room: RoomUnderTest) -> None:
    foreign = await (await room.under_test.room()).open_round()
    with pytest.raises(TurnRefused, match="another show"):
        await room.append(ballots=(ballot(foreign, new_id(), "o1"),))
    with pytest.raises(TurnRefused, match="another show"):
        await room.append(rounds=(room.round(foreign, status="closed"),))


async def test_another_database_is_another_epoch(
    room: RoomUnderTest, empty_database_url: str
) -> None:
    """A dump that is restored elsewhere has the same rows, and must not pass for the same log."""
    await migrate(empty_database_url)
    elsewhere = await open_database(empty_database_url, connections_max=1)
    here, _ = await room.log.heads([])
    there, _ = await PostgresRoomLog(elsewhere.pool).heads([])
    await elsewhere.close()
    assert here != there


async def test_a_show_is_loaded_with_its_line_up_and_venue(
    room: RoomUnderTest, database: Database
) -> None:
    pool, venue = database.pool, new_id()
    await pool.execute(
        "INSERT INTO venues (id, name, city, country) VALUES ($1, 'Barton Hall', 'Ithaca', 'US')",
        venue,
    )
    await pool.execute("UPDATE shows SET venue_id = $2 WHERE id = $1", room.show_id, venue)
    for position, (name, status) in enumerate(
        [("Support", "accepted"), ("Gone", "declined"), ("Headliner", "proposed")]
    ):
        artist = new_id()
        await pool.execute(
            "INSERT INTO artists (id, name, normalised_name) VALUES ($1, $2, $2)", artist, name
        )
        await pool.execute(
            "INSERT INTO line_up (show_id, artist_id, position, status) VALUES ($1, $2, $3, $4)",
            room.show_id,
            artist,
            9 - position,
            status,
        )
    record = await room.log.load(room.show_id)
    assert record is not None
    assert record.show.artists == ("Headliner", "Support")
    assert (record.show.venue, record.show.city, record.show.country) == (
        "Barton Hall",
        "Ithaca",
        "US",
    )


async def test_a_commit_is_known_before_its_connection_is_given_back(
    room: RoomUnderTest, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    release, may = database.pool.release, asyncio.Event()

    async def later(connection: Any) -> None:
        await may.wait()
        await release(connection)
        raise asyncpg.InterfaceError("this is not about the turn")

    with monkeypatch.context() as patched:
        patched.setattr(database.pool, "release", later)
        assert isinstance(await room.append(events=room.chat("a")), Appended)
        assert isinstance(await room.append(events=room.chat("b")), Appended)
        assert database.pool.get_idle_size() < database.pool.get_size()
        may.set()
        async with asyncio.timeout(30):
            while database.pool.get_idle_size() < database.pool.get_size():
                await asyncio.sleep(0)
