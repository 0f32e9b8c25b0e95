"""Reading many rows of one show, whatever the planner believes of it.

A night fills its tables within minutes, before anybody has counted them: Postgres takes a show of
fifty thousand people for one of thirty and joins them row by row, which is quadratic. So each
table is read by an index of the show, and what was read is joined by hashing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg

WHO: Final = """
who AS MATERIALIZED (
    SELECT a.id, a.id AS person FROM attendees a
     WHERE a.show_id = $1 AND a.merged_into IS NULL
     UNION ALL
    SELECT a.id, coalesce(b.merged_into, a.merged_into) AS person
      FROM attendees a JOIN attendees b ON b.id = a.merged_into AND b.show_id = $1
     WHERE a.show_id = $1 AND a.merged_into IS NOT NULL
)
"""
"""Every attendee of the show ($1), and who they turned out to be."""

BALLOTS: Final = """
(SELECT * FROM ballots
  WHERE round_id = ANY (ARRAY(SELECT id FROM rounds WHERE show_id = $1)) AND pattern <> $2)
"""
"""The ballots of the show ($1) that were not withdrawn ($2: the pattern of one that was)."""

CLOSED_ROUNDS: Final = """
ARRAY(SELECT id FROM rounds WHERE show_id = $1 AND status IN ('closed', 'revealed'))
"""


@asynccontextmanager
async def one_moment(pool: asyncpg.Pool[Any], timeout_s: float) -> AsyncIterator[Any]:
    """A connection that sees one moment, for reading alone.

    Args:
        timeout_s: for one statement, and for a pause between two.
    """
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        timeout = f"{timeout_s * 1000:.0f}"
        await connection.execute(
            "SELECT set_config('enable_nestloop', 'off', true),"
            " set_config('statement_timeout', $1, true),"
            " set_config('idle_in_transaction_session_timeout', $1, true)",
            timeout,
        )
        yield connection
