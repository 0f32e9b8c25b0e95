"""What waits for a digest, and when digests go out (`rooms.mail.ports.Digests`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from rooms import limits
from rooms.accounts.profile import HomeCity
from rooms.mail.kinds import Frequency, MailType, language_of
from rooms.mail.ports import Collected, DueDigest, Waits
from rooms.messaging.ports import NewMessage
from storage.catalogue.zones import zone_of
from storage.messaging.queue import add

_COLLECT = """
INSERT INTO mail_collected (id, account_id, frequency, kind, show_id, payload, created_at)
VALUES ($1, $2, $3, $4, $5, $6::text::json, $7) ON CONFLICT (id) DO NOTHING
"""

_DUE = """
SELECT r.account_id, due.frequency, due.at, a.home_city::text AS home_city,
       coalesce(r.language, a.language) AS language
  FROM mail_recipients r
  JOIN accounts a ON a.id = r.account_id
 CROSS JOIN LATERAL (VALUES ('daily', r.daily_at), ('weekly', r.weekly_at)) AS due (frequency, at)
 WHERE (r.daily_at <= $1 OR r.weekly_at <= $1) AND due.at <= $1
 ORDER BY due.at, r.account_id LIMIT $2
"""

_TAKE = """
UPDATE mail_recipients
   SET daily_at = CASE $2 WHEN 'daily' THEN $4 ELSE daily_at END,
       weekly_at = CASE $2 WHEN 'weekly' THEN $4 ELSE weekly_at END
 WHERE account_id = $1 AND CASE $2 WHEN 'daily' THEN daily_at ELSE weekly_at END = $3
RETURNING account_id
"""

_TIE = """
UPDATE mail_collected SET digest_id = $3
 WHERE account_id = $1 AND frequency = $2 AND digest_id IS NULL
"""

_TIED = """
SELECT kind, show_id, payload::text AS payload FROM mail_collected
 WHERE digest_id = $1 ORDER BY id LIMIT $2
"""


class PostgresDigests:
    """Keeps what waits, and hands it out once."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def collect(self, message_id: str, account_id: str, waits: Waits, now: datetime) -> None:
        """Keeps a mail for the digest; the same message again is kept once."""
        payload = msgspec.json.encode(waits.payload).decode()
        await self._pool.execute(
            _COLLECT,
            message_id,
            account_id,
            waits.frequency.value,
            waits.kind.value,
            waits.show_id,
            payload,
            now,
        )

    async def due(self, now: datetime, limit: int) -> Sequence[DueDigest]:
        """Digests whose time has come, the one that is late longest first."""
        return [await _due_of(row) for row in await self._pool.fetch(_DUE, now, limit)]

    async def put(self, message: NewMessage, digest: DueDigest, next_at: datetime | None) -> bool:
        """Queues a digest with what is tied to it; false: somebody else did."""
        every = digest.frequency.value
        async with self._pool.acquire() as connection, connection.transaction():
            taken = await connection.fetchval(
                _TAKE, digest.account_id, every, digest.due_at, next_at
            )
            if taken is None:
                return False
            await connection.execute(_TIE, digest.account_id, every, message.message_id)
            await add(connection, [message])
        return True

    async def collected(self, message_id: str) -> Sequence[Collected]:
        """What is tied to a digest, the oldest first; bounded."""
        rows = await self._pool.fetch(_TIED, message_id, limits.MAIL_COLLECTED_MAX)
        return [
            Collected(
                MailType(row["kind"]),
                str(row["show_id"]),
                msgspec.json.decode(row["payload"], type=dict[str, Any]),
            )
            for row in rows
        ]


async def _due_of(row: asyncpg.Record) -> DueDigest:
    home = msgspec.json.decode(row["home_city"], type=HomeCity) if row["home_city"] else None
    return DueDigest(
        account_id=str(row["account_id"]),
        frequency=Frequency(row["frequency"]),
        due_at=row["at"],
        language=language_of(row["language"]),
        zone=await zone_of(home.name, home.admin, home.country) if home else None,
    )
