"""Rounds beyond one room: where a round belongs, and the results of a tour."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import asyncpg
import msgspec

from rooms.events import RoundResult
from rooms.ports import RoundRecord
from rooms.vote_config import VoteConfig

_TOUR_RESULTS = """
SELECT r.id, r.config, r.config_hash, r.status, r.result
  FROM rounds r JOIN shows s ON s.id = r.show_id
 WHERE s.tour_id = $1 AND s.status NOT IN ('draft', 'cancelled') AND s.access <> 'private'
   AND r.status IN ('closed', 'revealed') AND r.result IS NOT NULL
 ORDER BY r.closed_at DESC, r.id LIMIT $2
"""

_ROWS_AT_ONCE = 200

_decode_config = msgspec.json.Decoder(VoteConfig).decode
_decode_result = msgspec.json.Decoder(RoundResult).decode


class RoundIndex:
    """Finds rounds by what is known of them outside their room."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def show_of(self, round_id: str) -> str | None:
        """The show's id; ``None``: no such round."""
        found = await self._pool.fetchval("SELECT show_id FROM rounds WHERE id = $1", round_id)
        return str(found) if found else None

    async def tour_exists(self, tour_id: str) -> bool:
        """Whether there is such a tour."""
        return bool(await self._pool.fetchval("SELECT true FROM tours WHERE id = $1", tour_id))

    async def results_of_tour(self, tour_id: str, limit: int) -> AsyncGenerator[RoundRecord, None]:
        """Rounds with a result of the tour's shows that anybody may read, the newest first."""
        async with self._pool.acquire() as connection, connection.transaction(readonly=True):
            cursor = connection.cursor(_TOUR_RESULTS, tour_id, limit, prefetch=_ROWS_AT_ONCE)
            async for row in cursor:
                yield RoundRecord(
                    round_id=str(row["id"]),
                    config=_decode_config(row["config"]),
                    config_hash=row["config_hash"],
                    status=row["status"],
                    result=_decode_result(row["result"]),
                )
