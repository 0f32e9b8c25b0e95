"""What the sandbox carried, in PostgreSQL (`rooms.sandbox.ports.MessageStore`).

Whoever follows the changes reads by version; versions are given under one lock, so that none
becomes visible after a larger one was read.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import asyncpg

from rooms import limits
from rooms.sandbox.delivery import next_step
from rooms.sandbox.ports import MessageFilter
from rooms.sandbox.records import SandboxMessage, TextDirection, TextStatus

_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtext('setroom sandbox messages'))"

_ADD = """
INSERT INTO sandbox_messages (sid, phone_id, direction, sender, recipient, body, segments, status,
    error_code, status_callback, answers, created_at, updated_at, sent_at, due_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
"""

_FORGET = """
DELETE FROM sandbox_messages
 WHERE sid IN (SELECT sid FROM sandbox_messages WHERE phone_id = $1
                ORDER BY created_at DESC, sid DESC OFFSET $2)
"""

_FAILED = """
UPDATE sandbox_messages
   SET error_code = $2, updated_at = $3, version = nextval('sandbox_message_versions')
 WHERE sid = $1
"""

_LISTED = """
SELECT * FROM sandbox_messages
 WHERE ($1::text IS NULL OR recipient = $1) AND ($2::text IS NULL OR sender = $2)
   AND ($3::timestamptz IS NULL OR sent_at >= $3)
   AND ($4::timestamptz IS NULL OR sent_at <= $4)
   AND ($5::timestamptz IS NULL OR (created_at, sid) < ($5, $6::text))
 ORDER BY created_at DESC, sid DESC LIMIT $7
"""

_OF_PHONE = """
SELECT * FROM sandbox_messages
 WHERE phone_id = $1 AND ($2::timestamptz IS NULL OR (created_at, sid) < ($2, $3::text))
 ORDER BY created_at DESC, sid DESC LIMIT $4
"""

_CHANGED = """
SELECT m.* FROM sandbox_messages m JOIN sandbox_phones p ON p.id = m.phone_id
 WHERE p.account_id = $1 AND m.version > $2 ORDER BY m.version LIMIT $3
"""

_DUE = """
SELECT m.sid, m.status, p.id IS NOT NULL AS known, coalesce(p.switched_off, false) AS switched_off
  FROM sandbox_messages m LEFT JOIN sandbox_phones p ON p.id = m.phone_id
 WHERE m.due_at <= $1 ORDER BY m.due_at LIMIT $2 FOR UPDATE OF m SKIP LOCKED
"""

_STEP = """
UPDATE sandbox_messages
   SET status = $2, due_at = $3, error_code = $4, updated_at = $5,
       sent_at = CASE WHEN $2 = 'sent' THEN $5 ELSE sent_at END,
       version = nextval('sandbox_message_versions')
 WHERE sid = $1 RETURNING *
"""


class PostgresSandboxMessages:
    """Keeps what the sandbox carried."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def add(self, message: SandboxMessage) -> None:
        """Keeps a message; the oldest of its phone go."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_LOCK)
            await connection.execute(
                _ADD,
                message.sid,
                message.phone_id,
                message.direction.value,
                message.sender,
                message.recipient,
                message.body,
                message.segments,
                message.status.value,
                message.error_code,
                message.status_callback,
                message.answers,
                message.created_at,
                message.updated_at,
                message.sent_at,
                message.due_at,
            )
            if message.phone_id is not None:
                await connection.execute(
                    _FORGET, message.phone_id, limits.SANDBOX_MESSAGES_PER_PHONE
                )

    async def failed(self, sid: str, error_code: int, now: datetime) -> None:
        """Notes that nobody took a phone's text."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_LOCK)
            await connection.execute(_FAILED, sid, error_code, now)

    async def one(self, sid: str) -> SandboxMessage | None:
        """One message."""
        row = await self._pool.fetchrow("SELECT * FROM sandbox_messages WHERE sid = $1", sid)
        return _message(row) if row else None

    async def listed(
        self, wanted: MessageFilter, after: tuple[datetime, str] | None, limit: int
    ) -> list[SandboxMessage]:
        """The newest first."""
        at, sid = after or (None, None)
        rows = await self._pool.fetch(
            _LISTED,
            wanted.recipient,
            wanted.sender,
            wanted.sent_from,
            wanted.sent_until,
            at,
            sid,
            limit,
        )
        return [_message(row) for row in rows]

    async def of_phone(
        self, phone_id: str, before: tuple[datetime, str] | None, limit: int
    ) -> list[SandboxMessage]:
        """The newest first."""
        at, sid = before or (None, None)
        rows = await self._pool.fetch(_OF_PHONE, phone_id, at, sid, limit)
        return [_message(row) for row in rows]

    async def changed(
        self, account_id: str, after: int, limit: int
    ) -> tuple[list[SandboxMessage], int]:
        """In order of their change."""
        found = [
            _message(row) for row in await self._pool.fetch(_CHANGED, account_id, after, limit)
        ]
        return found, found[-1].version if found else after

    async def head(self) -> int:
        """The last version."""
        last: int = await self._pool.fetchval(
            "SELECT coalesce(max(version), 0) FROM sandbox_messages"
        )
        return last

    async def advance(self, now: datetime, limit: int) -> list[SandboxMessage]:
        """Takes the next step of messages that are due."""
        moved = []
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_LOCK)
            for row in await connection.fetch(_DUE, now, limit):
                step = next_step(
                    TextStatus(row["status"]),
                    now,
                    known=row["known"],
                    switched_off=row["switched_off"],
                )
                if step is None:
                    continue  # Nothing that has come to its end is due.
                moved.append(
                    await connection.fetchrow(
                        _STEP, row["sid"], step.status.value, step.due_at, step.error_code, now
                    )
                )
        return [_message(row) for row in moved]


def _message(row: Any) -> SandboxMessage:
    return SandboxMessage(
        sid=row["sid"],
        phone_id=str(row["phone_id"]) if row["phone_id"] else None,
        direction=TextDirection(row["direction"]),
        sender=row["sender"],
        recipient=row["recipient"],
        body=row["body"],
        segments=row["segments"],
        status=TextStatus(row["status"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        sent_at=row["sent_at"],
        due_at=row["due_at"],
        error_code=row["error_code"],
        status_callback=row["status_callback"],
        answers=row["answers"],
        version=row["version"],
    )
