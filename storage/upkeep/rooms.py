"""Which rooms have grown (`jobs.upkeep.ports.GrownRooms`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg

GROWN = """
SELECT r.show_id FROM rooms r LEFT JOIN room_snapshots s ON s.show_id = r.show_id
 WHERE r.seq - coalesce(s.seq, 0) >= $1 ORDER BY r.seq - coalesce(s.seq, 0) DESC LIMIT $2
"""


class PostgresGrownRooms:
    """Compares heads with snapshots."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def grown(self, events_min: int, rooms_max: int) -> Sequence[str]:
        """Rooms with at least ``events_min`` events after their snapshot, the longest first."""
        rows = await self._pool.fetch(GROWN, events_min, rooms_max)
        return [str(row["show_id"]) for row in rows]
