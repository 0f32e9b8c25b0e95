"""The welcome sequence: begun when somebody signs up, one step at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

from rooms.mail.kinds import language_of
from rooms.mail.welcoming import Next, Progress
from rooms.messaging.ports import NewMessage
from storage.messaging.queue import add

_SPEAK = """
INSERT INTO mail_recipients (account_id, language)
SELECT id, $2 FROM accounts WHERE id = $1 AND email IS NOT NULL
ON CONFLICT (account_id) DO UPDATE SET language = coalesce(mail_recipients.language, $2)
"""

_BEGIN = """
INSERT INTO mail_sequence (account_id, next_step, due_at)
SELECT id, $2, $3 FROM accounts WHERE id = $1 AND email IS NOT NULL
ON CONFLICT (account_id) DO NOTHING
"""

_DUE = """
SELECT q.account_id, q.next_step, q.due_at, a.created_at, a.upgraded_at,
       coalesce(r.language, a.language) AS language,
       r.verified_address IS NOT DISTINCT FROM lower(a.email) AS verified,
       coalesce(p.frequency, 'immediate') = 'never' AS refused
  FROM mail_sequence q
  JOIN accounts a ON a.id = q.account_id
  LEFT JOIN mail_recipients r ON r.account_id = q.account_id
  LEFT JOIN mail_preferences p ON p.account_id = q.account_id AND p.kind = 'WELCOME'
 WHERE q.due_at <= $1 ORDER BY q.due_at, q.account_id LIMIT $2
"""

_ADVANCE = """
UPDATE mail_sequence SET next_step = $4, due_at = $5
 WHERE account_id = $1 AND next_step = $2 AND due_at = $3 RETURNING account_id
"""

_END = """
DELETE FROM mail_sequence WHERE account_id = $1 AND next_step = $2 AND due_at = $3
RETURNING account_id
"""


class PostgresWelcomes:
    """`rooms.mail.welcoming.Welcomes`."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def begin(self, message: NewMessage, language: str | None, then: Next) -> None:
        """Queues the first mail and plans the second, once."""
        async with self._pool.acquire() as connection, connection.transaction():
            if language is not None:
                await connection.execute(_SPEAK, message.account_id, language)
            await connection.execute(_BEGIN, message.account_id, then.step, then.due_at)
            await add(connection, [message])

    async def due(self, now: datetime, limit: int) -> Sequence[Progress]:
        """Whose time has come, the one that is late longest first."""
        return [
            Progress(
                account_id=str(row["account_id"]),
                step=row["next_step"],
                due_at=row["due_at"],
                began_at=row["upgraded_at"] or row["created_at"],
                language=language_of(row["language"]),
                verified=row["verified"],
                refused=row["refused"],
            )
            for row in await self._pool.fetch(_DUE, now, limit)
        ]

    async def go_on(
        self, progress: Progress, message: NewMessage | None, then: Next | None
    ) -> bool:
        """Queues a mail, if there is one, and plans the next or ends; false: somebody else did."""
        at = (progress.account_id, progress.step, progress.due_at)
        async with self._pool.acquire() as connection, connection.transaction():
            if then is None:
                moved = await connection.fetchval(_END, *at)
            else:
                moved = await connection.fetchval(_ADVANCE, *at, then.step, then.due_at)
            if moved is None:
                return False
            if message is not None:
                await add(connection, [message])
        return True
