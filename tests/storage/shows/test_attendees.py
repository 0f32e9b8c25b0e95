"""Tickets that are shown at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from rooms.ports import LogUnavailable
from storage.database import Database, open_database
from storage.shows.attendees import PostgresAttendees
from tests.contract.harness import PostgresUnderTest, new_id
from tests.patience import PATIENT_S

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TICKETS = 12


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await open_database(database_url, connections_max=4)
    yield opened
    await opened.close()


@pytest.fixture
async def show_id(database: Database) -> str:
    """A show with tickets of one guest."""
    show = await PostgresUnderTest(database).make_show()
    account, session, attendee = new_id(), new_id(), new_id()
    later = NOW + timedelta(days=1)
    for statement, *arguments in (
        ("INSERT INTO accounts (id, kind, display_name) VALUES ($1, 'guest', 'Ann')", account),
        (
            "INSERT INTO sessions (id, account_id, token_hash, created_at, expires_at)"
            " VALUES ($1, $2, 'x', $3, $4)",
            *(session, account, NOW, later),
        ),
        (
            "INSERT INTO attendees (id, show_id, account_id, display_name)"
            " VALUES ($1, $2, $3, 'Ann')",
            *(attendee, show, account),
        ),
        (
            "INSERT INTO tickets (id, show_id, participant_id, account_id, session_id,"
            " first_use_by, expires_at) SELECT id, $1, $2, $3, $4, $5, $5"
            f" FROM (SELECT uuidv7() AS id FROM generate_series(1, {TICKETS})) AS made"
            " ORDER BY id DESC",  # they lie in another order than that of their ids
            *(show, attendee, account, session, later),
        ),
    ):
        await database.pool.execute(statement, *arguments)
    return show


async def _ids(database: Database) -> list[str]:
    return [
        str(row["id"]) for row in await database.pool.fetch("SELECT id FROM tickets ORDER BY id")
    ]


async def test_tickets_are_locked_in_the_order_of_their_ids(
    database: Database, database_url: str, show_id: str
) -> None:
    """Whatever order they are shown in: so two nodes never hold what the other one waits for."""
    ids = await _ids(database)
    other = await asyncpg.connect(database_url)
    attendees = PostgresAttendees(database.pool)
    try:
        async with asyncio.timeout(PATIENT_S):
            async with other.transaction():
                await other.execute("SELECT FROM tickets WHERE id = $1 FOR UPDATE", ids[0])
                shown = [
                    asyncio.create_task(attendees.use_ticket(ticket, show_id, NOW))
                    for ticket in reversed(ids)
                ]
                waiting = (
                    "SELECT count(*) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
                )
                while not await database.pool.fetchval(waiting):
                    await asyncio.sleep(0.01)
                free = "SELECT id FROM tickets FOR UPDATE SKIP LOCKED"
                assert len(await database.pool.fetch(free)) == TICKETS - 1
            uses = await asyncio.gather(*shown)
    finally:
        await other.close()
    assert [use.ticket_id for use in uses if use and use.usable] == ids[::-1]
    used = "SELECT count(*) FROM tickets WHERE first_used_at = $1"
    assert await database.pool.fetchval(used, NOW) == TICKETS


async def test_a_ticket_that_is_shown_twice_at_once_counts_from_its_first_use(
    database: Database, show_id: str
) -> None:
    ticket, *_ = await _ids(database)
    attendees = PostgresAttendees(database.pool)
    uses = await asyncio.gather(*(attendees.use_ticket(ticket, show_id, NOW) for _ in range(3)))
    assert [use is not None and use.usable for use in uses] == [True] * 3
    assert await attendees.use_ticket(ticket, show_id, NOW + timedelta(hours=1))
    first = await database.pool.fetchval("SELECT first_used_at FROM tickets WHERE id = $1", ticket)
    assert first == NOW


class _Deadlocking:
    """A pool whose next statements are chosen as a deadlock's victims."""

    def __init__(self, pool: Any, times: int) -> None:
        self._pool = pool
        self._times = times

    async def fetch(self, *arguments: Any) -> Any:
        if self._times:
            self._times -= 1
            raise asyncpg.DeadlockDetectedError("deadlock detected")
        return await self._pool.fetch(*arguments)


async def test_a_batch_that_was_taken_back_for_a_deadlock_is_tried_once_more(
    database: Database, show_id: str
) -> None:
    ids = await _ids(database)

    async def shown(times: int) -> list[Any]:
        attendees = PostgresAttendees(_Deadlocking(database.pool, times))
        asked = (attendees.use_ticket(ticket, show_id, NOW) for ticket in ids)
        return await asyncio.gather(*asked, return_exceptions=True)

    assert [use.ticket_id for use in await shown(1)] == ids
    assert [type(error) for error in await shown(2)] == [LogUnavailable] * TICKETS
