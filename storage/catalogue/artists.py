"""Reads what an artist's page tells."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import asyncpg

from rooms.catalogue.records import ArtistRecord, CountedSong, ListedShow, SetlistLine, YearCount
from storage.catalogue.listed import COLUMNS, COMING, FROM, OVER, PUBLIC, listed_show

SETLIST_LINES_MAX: Final = 80
"""Songs of one night in a list of nights; the longest known has 46."""

_ARTIST = f"""
SELECT a.id, a.name, count(*) FILTER (WHERE {OVER}) AS shows,
       min(s.starts_at) FILTER (WHERE {OVER}) AS first_at,
       max(s.starts_at) FILTER (WHERE {OVER}) AS last_at,
       (SELECT count(*) FROM song_statistics t WHERE t.artist_id = a.id) AS songs
  FROM artists a
  LEFT JOIN line_up l ON l.artist_id = a.id AND l.status <> 'declined'
  LEFT JOIN shows s ON s.id = l.show_id AND {PUBLIC}
 WHERE a.id = $1 GROUP BY a.id
"""

_PLAYS = """
EXISTS (SELECT FROM line_up l
         WHERE l.show_id = s.id AND l.artist_id = $1 AND l.status <> 'declined')
"""

_COMING = f"""
SELECT {COLUMNS} FROM {FROM} WHERE {_PLAYS} AND {PUBLIC} AND {COMING}
 ORDER BY s.status = 'live' DESC, s.starts_at, s.id LIMIT $2
"""

_LATEST = f"""
SELECT {COLUMNS} FROM {FROM} WHERE {_PLAYS} AND {PUBLIC} AND {OVER}
   AND ($2::timestamptz IS NULL OR (s.starts_at, s.id) < ($2, $3::uuid))
 ORDER BY s.starts_at DESC, s.id DESC LIMIT $4
"""

_YEARS = f"""
SELECT extract(year FROM coalesce(s.date, (s.starts_at AT TIME ZONE 'UTC')::date))::int AS year,
       count(*) AS times
  FROM shows s WHERE {_PLAYS} AND {PUBLIC} AND {OVER} GROUP BY 1 ORDER BY 1
"""

_MOST_PLAYED = """
SELECT o.id, o.title, t.times_played AS times, t.last_played_at AS last_at,
       CASE WHEN o.artist_id <> t.artist_id THEN a.name END AS artist
  FROM song_statistics t JOIN songs o ON o.id = t.song_id JOIN artists a ON a.id = o.artist_id
 WHERE t.artist_id = $1 ORDER BY t.times_played DESC, o.normalised_title, o.id LIMIT $2 OFFSET $3
"""

_SETLISTS = """
SELECT p.show_id, coalesce(p.printed_title, o.title) AS title, p.section, p.segue
  FROM performances p LEFT JOIN songs o ON o.id = p.song_id
 WHERE p.show_id = ANY ($1::uuid[]) AND p.section <> 'soundcheck' AND p.ordinal <= $2
 ORDER BY p.show_id, p.ordinal
"""


class PostgresArtists:
    """Reads artists."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def read(self, artist_id: str) -> ArtistRecord | None:
        """One artist, whether public or not."""
        row = await self._pool.fetchrow(_ARTIST, artist_id)
        if row is None:
            return None
        return ArtistRecord(
            id=str(row["id"]),
            name=row["name"],
            shows=row["shows"],
            songs=row["songs"],
            first_at=row["first_at"],
            last_at=row["last_at"],
        )

    async def coming(self, artist_id: str, limit: int) -> list[ListedShow]:
        """Public shows that are live or announced, the next one first."""
        return [listed_show(row) for row in await self._pool.fetch(_COMING, artist_id, limit)]

    async def latest(
        self, artist_id: str, limit: int, after: tuple[datetime, str] | None = None
    ) -> list[ListedShow]:
        """Public shows that are over, the newest first. ``after``: the last one before."""
        at, show_id = after or (None, None)
        rows = await self._pool.fetch(_LATEST, artist_id, at, show_id, limit)
        return [listed_show(row) for row in rows]

    async def years(self, artist_id: str) -> list[YearCount]:
        """Public shows by year; years without any are not in it."""
        rows = await self._pool.fetch(_YEARS, artist_id)
        return [YearCount(row["year"], row["times"]) for row in rows]

    async def most_played(self, artist_id: str, limit: int, skip: int = 0) -> list[CountedSong]:
        """Songs by how often they were played; ``artist`` only where it is somebody else's."""
        rows = await self._pool.fetch(_MOST_PLAYED, artist_id, limit, skip)
        return [
            CountedSong(
                id=str(row["id"]),
                title=row["title"],
                times=row["times"],
                last_at=row["last_at"],
                artist=row["artist"],
            )
            for row in rows
        ]

    async def setlists(self, show_ids: list[str]) -> dict[str, list[SetlistLine]]:
        """What was played at these shows, in order."""
        found: dict[str, list[SetlistLine]] = {}
        for row in await self._pool.fetch(_SETLISTS, show_ids, SETLIST_LINES_MAX):
            found.setdefault(str(row["show_id"]), []).append(
                SetlistLine(row["title"], row["section"], row["segue"])
            )
        return found
