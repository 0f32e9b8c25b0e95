"""How many messages wait, and what the last comparisons with the carrier found: for metrics."""

from __future__ import annotations

from typing import Any

import asyncpg
from msgspec import Struct

# By the index of what is open, which holds nothing else.
_OPEN = """
SELECT channel, state, count(*)::int AS messages,
       coalesce(max(extract(epoch FROM now() - due_at)) FILTER (WHERE due_at <= now()), 0)::float8
           AS overdue_s
  FROM messages m
 WHERE state IN ('scheduled', 'queued', 'sending', 'unknown') AND NOT held
 GROUP BY channel, state
"""

_COMPARED = """
SELECT DISTINCT ON (sender) mended, absent, foreign_ones
  FROM carrier_reconciliations
 WHERE day >= (now() AT TIME ZONE 'UTC')::date - 1
 ORDER BY sender, ran_at DESC
"""


class OpenMessages(Struct, frozen=True):
    """Messages of one channel in one state. ``overdue_s``: how long the oldest has been due."""

    channel: str
    state: str
    messages: int
    overdue_s: float


class MessageCounts(Struct, frozen=True):
    """What there is. ``differences``: of the newest comparison of each sender, by kind."""

    open: tuple[OpenMessages, ...]
    differences: dict[str, int]


class PostgresMessageCounts:
    """Counts messages."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def counts(self) -> MessageCounts:
        """Now."""
        compared = await self._pool.fetch(_COMPARED)
        return MessageCounts(
            tuple(
                OpenMessages(row["channel"], row["state"], row["messages"], row["overdue_s"])
                for row in await self._pool.fetch(_OPEN)
            ),
            {
                "mended": sum(row["mended"] for row in compared),
                "absent": sum(row["absent"] for row in compared),
                "foreign": sum(row["foreign_ones"] for row in compared),
            },
        )
