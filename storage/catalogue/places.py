"""Reads what venues' and tours' pages tell."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import asyncpg

from rooms.catalogue.records import (
    CountedSong,
    Kind,
    ListedShow,
    Named,
    TourRecord,
    VenueRecord,
)
from storage.catalogue.listed import COLUMNS, COMING, FROM, OVER, PUBLIC, listed_show, place_of

_VENUE = f"""
SELECT v.id, v.name, v.city, v.state, v.country, v.lat, v.lon,
       count(s.id) FILTER (WHERE {OVER}) AS shows,
       min(s.starts_at) FILTER (WHERE {OVER}) AS first_at,
       max(s.starts_at) FILTER (WHERE {OVER}) AS last_at
  FROM venues v LEFT JOIN shows s ON s.venue_id = v.id AND {PUBLIC}
 WHERE v.id = $1 GROUP BY v.id
"""

_VENUE_ARTISTS = f"""
SELECT a.id, a.name, count(*) AS shows
  FROM shows s JOIN line_up l ON l.show_id = s.id AND l.status <> 'declined'
  JOIN artists a ON a.id = l.artist_id
 WHERE s.venue_id = $1 AND {PUBLIC} AND {OVER}
 GROUP BY a.id ORDER BY shows DESC, a.normalised_name, a.id LIMIT $2
"""

_TOUR = f"""
SELECT t.id, t.name, t.artist_id, a.name AS artist_name,
       count(s.id) FILTER (WHERE {OVER}) AS shows,
       min(s.starts_at) AS first_at, max(s.starts_at) AS last_at
  FROM tours t JOIN artists a ON a.id = t.artist_id
  LEFT JOIN shows s ON s.tour_id = t.id AND {PUBLIC}
 WHERE t.id = $1 GROUP BY t.id, a.id
"""

_COMING = f"""
SELECT {COLUMNS} FROM {FROM} WHERE s.{{column}} = $1 AND {PUBLIC} AND {COMING}
 ORDER BY s.status = 'live' DESC, s.starts_at, s.id LIMIT $2
"""

_OVER = f"""
SELECT {COLUMNS} FROM {FROM} WHERE s.{{column}} = $1 AND {PUBLIC} AND {OVER}
   AND ($2::timestamptz IS NULL OR (s.starts_at, s.id) < ($2, $3::uuid))
 ORDER BY s.starts_at DESC, s.id DESC LIMIT $4
"""

_TOUR_SONGS = f"""
SELECT o.id, o.title, count(*) AS times, max(s.starts_at) AS last_at
  FROM shows s JOIN performances p ON p.show_id = s.id JOIN songs o ON o.id = p.song_id
 WHERE s.tour_id = $1 AND {PUBLIC} AND p.section <> 'soundcheck'
 GROUP BY o.id ORDER BY times DESC, o.normalised_title, o.id LIMIT $2
"""

_COLUMNS = {Kind.VENUE: "venue_id", Kind.TOUR: "tour_id"}


class PostgresPlaces:
    """Reads venues and tours."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def venue(self, venue_id: str, artists_max: int) -> VenueRecord | None:
        """One venue and who played there most."""
        row = await self._pool.fetchrow(_VENUE, venue_id)
        if row is None:
            return None
        artists = await self._pool.fetch(_VENUE_ARTISTS, venue_id, artists_max)
        return VenueRecord(
            id=str(row["id"]),
            name=row["name"],
            place=place_of(row),
            shows=row["shows"],
            first_at=row["first_at"],
            last_at=row["last_at"],
            artists=tuple(
                (Named(Kind.ARTIST, str(one["id"]), one["name"]), one["shows"]) for one in artists
            ),
        )

    async def tour(self, tour_id: str) -> TourRecord | None:
        """One tour."""
        row = await self._pool.fetchrow(_TOUR, tour_id)
        if row is None:
            return None
        return TourRecord(
            id=str(row["id"]),
            name=row["name"],
            artist=Named(Kind.ARTIST, str(row["artist_id"]), row["artist_name"]),
            shows=row["shows"],
            first_at=row["first_at"],
            last_at=row["last_at"],
        )

    async def tour_songs(self, tour_id: str, limit: int) -> list[CountedSong]:
        """What was played most on a tour."""
        rows = await self._pool.fetch(_TOUR_SONGS, tour_id, limit)
        return [CountedSong(str(r["id"]), r["title"], r["times"], r["last_at"]) for r in rows]

    async def coming(self, kind: Kind, one: str, limit: int) -> list[ListedShow]:
        """Public shows of a venue or tour that are live or announced, the next one first."""
        statement = _COMING.format(column=_COLUMNS[kind])
        return [listed_show(row) for row in await self._pool.fetch(statement, one, limit)]

    async def over(
        self, kind: Kind, one: str, limit: int, after: tuple[datetime, str] | None = None
    ) -> list[ListedShow]:
        """Public shows of a venue or tour that are over, the newest first."""
        at, show_id = after or (None, None)
        statement = _OVER.format(column=_COLUMNS[kind])
        rows = await self._pool.fetch(statement, one, at, show_id, limit)
        return [listed_show(row) for row in rows]
