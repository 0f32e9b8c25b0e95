"""Head counts in PostgreSQL (`rooms.timeline.ports.HeadCounts`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import asyncpg

from rooms.timeline.ports import HeadCountAt

MINUTES_MAX: Final = 2 * 24 * 60
"""Kept of one show: two days. A show that nobody closes does not fill the table."""

_RECORD = """
INSERT INTO head_counts AS h (show_id, minute, participants)
SELECT u.show_id, u.minute, u.participants
  FROM unnest($1::uuid[], $2::timestamptz[], $3::int[]) AS u (show_id, minute, participants)
  JOIN shows ON shows.id = u.show_id
 WHERE (SELECT count(*) FROM head_counts k WHERE k.show_id = u.show_id) < $4
    ON CONFLICT (show_id, minute) DO UPDATE SET participants = excluded.participants
 WHERE h.participants < excluded.participants
"""


class PostgresHeadCounts:
    """Keeps head counts."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def record(self, counts: Sequence[HeadCountAt]) -> None:
        """Keeps these; the highest that was said of a minute."""
        # In one order everywhere: two nodes that write the same minutes never wait for each other.
        rows = sorted(counts, key=lambda row: (row.show_id, row.minute))
        if rows:
            await self._pool.execute(
                _RECORD,
                [row.show_id for row in rows],
                [row.minute for row in rows],
                [row.participants for row in rows],
                MINUTES_MAX,
            )
