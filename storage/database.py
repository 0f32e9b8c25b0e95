"""Opens the database for a process: one asyncpg pool, lent to Piccolo as well.

Adapters take connections from `Database.pool` and speak SQL, because nearly all of them need an
upsert, a lock or ``RETURNING``; a plain query may as well go through a table of
`storage.tables`.
"""

from __future__ import annotations

import asyncio
import math
import random
import socket
from typing import Any

import asyncpg

from rooms import limits
from storage import primary
from storage.engine import ENGINE
from storage.primary import PrimariesSeen

POOL_CONNECTIONS_MAX = 20
"""Connections of one process. A turn holds one for about a millisecond."""

STATEMENT_TIMEOUT_MS = 10_000
"""No ordinary statement may take longer; the few that may (bulk loads) say so themselves."""

LOCK_TIMEOUT_MS = limits.TURN_LOCK_TIMEOUT_MS
"""No statement waits longer for somebody else's lock."""

IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000
"""A process that stalls inside a transaction loses it."""

CONNECT_TIMEOUT_S = 5.0

ACQUIRE_TIMEOUT_S = 10.0
"""Wait for a free connection where the caller names no time. A database that hangs takes all of
them; whoever comes then is told, instead of joining a line without an end."""

RELEASE_TIMEOUT_S = 2.0
"""Wait for a connection whose statement was given up. One whose server is gone without a word would
never say that it has stopped, and its place in the pool would be lost."""

KEEPALIVE_IDLE_S = 15
KEEPALIVE_INTERVAL_S = 5
KEEPALIVE_PROBES = 3
"""An idle connection whose other end is silent is given up after half a minute: after a failover
nobody has to find out one by one."""

CONNECTION_AGE_MAX_S = 600.0
"""A connection is replaced after so long: PostgreSQL keeps for each what it has ever planned and
looked up, two to nine megabytes, and gives nothing of it back before the end."""

CONNECTION_AGE_SPREAD = 0.5
"""How much sooner or later, as a share: those that were opened together do not end together."""

UNACKNOWLEDGED_MS = 10_000
"""What was sent and is not acknowledged for so long ends the connection (RFC 5482)."""


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
        await close_pool(self.pool, timeout_s)


class AgeingConnection(asyncpg.Connection):  # type: ignore[misc]  # it has no types
    """A connection that is not for ever.

    Attributes:
        replace_at: when it has served long enough, on the loop's clock.
    """

    __slots__ = ("replace_at",)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.replace_at = math.inf


