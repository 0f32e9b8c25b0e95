"""Broadcasts in PostgreSQL: made, listed, paused, resumed, cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg
import msgspec

from rooms import limits
from rooms.messaging.broadcasts import Broadcast, BroadcastState
from rooms.messaging.states import MessageState
from storage.messaging.rows import BROADCAST_COLUMNS, broadcast_of

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1, 19))"

_CREATE = """
INSERT INTO broadcasts (
    id, show_id, round_id, kind, state, channels, texts, audience, dedupe_key, created_by,
    created_at, send_at, expires_at, recipients, segments, cost_micros, cost_currency, due_at)
VALUES ($1, $2, $3, $4, $5, $6, $7::text::json, $8::text::json, $9, $10, $11, $12, $13, $14, $15,
        $16, $17, $12)
ON CONFLICT DO NOTHING
"""

_ONE = f"SELECT {BROADCAST_COLUMNS} FROM broadcasts b WHERE b.id = $1"
_BY_KEY = f"SELECT {BROADCAST_COLUMNS} FROM broadcasts b WHERE b.dedupe_key = $1"

_LIST = f"""
SELECT {BROADCAST_COLUMNS} FROM broadcasts b
 WHERE b.show_id = $1 AND ($2::uuid IS NULL OR b.id < $2) ORDER BY b.id DESC LIMIT $3
"""

_COUNTS = """
SELECT broadcast_id, state, count(*)::int AS messages FROM messages
 WHERE broadcast_id = ANY ($1::uuid[]) GROUP BY broadcast_id, state
"""

# The state counts at once: each message is judged by it in the statement that hands it over. The
# mark on the messages keeps them out of the queue's index meanwhile.
_PAUSE = (
    "UPDATE broadcasts SET state = 'paused' WHERE id = $1 AND state IN ('scheduled', 'sending')"
)
# Only while it is paused, under its row's lock: somebody may have resumed it meanwhile, and what is
# marked after that would be held for good.
HOLD = """
WITH paused AS (
    SELECT id FROM broadcasts WHERE id = $1 AND state = 'paused' FOR NO KEY UPDATE
)
UPDATE messages SET held = true FROM paused
 WHERE broadcast_id = paused.id AND messages.state IN ('scheduled', 'queued', 'sending')
   AND handed_at IS NULL AND NOT held
"""

_RESUME = """
UPDATE broadcasts
   SET state = CASE WHEN expanded_at IS NULL AND expanded_through IS NULL AND expanded_channel = 0
                         AND send_at > now() THEN 'scheduled' ELSE 'sending' END,
       due_at = greatest(now(), CASE WHEN expanded_at IS NULL THEN send_at ELSE now() END)
 WHERE id = $1 AND state = 'paused'
"""
_LET_GO = """
WITH under_way AS (
    SELECT id FROM broadcasts WHERE id = $1 AND state <> 'paused' FOR NO KEY UPDATE
)
UPDATE messages SET held = false FROM under_way WHERE broadcast_id = under_way.id AND held
"""

_CANCEL = """
UPDATE broadcasts SET state = 'cancelled', finished_at = now()
 WHERE id = $1 AND state IN ('scheduled', 'sending', 'paused')
"""
_TAKE_BACK = """
UPDATE messages SET state = 'cancelled', reason = 'cancelled', ended_at = now()
 WHERE broadcast_id = $1 AND state IN ('scheduled', 'queued', 'sending') AND handed_at IS NULL
"""


class TooManyBroadcasts(Exception):
    """The show has `limits.BROADCASTS_PER_SHOW`."""


class PostgresBroadcasts:
    """Keeps broadcasts."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def create(self, broadcast: Broadcast) -> Broadcast:
        """Adds a broadcast; the same id or ``dedupe_key`` again returns what is there.

        Raises:
            TooManyBroadcasts: this show has as many as it may.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_LOCK, broadcast.show_id)
            there = await connection.fetchval(
                "SELECT count(*) FROM broadcasts WHERE show_id = $1", broadcast.show_id
            )
            if there < limits.BROADCASTS_PER_SHOW:
                await connection.execute(_CREATE, *_values(broadcast))
            row = await connection.fetchrow(_BY_KEY, broadcast.dedupe_key)
            if row is None:
                raise TooManyBroadcasts
            return broadcast_of(row)

    async def one(self, broadcast_id: str) -> Broadcast | None:
        """One broadcast."""
        row = await self._pool.fetchrow(_ONE, broadcast_id)
        return None if row is None else broadcast_of(row)

    async def of_show(self, show_id: str, before: str | None, limit: int) -> list[Broadcast]:
        """A show's broadcasts, newest first, those older than ``before``."""
        return [broadcast_of(row) for row in await self._pool.fetch(_LIST, show_id, before, limit)]

    async def counts(self, broadcast_ids: Sequence[str]) -> dict[str, dict[MessageState, int]]:
        """Messages of broadcasts by state; of every broadcast and every state."""
        counts = {one: dict.fromkeys(MessageState, 0) for one in broadcast_ids}
        for row in await self._pool.fetch(_COUNTS, list(broadcast_ids)):
            counts[str(row["broadcast_id"])][MessageState(row["state"])] = row["messages"]
        return counts

    async def pause(self, broadcast_id: str) -> bool:
        """Hands over no further message of it; false: it is not under way."""
        return await self._both(broadcast_id, _PAUSE, HOLD)

    async def resume(self, broadcast_id: str) -> bool:
        """Goes on; false: it is not paused."""
        return await self._both(broadcast_id, _RESUME, _LET_GO)

    async def cancel(self, broadcast_id: str) -> bool:
        """Takes back what has not been handed over; false: it has ended."""
        return await self._both(broadcast_id, _CANCEL, _TAKE_BACK)

    async def _both(self, broadcast_id: str, of_broadcast: str, of_messages: str) -> bool:
        """The broadcast first, in a commit of its own, so that no lane waits for the messages to
        be marked; then these."""
        if await self._pool.execute(of_broadcast, broadcast_id) == "UPDATE 0":
            return False
        await self._pool.execute(of_messages, broadcast_id)
        return True


def _values(broadcast: Broadcast) -> tuple[object, ...]:
    return (
        broadcast.broadcast_id,
        broadcast.show_id,
        broadcast.round_id,
        broadcast.kind.value,
        BroadcastState.SCHEDULED.value,
        [channel.value for channel in broadcast.channels],
        msgspec.json.encode(broadcast.texts).decode(),
        msgspec.json.encode(broadcast.audience).decode(),
        broadcast.dedupe_key,
        broadcast.created_by,
        broadcast.created_at,
        broadcast.send_at,
        broadcast.expires_at,
        broadcast.recipients,
        broadcast.segments,
        broadcast.cost_micros,
        broadcast.cost_currency,
    )
