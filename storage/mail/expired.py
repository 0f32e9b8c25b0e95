"""What nobody needs any more of mail (`rooms.mail.ports.Expired`)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import asyncpg

PORTION: Final = 5_000
"""Rows of one short statement: nobody waits for it."""

_OLD: Final = (
    (
        "DELETE FROM mail_collected WHERE id IN "
        "(SELECT id FROM mail_collected WHERE created_at < $1 LIMIT $2)",
        timedelta(days=60),
    ),
    (
        "DELETE FROM mail_bounces WHERE report IN "
        "(SELECT report FROM mail_bounces WHERE received_at < $1 LIMIT $2)",
        timedelta(days=180),
    ),
    (
        "DELETE FROM mail_suppressions WHERE address_hash IN "
        "(SELECT address_hash FROM mail_suppressions WHERE lifted_at < $1 LIMIT $2)",
        timedelta(days=180),
    ),
    (
        "DELETE FROM mail_handed WHERE message_id IN "
        "(SELECT message_id FROM mail_handed WHERE at < $1 LIMIT $2)",
        timedelta(days=7),
    ),
)
"""With each how long it is kept: bounces as long as they might be posted again, with a margin."""


class PostgresExpiredMail:
    """Deletes it."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def delete(self, now: datetime) -> int:
        """In portions; how many rows."""
        total = 0
        for statement, kept in _OLD:
            while True:
                status = await self._pool.execute(statement, now - kept, PORTION)
                deleted = int(status.rpartition(" ")[2])
                total += deleted
                if deleted < PORTION:
                    break
        return total
