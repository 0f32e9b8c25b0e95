"""Whose suggestions are out of date (`jobs.upkeep.ports.UntrainedArtists`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

SHOWS_MIN = 30
"""Fewer shows teach nothing that plain frequency does not know."""

NEW_SHARE_MIN = 0.01
"""A model is trained again once this share of the shows is new to it."""

UNTRAINED = """
SELECT played.artist_id FROM (
       SELECT l.artist_id, count(*) AS shows FROM line_up l
        WHERE EXISTS (SELECT FROM performances p WHERE p.show_id = l.show_id)
        GROUP BY l.artist_id HAVING count(*) >= $1) AS played
  LEFT JOIN suggestion_models m ON m.artist_id = played.artist_id
 WHERE m.artist_id IS NULL OR played.shows > m.shows * (1 + $2::float)
 ORDER BY played.shows - coalesce(m.shows, 0) DESC LIMIT $3
"""


class PostgresUntrainedArtists:
    """Compares models with the shows there are."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def untrained(self, artists_max: int) -> Sequence[UUID]:
        """Artists with enough shows and no model, or one that knows too few of them."""
        rows = await self._pool.fetch(UNTRAINED, SHOWS_MIN, NEW_SHARE_MIN, artists_max)
        return [UUID(str(row["artist_id"])) for row in rows]
