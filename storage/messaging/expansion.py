"""Turning broadcasts into messages, some at a time: claiming one, and writing how far it got.

A batch and the place after it are one transaction, so a worker that is killed in the middle leaves
either both or neither. The claim is the row's lock: it goes with its holder.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from rooms.messaging.broadcasts import Broadcast
from rooms.messaging.ports import NewMessage
from storage.messaging.queue import add
from storage.messaging.rows import BROADCAST_COLUMNS, broadcast_of
from storage.shows.catalogue import Connection

_CLAIM = f"""
SELECT {BROADCAST_COLUMNS}, b.expanded_channel, b.expanded_through
  FROM broadcasts b
 WHERE b.state IN ('scheduled', 'sending') AND b.due_at <= now()
 ORDER BY b.due_at, b.id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
"""

# One at a time for each show: how many messages a person had is read by one and written by it.
_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended($1, 20))"

_BEGUN = "UPDATE broadcasts SET state = 'sending' WHERE id = $1 AND state = 'scheduled'"

_LATER = "UPDATE broadcasts SET due_at = now() WHERE id = $1 AND due_at < now()"

_MOVED = """
UPDATE broadcasts SET expanded_channel = $2, expanded_through = $3, due_at = now() WHERE id = $1
"""

_EXPANDED = """
UPDATE broadcasts SET expanded_at = now(), due_at = now() + interval '1 second' WHERE id = $1
"""

_FINISHED = """
UPDATE broadcasts b
   SET state = CASE WHEN left_over.any THEN b.state ELSE 'done' END,
       finished_at = CASE WHEN left_over.any THEN NULL ELSE now() END,
       due_at = now() + interval '5 seconds'
  FROM (SELECT EXISTS (SELECT FROM messages
                        WHERE broadcast_id = $1
                          AND state IN ('scheduled', 'queued', 'sending', 'unknown')) AS any
       ) left_over
 WHERE b.id = $1
"""


class Step:
    """A claimed broadcast. Its words count once the claim has ended without an error.

    Attributes:
        broadcast: as it is.
        channel: place in its channels that is being gone through.
        after: the last person there that has been judged.
    """

    def __init__(self, connection: Connection, row: asyncpg.Record) -> None:
        self._connection = connection
        self.broadcast: Broadcast = broadcast_of(row)
        self.channel: int = row["expanded_channel"]
        self.after: str | None = str(row["expanded_through"]) if row["expanded_through"] else None

    async def write(self, messages: Sequence[NewMessage], channel: int, after: str | None) -> int:
        """Adds messages and moves on to a place; how many were new."""
        written = await add(self._connection, messages)
        await self._connection.execute(_MOVED, self.broadcast.broadcast_id, channel, after)
        return written

    async def expanded(self) -> None:
        """Everybody has been judged."""
        await self._connection.execute(_EXPANDED, self.broadcast.broadcast_id)

    async def finish(self) -> None:
        """It is done if none of its messages waits any more."""
        await self._connection.execute(_FINISHED, self.broadcast.broadcast_id)


class PostgresExpansion:
    """Claims broadcasts that are due."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    @asynccontextmanager
    async def claim(self) -> AsyncIterator[Step | None]:
        """The broadcast that has been due longest; ``None``: there is none."""
        row: asyncpg.Record | None = None
        async with self._pool.acquire() as connection:
            try:
                async with connection.transaction():
                    row = await connection.fetchrow(_CLAIM)
                    if row is None:
                        yield None
                        return
                    await connection.execute(_ALONE, str(row["show_id"]))
                    await connection.execute(_BEGUN, row["id"])
                    yield Step(connection, row)
            except Exception:
                # One that cannot be expanded holds up no other: it is the last of those due now.
                if row is not None and not connection.is_closed():
                    await connection.execute(_LATER, row["id"])
                raise
