"""Idempotency keys in PostgreSQL."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import asyncpg

from rooms.accounts.idempotency import Claimed, Found, KeyReused, Replay, StillAtWork

_CLAIM = """
INSERT INTO idempotency_keys (id, account_id, key, operation, request_hash, created_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (account_id, key) DO NOTHING
RETURNING id
"""

_READ = """
SELECT id, operation, request_hash, status, content_type, body, created_at, completed_at
  FROM idempotency_keys WHERE account_id = $1 AND key = $2
"""

_TAKE_OVER = """
UPDATE idempotency_keys SET created_at = $3
 WHERE id = $1 AND created_at = $2 AND completed_at IS NULL
RETURNING id
"""


class PostgresIdempotencyKeys:
    """`rooms.accounts.idempotency.IdempotencyKeys`."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def claim(
        self,
        new_id: str,
        scope_id: str,
        key: str,
        operation: str,
        request_hash: bytes,
        *,
        now: datetime,
        patience: timedelta,
    ) -> Found:
        """Takes a key, or tells what became of it."""
        mine = await self._pool.fetchval(
            _CLAIM, new_id, scope_id, key, operation, request_hash, now
        )
        if mine is not None:
            return Claimed(creation_id=str(mine))
        row = await self._pool.fetchrow(_READ, scope_id, key)
        if row is None:
            return StillAtWork()
        if row["operation"] != operation or row["request_hash"] != request_hash:
            return KeyReused()
        if row["completed_at"] is not None:
            if row["body"] is None:
                return Claimed(creation_id=str(row["id"]))
            return Replay(status=row["status"], content_type=row["content_type"], body=row["body"])
        if row["created_at"] > now - patience:
            return StillAtWork()
        taken = await self._pool.fetchval(_TAKE_OVER, row["id"], row["created_at"], now)
        return Claimed(creation_id=str(row["id"])) if taken else StillAtWork()

    async def complete(
        self, creation_id: str, status: int, content_type: str, body: bytes | None, now: datetime
    ) -> None:
        """Keeps the answer; without a body, that there was one."""
        await self._pool.execute(
            "UPDATE idempotency_keys SET status = $2, content_type = $3, body = $4, "
            "completed_at = $5 WHERE id = $1",
            creation_id,
            status,
            content_type,
            body,
            now,
        )

    async def release(self, creation_id: str, long_ago: datetime) -> None:
        """Lets the next try go on at once, with the same creation id."""
        await self._pool.execute(
            "UPDATE idempotency_keys SET created_at = $2 WHERE id = $1 AND completed_at IS NULL",
            creation_id,
            long_ago,
        )
