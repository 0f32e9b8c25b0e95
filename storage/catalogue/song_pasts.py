"""When, where and after how long a song was played."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import asyncpg

from rooms.catalogue.records import SongPerformance, YearCount
from rooms.performances.views import ShowReference

# Nights of the song's artist are numbered, so that two of them say how many lie between. A
# soundcheck is no show, and what was played at a private one is for those who were there.
_TIMES = """
WITH nights AS (
    SELECT s.id, row_number() OVER (ORDER BY s.starts_at, s.id) AS night
      FROM songs o JOIN line_up l ON l.artist_id = o.artist_id JOIN shows s ON s.id = l.show_id
     WHERE o.id = $1 AND show_is_public(s.status, s.access)
       AND EXISTS (SELECT FROM performances p
                    WHERE p.show_id = s.id AND p.section <> 'soundcheck')),
times AS (
    SELECT p.show_id, p.ordinal, p.section, p.segue, s.starts_at, s.slug, s.title, s.venue_id,
           n.night - lag(n.night) OVER (ORDER BY n.night, p.ordinal) AS gap_shows
      FROM performances p JOIN shows s ON s.id = p.show_id LEFT JOIN nights n ON n.id = s.id
     WHERE p.song_id = $1 AND p.section <> 'soundcheck'
       AND show_is_public(s.status, s.access))
"""

_COLUMNS = """
       t.show_id, t.ordinal, t.section, t.segue, t.starts_at, t.slug, t.title, t.gap_shows,
       nullif(concat_ws(', ', v.name, v.city), '') AS place,
       (SELECT coalesce(p.printed_title, o.title) FROM performances p
          LEFT JOIN songs o ON o.id = p.song_id
         WHERE p.show_id = t.show_id AND p.ordinal = t.ordinal - 1
           AND p.section <> 'soundcheck') AS before,
       (SELECT coalesce(p.printed_title, o.title) FROM performances p
          LEFT JOIN songs o ON o.id = p.song_id
         WHERE p.show_id = t.show_id AND p.ordinal = t.ordinal + 1) AS after
"""

_RECENT = f"""
{_TIMES}
SELECT {_COLUMNS} FROM (
    SELECT * FROM times
     WHERE $2::timestamptz IS NULL OR (starts_at, show_id, ordinal) < ($2, $3::uuid, $4::int)
     ORDER BY starts_at DESC, show_id DESC, ordinal DESC LIMIT $5) AS t
  LEFT JOIN venues v ON v.id = t.venue_id
 ORDER BY t.starts_at DESC, t.show_id DESC, t.ordinal DESC
"""

_GAPS = f"""
{_TIMES}
SELECT {_COLUMNS} FROM (
    SELECT * FROM times WHERE gap_shows >= $2
     ORDER BY gap_shows DESC, starts_at DESC LIMIT $3) AS t
  LEFT JOIN venues v ON v.id = t.venue_id ORDER BY t.gap_shows DESC, t.starts_at DESC
"""

_YEARS = """
SELECT extract(year FROM coalesce(s.date, (s.starts_at AT TIME ZONE 'UTC')::date))::int AS year,
       count(*) AS times
  FROM performances p JOIN shows s ON s.id = p.show_id
 WHERE p.song_id = $1 AND p.section <> 'soundcheck' AND show_is_public(s.status, s.access)
 GROUP BY 1 ORDER BY 1
"""

Position = tuple[datetime, str, int]
"""Where a page of performances ends: start of the show, its id, place in the night."""


class PostgresSongPasts:
    """Reads performances of songs."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def recent(
        self, song_id: str, limit: int, after: Position | None = None
    ) -> list[SongPerformance]:
        """Public performances, the newest first."""
        at, show_id, ordinal = after or (None, None, None)
        rows = await self._pool.fetch(_RECENT, song_id, at, show_id, ordinal, limit)
        return [_performance(row) for row in rows]

    async def longest_gaps(self, song_id: str, shows_min: int, limit: int) -> list[SongPerformance]:
        """Returns after the longest absences, of at least ``shows_min`` shows."""
        rows = await self._pool.fetch(_GAPS, song_id, shows_min, limit)
        return [_performance(row) for row in rows]

    async def years(self, song_id: str) -> list[YearCount]:
        """Public performances by year; years without any are not in it."""
        return [YearCount(r["year"], r["times"]) for r in await self._pool.fetch(_YEARS, song_id)]


def _performance(row: Any) -> SongPerformance:
    return SongPerformance(
        show=ShowReference(
            starts_at=row["starts_at"],
            show_id=str(row["show_id"]),
            slug=row["slug"],
            title=row["title"],
        ),
        place=row["place"],
        section=row["section"],
        ordinal=row["ordinal"],
        segue=row["segue"],
        before=row["before"],
        after=row["after"],
        gap_shows=row["gap_shows"],
    )
