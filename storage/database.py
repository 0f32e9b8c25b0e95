"""Opens the database for a process: one asyncpg pool, lent to Piccolo as well.

Adapters take connections from `Database.pool` and speak SQL, because nearly all of them need an
upsert, a lock or ``RETURNING``; a plain query may as well go through a table of
`storage.tables`.
"""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg

from rooms import limits
from storage.engine import ENGINE

POOL_CONNECTIONS_MAX = 20
"""Connections of one process. A turn holds one for about a millisecond."""

STATEMENT_TIMEOUT_MS = 10_000
"""No ordinary statement may take longer; the few that may (bulk loads) say so themselves."""

LOCK_TIMEOUT_MS = limits.TURN_LOCK_TIMEOUT_MS
"""No statement waits longer for somebody else's lock."""

IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000
"""A process that stalls inside a transaction loses it."""

CONNECT_TIMEOUT_S = 5.0


class Database:
    """An open pool. Use `open_database`.

    Attributes:
        pool: asyncpg's pool. Piccolo's tables use it too while this is open.
    """

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self.pool = pool
        ENGINE.lend(pool)

    async def close(self, timeout_s: float = 5.0) -> None:
        """Waits for running queries, but not longer than ``timeout_s``; then cuts them off."""
        ENGINE.take_back(self.pool)
        try:
            async with asyncio.timeout(timeout_s):
                await self.pool.close()
        except TimeoutError:
            self.pool.terminate()


async def open_database(
    url: str, *, application_name: str = "setroom", connections_max: int = POOL_CONNECTIONS_MAX
) -> Database:
    """Connects to PostgreSQL.

    Args:
        url: ``postgresql://…``; contains the password, so never log it.
        application_name: shown in ``pg_stat_activity``.
        connections_max: bound of the pool.

    Raises:
        OSError, asyncpg.PostgresError: the database cannot be reached.
    """
    pool = await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=connections_max,
        timeout=CONNECT_TIMEOUT_S,
        command_timeout=STATEMENT_TIMEOUT_MS / 1000 + 1,
        reset=_leave_as_it_is,
        server_settings={
            "application_name": application_name,
            "statement_timeout": str(STATEMENT_TIMEOUT_MS),
            "lock_timeout": str(LOCK_TIMEOUT_MS),
            "idle_in_transaction_session_timeout": str(IDLE_IN_TRANSACTION_TIMEOUT_MS),
            "timezone": "UTC",
            # Turns are short and frequent: compiling them costs more than it gives.
            "jit": "off",
        },
    )
    return Database(pool)


async def _leave_as_it_is(connection: asyncpg.Connection[Any]) -> None:
    # asyncpg rolls an open transaction back by itself. Its own reset is one more round trip
    # after every call; nobody changes a session's settings beyond a transaction here.
    del connection
