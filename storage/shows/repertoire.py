"""What suggestions must know of a show: whose night, when, where, and what they could play."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg

from rooms.shows.records import Night
from rooms.suggestions.history import CatalogueSong

_NIGHT = """
SELECT l.artist_id, s.venue_id, s.tour_id,
       coalesce(s.date, (s.starts_at AT TIME ZONE 'UTC')::date) AS date
  FROM shows s JOIN line_up l ON l.show_id = s.id
 WHERE s.id = $1 AND l.status <> 'declined'
 ORDER BY (l.billing = 'headliner') DESC, l.position, l.id LIMIT 1
"""

_CATALOGUE = "SELECT id, title FROM songs WHERE artist_id = $1 ORDER BY id LIMIT $2"

SONGS_MAX = 5_000
"""Songs of one artist that are looked through. The largest known catalogue has 600."""


class Repertoire:
    """Reads nights and catalogues."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def night(self, show_id: str) -> Night | None:
        """The headliner's night; ``None`` for a show without artists."""
        row = await self._pool.fetchrow(_NIGHT, show_id)
        if row is None:
            return None
        return Night(
            artist_id=UUID(str(row["artist_id"])),
            date=row["date"],
            venue_id=str(row["venue_id"]) if row["venue_id"] else None,
            tour_id=str(row["tour_id"]) if row["tour_id"] else None,
        )

    async def catalogue(self, artist_id: UUID) -> tuple[CatalogueSong, ...]:
        """An artist's songs."""
        rows = await self._pool.fetch(_CATALOGUE, artist_id, SONGS_MAX)
        return tuple(CatalogueSong(song_id=str(row["id"]), title=row["title"]) for row in rows)
