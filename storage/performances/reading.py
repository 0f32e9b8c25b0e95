"""Reads what was played at a show, and what its songs had behind them that night."""

from __future__ import annotations

from bisect import bisect_left
from datetime import datetime
from typing import Any

import asyncpg

from rooms.performances.views import NightPast, PerformanceRecord, ShowReference, SongPast
from storage.performances.references import reference_columns, reference_of

_PERFORMANCES = """
SELECT p.id, p.entry_id, p.ordinal, p.section, p.position, p.segue, p.song_id,
       coalesce(p.printed_title, o.title) AS title, o.title AS song_title, o.artist_id,
       a.name AS artist_name, p.performer_id, b.name AS performer_name, p.original_artist,
       p.guests, p.note, p.started_at, r.status AS review_status
  FROM performances p
  LEFT JOIN songs o ON o.id = p.song_id
  LEFT JOIN artists a ON a.id = o.artist_id
  LEFT JOIN artists b ON b.id = p.performer_id
  LEFT JOIN song_reviews r ON r.show_id = p.show_id AND r.entry_id = p.entry_id
 WHERE p.show_id = $1 ORDER BY p.ordinal
"""

_IS_DERIVED = """
SELECT s.source IS NOT NULL OR EXISTS (SELECT FROM archived_nights n WHERE n.show_id = s.id)
  FROM shows s WHERE s.id = $1
"""

# Each song's earlier shows, as statistics count them: by who plays it, soundchecks left out.
_BEFORE = f"""
WITH tonight AS (
    SELECT DISTINCT p.song_id, coalesce(p.performer_id, o.artist_id) AS artist_id
      FROM performances p JOIN songs o ON o.id = p.song_id
     WHERE p.show_id = $1 AND p.section <> 'soundcheck'),
earlier AS (
    SELECT t.song_id, t.artist_id, p.show_id, s.starts_at,
           count(*) OVER (PARTITION BY t.song_id) AS times,
           row_number() OVER (PARTITION BY t.song_id ORDER BY s.starts_at DESC, s.id DESC) AS back
      FROM tonight t
      JOIN songs o ON o.id = t.song_id
      JOIN performances p ON p.song_id = t.song_id
       AND coalesce(p.performer_id, o.artist_id) = t.artist_id AND p.section <> 'soundcheck'
      JOIN shows s ON s.id = p.show_id
      JOIN shows this ON this.id = $1
     WHERE (s.starts_at, s.id) < (this.starts_at, this.id))
SELECT t.song_id, t.artist_id, coalesce(e.times, 0) AS times, {reference_columns("s", "last")}
  FROM tonight t LEFT JOIN earlier e ON e.song_id = t.song_id AND e.back = 1
  LEFT JOIN shows s ON s.id = e.show_id
"""

_NIGHTS = """
SELECT l.artist_id, s.starts_at FROM line_up l JOIN shows s ON s.id = l.show_id
  JOIN shows this ON this.id = $1
 WHERE l.artist_id = ANY ($2) AND l.status <> 'declined'
   AND (s.starts_at, s.id) < (this.starts_at, this.id)
   AND EXISTS (SELECT FROM performances p WHERE p.show_id = s.id AND p.song_id IS NOT NULL)
 ORDER BY s.starts_at, s.id
"""


class PostgresPerformances:
    """Reads performances."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def is_derived(self, show_id: str) -> bool:
        """Whether the performances of an archived show have been written yet."""
        found: bool | None = await self._pool.fetchval(_IS_DERIVED, show_id)
        return bool(found)

    async def of_show(self, show_id: str) -> list[PerformanceRecord]:
        """The whole list of a show, in order; songs without their past."""
        rows = await self._pool.fetch(_PERFORMANCES, show_id)
        return [_performance(row) for row in rows]

    async def past_of(self, show_id: str) -> NightPast:
        """What each song had behind it on the night of this show."""
        rows = await self._pool.fetch(_BEFORE, show_id)
        artists = sorted({row["artist_id"] for row in rows})
        nights: dict[Any, list[datetime]] = {artist: [] for artist in artists}
        for row in await self._pool.fetch(_NIGHTS, show_id, artists) if artists else ():
            nights[row["artist_id"]].append(row["starts_at"])
        songs = {}
        for row in rows:
            last = reference_of(row, "last")
            songs[str(row["song_id"])] = SongPast(
                times_before=row["times"],
                shows_since=_shows_since(nights[row["artist_id"]], last) if last else None,
                last=last,
            )
        return NightPast(max((len(before) for before in nights.values()), default=0), songs)


def _shows_since(nights: list[datetime], last: ShowReference) -> int:
    """Shows after ``last``, this one included."""
    return max(1, len(nights) - bisect_left(nights, last.starts_at))


def _performance(row: Any) -> PerformanceRecord:
    return PerformanceRecord(
        entry_id=row["entry_id"] or str(row["id"]),
        ordinal=row["ordinal"],
        section=row["section"],
        position=row["position"],
        title=row["title"],
        segue=row["segue"],
        song_id=_text(row["song_id"]),
        song_title=row["song_title"],
        artist_id=_text(row["artist_id"]),
        artist_name=row["artist_name"],
        performer_id=_text(row["performer_id"]),
        performer_name=row["performer_name"],
        original_artist=row["original_artist"],
        guests=row["guests"],
        note=row["note"],
        started_at=row["started_at"],
        review_status=row["review_status"],
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
