"""Deletes rows by age (`jobs.upkeep.ports.ExpiredRows`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import asyncpg

# Each by an index. Sessions take their tickets along.
EXPIRED = {
    "replies": "created_at < $1",
    "tickets": "expires_at < $1",
    "display_tickets": "expires_at < $1",
    "sessions": "expires_at < $1",
    "idempotency_keys": "created_at < $1",
    "outbox": "delivered_at < $1",
    "sms_inbound": "received_at < $1",
    "confirm_codes": "expires_at < $1",
    "confirm_links": "expires_at < $1",
    "dead_jobs": "last_failed_at < $1",
    "sandbox_messages": "created_at < $1",
    "sandbox_mail": "created_at < $1",
}


class PostgresExpiredRows:
    """Deletes rows by age."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def delete(self, what: str, before: datetime, rows_max: int) -> int:
        """Deletes up to ``rows_max`` rows whose time was over ``before``; how many there were.

        Raises:
            KeyError: ``what`` is no table that expires.
        """
        status: str = await self._pool.execute(
            f"DELETE FROM {what} WHERE ctid = ANY (ARRAY("
            f"SELECT ctid FROM {what} WHERE {EXPIRED[what]} LIMIT $2 FOR UPDATE SKIP LOCKED))",
            before,
            rows_max,
        )
        return int(status.rpartition(" ")[2])
