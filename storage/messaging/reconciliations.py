"""Comparisons with the carrier's lists, and what is compared
(`rooms.messaging.reconciling.SentMessages`)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from typing import Any

import asyncpg
import msgspec

from rooms.messaging.reconciling import Comparison, Difference
from rooms.messaging.states import MessageState
from storage.ids import uuid7

PORTION = 5_000

_STATES = "SELECT carrier_id, state FROM messages WHERE carrier_id = ANY ($1)"

# What the carrier refused at once is in no list of its.
_SENT = """
SELECT id, carrier_id FROM messages
 WHERE sender = $1 AND sent_at >= $2 AND sent_at < $3 AND carrier_id IS NOT NULL AND id > $4
   AND state IN ('sent', 'delivered')
 ORDER BY id LIMIT $5
"""

_KEEP = """
INSERT INTO carrier_reconciliations (
    id, sender, day, ran_at, listed, matched, mended, absent, foreign_ones, complete, differences)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::text::json)
"""

# A day is compared every hour: the newest says how things are, all together what was mended.
_NEWEST = """
SELECT k.*, (SELECT sum(a.mended)::int FROM carrier_reconciliations a
              WHERE a.day = k.day AND a.sender = k.sender) AS mended_so_far
  FROM (SELECT DISTINCT ON (day, sender)
               sender, day, ran_at, listed, matched, absent, foreign_ones, complete, differences
          FROM carrier_reconciliations
         WHERE $1::date IS NULL OR (day, sender) < ($1::date, $2::text COLLATE "C")
         ORDER BY day DESC, sender DESC, ran_at DESC LIMIT $3) AS k
 ORDER BY k.day DESC, k.sender DESC
"""

_FIRST = "00000000-0000-0000-0000-000000000000"


class PostgresSentMessages:
    """Reads what was sent, and keeps comparisons."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def states_of(self, carrier_ids: Sequence[str]) -> dict[str, MessageState]:
        """States of those that are known."""
        rows = await self._pool.fetch(_STATES, list(carrier_ids))
        return {row["carrier_id"]: MessageState(row["state"]) for row in rows}

    async def sent_between(
        self, sender: str, begin: datetime, end: datetime
    ) -> AsyncIterator[Sequence[str]]:
        """The carrier's names of what was sent in a time, in portions."""
        last = _FIRST
        while rows := await self._pool.fetch(_SENT, sender, begin, end, last, PORTION):
            last = str(rows[-1]["id"])
            yield [row["carrier_id"] for row in rows]

    async def keep(self, comparison: Comparison) -> None:
        """Keeps a comparison."""
        await self._pool.execute(
            _KEEP,
            uuid7(),
            comparison.sender,
            comparison.day,
            comparison.ran_at,
            comparison.listed,
            comparison.matched,
            comparison.mended,
            comparison.absent,
            comparison.foreign,
            comparison.complete,
            msgspec.json.encode(comparison.differences).decode(),
        )


class PostgresReconciliations:
    """Reads comparisons."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def page(self, after: tuple[date, str] | None, limit: int) -> list[Comparison]:
        """The newest comparison of each day and sender, the latest day first.

        ``mended`` is the sum of all of that day's.

        Args:
            after: day and sender of the last one that was seen.
        """
        day, sender = after if after is not None else (None, None)
        return [
            Comparison(
                sender=row["sender"],
                day=row["day"],
                ran_at=row["ran_at"],
                listed=row["listed"],
                matched=row["matched"],
                mended=row["mended_so_far"],
                absent=row["absent"],
                foreign=row["foreign_ones"],
                complete=row["complete"],
                differences=msgspec.json.decode(row["differences"], type=tuple[Difference, ...]),
            )
            for row in await self._pool.fetch(_NEWEST, day, sender, limit)
        ]
