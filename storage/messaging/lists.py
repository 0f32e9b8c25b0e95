"""Messages in PostgreSQL, as they are looked at (`rooms.messaging.lists.MessageLists`)."""

from __future__ import annotations

from typing import Any

import asyncpg

from rooms.messaging.kinds import Channel, MessageKind
from rooms.messaging.lists import DeliveryCount, MessageFilter, MessageRecord, MessageStep
from rooms.messaging.states import MessageState
from storage.messaging.rows import text_or_none

_COLUMNS = """
m.id, m.show_id, m.broadcast_id, m.attendee_id, m.kind, m.channel, m.language, m.body, m.state,
m.reason, m.error_code, m.segments, m.attempts, m.created_at, m.due_at, m.sent_at, m.delivered_at,
coalesce(m.address, p.number, a.email) AS to_address
"""

_FROM = """
  FROM messages m
  LEFT JOIN phones p ON p.id = m.phone_id
  LEFT JOIN accounts a ON a.id = m.account_id
"""

_OF_SHOW = f"""
SELECT {_COLUMNS} {_FROM}
 WHERE m.show_id = $1 AND ($2::uuid IS NULL OR m.id < $2)
   AND ($3::uuid IS NULL OR m.broadcast_id = $3) AND ($4::text IS NULL OR m.state = $4)
   AND ($5::text IS NULL OR m.kind = $5) AND ($6::text IS NULL OR m.channel = $6)
 ORDER BY m.id DESC LIMIT $7
"""

_ONE = f"SELECT {_COLUMNS} {_FROM} WHERE m.id = $1"

_HISTORY = """
SELECT state, reason, error_code, attempt, at FROM message_history
 WHERE message_id = $1 ORDER BY step
"""

_DELIVERY = """
SELECT kind, channel, state, count(*)::int AS messages, sum(segments)::int AS segments
  FROM messages WHERE show_id = $1 GROUP BY kind, channel, state ORDER BY kind, channel, state
"""


class PostgresMessageLists:
    """Reads messages."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def of_show(
        self, show_id: str, wanted: MessageFilter, before: str | None, limit: int
    ) -> list[MessageRecord]:
        """Newest first, those older than ``before``."""
        rows = await self._pool.fetch(
            _OF_SHOW,
            show_id,
            before,
            wanted.broadcast_id,
            wanted.state,
            wanted.kind,
            wanted.channel,
            limit,
        )
        return [_record(row) for row in rows]

    async def one(self, message_id: str) -> MessageRecord | None:
        """One message."""
        row = await self._pool.fetchrow(_ONE, message_id)
        return None if row is None else _record(row)

    async def history(self, message_id: str) -> list[MessageStep]:
        """Every step, in order."""
        return [
            MessageStep(
                MessageState(row["state"]),
                row["reason"],
                row["error_code"],
                row["attempt"],
                row["at"],
            )
            for row in await self._pool.fetch(_HISTORY, message_id)
        ]

    async def delivery(self, show_id: str) -> list[DeliveryCount]:
        """Messages of a show counted by kind, channel and state."""
        return [
            DeliveryCount(
                MessageKind(row["kind"]),
                Channel(row["channel"]),
                MessageState(row["state"]),
                row["messages"],
                row["segments"],
            )
            for row in await self._pool.fetch(_DELIVERY, show_id)
        ]


def _record(row: asyncpg.Record) -> MessageRecord:
    return MessageRecord(
        message_id=str(row["id"]),
        show_id=text_or_none(row["show_id"]),
        broadcast_id=text_or_none(row["broadcast_id"]),
        attendee_id=text_or_none(row["attendee_id"]),
        kind=MessageKind(row["kind"]),
        channel=Channel(row["channel"]),
        address=row["to_address"],
        language=row["language"],
        text=row["body"],
        state=MessageState(row["state"]),
        reason=row["reason"],
        error_code=row["error_code"],
        segments=row["segments"],
        attempts=row["attempts"],
        created_at=row["created_at"],
        due_at=row["due_at"],
        sent_at=row["sent_at"],
        delivered_at=row["delivered_at"],
    )
