"""What of messages is forgotten after a while."""

from __future__ import annotations

from typing import Any, Final

import asyncpg

from rooms import limits

PORTION: Final = 2_000
"""One short statement: nobody waits for it."""

_TEXTS = """
UPDATE messages SET body = NULL, payload = NULL, address = NULL
 WHERE id IN (SELECT id FROM messages
               WHERE ended_at < now() - make_interval(days => $1)
                 AND (body IS NOT NULL OR payload IS NOT NULL OR address IS NOT NULL)
               LIMIT $2)
"""

# What is only sent never ends by itself where a carrier tells no more of it.
_SILENT = """
UPDATE messages SET ended_at = now()
 WHERE id IN (SELECT id FROM messages
               WHERE state = 'sent' AND ended_at IS NULL
                 AND sent_at < now() - make_interval(days => $1) LIMIT $2)
"""

# Nobody could say in all that time whether the carrier had it.
_DOUBTS = """
UPDATE messages SET state = 'failed', reason = 'outcome_unknown', ended_at = now()
 WHERE id IN (SELECT id FROM messages
               WHERE state = 'unknown' AND handed_at < now() - make_interval(days => $1) LIMIT $2)
"""

_CALLBACKS = """
DELETE FROM carrier_callbacks WHERE received_at < now() - make_interval(days => $1)
"""


class PostgresKeptMessages:
    """Forgets what is not needed any more."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def forget(self) -> int:
        """Texts and addresses of old messages, and callbacks that nobody knew; how many texts."""
        await self._pool.execute(_CALLBACKS, limits.CALLBACK_KEPT_DAYS)
        await self._in_portions(_SILENT, limits.CALLBACK_KEPT_DAYS)
        await self._in_portions(_DOUBTS, limits.CALLBACK_KEPT_DAYS)
        return await self._in_portions(_TEXTS, limits.MESSAGE_TEXTS_KEPT_DAYS)

    async def _in_portions(self, statement: str, days: int) -> int:
        total = 0
        while True:
            status = await self._pool.execute(statement, days, PORTION)
            done = int(status.rpartition(" ")[2])
            total += done
            if done < PORTION:
                return total