class BoundedPool(asyncpg.Pool):  # type: ignore[misc]  # it has no types
    """A pool in which nobody waits without an end, whatever the database does."""

    def acquire(self, *, timeout: float | None = None) -> Any:
        """A connection; waits ``timeout`` (`ACQUIRE_TIMEOUT_S`) seconds at most."""
        return super().acquire(timeout=ACQUIRE_TIMEOUT_S if timeout is None else timeout)

    async def release(self, connection: Any, *, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Gives a connection back; one that does not become free in time is ended, and so is one
        that is old."""
        inner = connection._con
        if inner is not None and asyncio.get_running_loop().time() >= inner.replace_at:
            # Of an earlier generation, as all are after ``expire_connections``: closed in peace.
            connection._holder._generation = None
        await super().release(connection, timeout=RELEASE_TIMEOUT_S if timeout is None else timeout)

    def let_go_of_all(self) -> None:
        """Every connection is replaced when it is wanted next: its server is not the one now."""
        self._generation += 1  # ``expire_connections``, which does just this and is a coroutine


def share_of_rooms(connections_max: int) -> int:
    """How many of a web node's connections are for the rooms' log alone.

    Two in five: a turn holds one for a millisecond, so a few carry more than a node can decide; and
    whatever else is asked of the node (reports, searches, ten thousand tickets), none of that may
    keep a turn waiting.
    """
    return max(1, connections_max * 2 // 5)


async def open_database(
    url: str,
    *,
    application_name: str = "setroom",
    connections_max: int = POOL_CONNECTIONS_MAX,
    primaries_seen: PrimariesSeen | None = None,
) -> Database:
    """Connects to PostgreSQL, for adapters and for Piccolo's tables. See `open_pool`.

    Raises:
        OSError, asyncpg.PostgresError: the database cannot be reached.
    """
    pool = await open_pool(
        url,
        application_name=application_name,
        connections_max=connections_max,
        primaries_seen=primaries_seen,
    )
    return Database(pool)


async def close_pool(pool: asyncpg.Pool[Any], timeout_s: float = 5.0) -> None:
    """Waits for running queries, but not longer than ``timeout_s``; then cuts them off."""
    try:
        async with asyncio.timeout(timeout_s):
            await pool.close()
    except TimeoutError:
        pool.terminate()


async def open_pool(
    url: str,
    *,
    application_name: str = "setroom",
    connections_max: int,
    primaries_seen: PrimariesSeen | None = None,
    age_max_s: float = CONNECTION_AGE_MAX_S,
) -> asyncpg.Pool[Any]:
    """Connects to PostgreSQL, and after a failover to the server that took over.

    Args:
        url: ``postgresql://…``, of one host or several; contains the password, so never log it.
        application_name: shown in ``pg_stat_activity``.
        connections_max: bound of the pool.
        primaries_seen: shared by the pools of a process, so that all of them leave an old primary
            when one of them has found its successor.
        age_max_s: how long a connection serves, half of it more or less.

    Raises:
        OSError, asyncpg.PostgresError: the database cannot be reached.
    """
    seen = primaries_seen or PrimariesSeen()

    async def connect(
        dsn: str,
        *,
        timeout: float,  # noqa: ASYNC109 (the pool's word)
        **options: Any,
    ) -> asyncpg.Connection[Any]:
        return await primary.connect(dsn, primaries_seen=seen, timeout_s=timeout, **options)

    async def begin(connection: AgeingConnection) -> None:
        _watch_line(connection)
        spread = random.uniform(1 - CONNECTION_AGE_SPREAD, 1 + CONNECTION_AGE_SPREAD)
        connection.replace_at = asyncio.get_running_loop().time() + spread * age_max_s

    # What asyncpg.create_pool does, with a pool of ours.
    pool = BoundedPool(
        url,
        min_size=1,
        max_size=connections_max,
        max_queries=50_000,
        max_inactive_connection_lifetime=300.0,
        connect=connect,
        setup=None,
        init=begin,
        loop=None,
        connection_class=AgeingConnection,
        record_class=asyncpg.Record,
        timeout=CONNECT_TIMEOUT_S,
        command_timeout=STATEMENT_TIMEOUT_MS / 1000 + 1,
        reset=_leave_as_it_is,
        server_settings={
            "application_name": application_name,
            "statement_timeout": str(STATEMENT_TIMEOUT_MS),
            "lock_timeout": str(LOCK_TIMEOUT_MS),
            "idle_in_transaction_session_timeout": str(IDLE_IN_TRANSACTION_TIMEOUT_MS),
            "timezone": "UTC",
            # A node that vanished keeps neither locks nor one of the server's connections.
            "tcp_keepalives_idle": str(KEEPALIVE_IDLE_S),
            "tcp_keepalives_interval": str(KEEPALIVE_INTERVAL_S),
            "tcp_keepalives_count": str(KEEPALIVE_PROBES),
            "tcp_user_timeout": str(UNACKNOWLEDGED_MS),
            # Turns are short and frequent: compiling them costs more than it gives.
            "jit": "off",
        },
    )
    seen.on_later(pool.let_go_of_all)
    await pool
    return pool


def _watch_line(connection: asyncpg.Connection[Any]) -> None:
    """Lets the kernel find out that the other end is gone; asyncpg has no setting for it."""
    line = connection._transport.get_extra_info("socket")
    if line is None or line.family not in (socket.AF_INET, socket.AF_INET6):
        return
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", KEEPALIVE_IDLE_S),
        ("TCP_KEEPINTVL", KEEPALIVE_INTERVAL_S),
        ("TCP_KEEPCNT", KEEPALIVE_PROBES),
        ("TCP_USER_TIMEOUT", UNACKNOWLEDGED_MS),
    ):
        option = getattr(socket, name, None)  # not every system has each
        if option is not None:
            line.setsockopt(socket.IPPROTO_TCP, option, value)


async def _leave_as_it_is(connection: asyncpg.Connection[Any]) -> None:
    # asyncpg rolls an open transaction back by itself. Its own reset is one more round trip
    # after every call; nobody changes a session's settings beyond a transaction here.
    del connection
