"""How often, when and where in the night an artist has played a song.

Counted anew for a whole artist whenever one of its performances moved, in that transaction: the
largest known one (54,000 performances) takes a fraction of a second, a night comes once a day,
and what is always counted from scratch cannot drift. A count of everything is the same statement
for every artist.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import asyncpg

Connection: TypeAlias = "asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any]"

STATEMENT_TIMEOUT_MS = 60_000
LOCK_TIMEOUT_MS = 10_000
"""A count waits for another one of the same artist."""

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('song_statistics ' || $1, 0))"

# An artist's own songs, and songs of others that it covered. A soundcheck is no show, and what was
# played at a private one is for those who were there.
_PLAYED = """
SELECT p.show_id, p.song_id, p.ordinal, p.section LIKE 'encore%' AS encore, s.starts_at
  FROM performances p JOIN songs o ON o.id = p.song_id JOIN shows s ON s.id = p.show_id
 WHERE o.artist_id = $1 AND p.performer_id IS NULL AND p.section <> 'soundcheck'
   AND s.access <> 'private'
 UNION ALL
SELECT p.show_id, p.song_id, p.ordinal, p.section LIKE 'encore%', s.starts_at
  FROM performances p JOIN shows s ON s.id = p.show_id
 WHERE p.performer_id = $1 AND p.song_id IS NOT NULL AND p.section <> 'soundcheck'
   AND s.access <> 'private'
"""

# A song that nobody has named yet was played all the same: it may be what opened the night.
_UNNAMED = """
SELECT p.show_id, p.ordinal, p.section LIKE 'encore%' AS encore
  FROM song_reviews r JOIN performances p ON p.show_id = r.show_id AND p.entry_id = r.entry_id
 WHERE r.status = 'pending' AND p.section <> 'soundcheck'
"""

_COUNT = f"""
WITH played AS MATERIALIZED ({_PLAYED}),
edges AS (
    SELECT show_id, min(ordinal) AS opens, max(ordinal) AS closes
      FROM (SELECT show_id, ordinal FROM played WHERE NOT encore
             UNION ALL SELECT show_id, ordinal FROM ({_UNNAMED}) AS u WHERE NOT encore) AS heard
     GROUP BY show_id),
nights AS MATERIALIZED (
    SELECT show_id, row_number() OVER (ORDER BY starts_at, show_id) AS night, opens, closes
      FROM (SELECT DISTINCT show_id, starts_at FROM played) AS n LEFT JOIN edges USING (show_id)),
placed AS (
    SELECT p.*, n.night, NOT encore AND ordinal = opens AS opened,
           NOT encore AND ordinal = closes AS closed,
           row_number() OVER (PARTITION BY song_id ORDER BY night DESC, ordinal DESC) AS from_last,
           row_number() OVER (PARTITION BY song_id ORDER BY night, ordinal) AS from_first
      FROM played p JOIN nights n USING (show_id)),
counted AS (
    SELECT song_id, count(*) AS times_played, count(DISTINCT show_id) AS shows_played,
           min(show_id::text) FILTER (WHERE from_first = 1)::uuid AS first_show_id,
           min(starts_at) AS first_played_at,
           min(show_id::text) FILTER (WHERE from_last = 1)::uuid AS last_show_id,
           max(starts_at) AS last_played_at,
           min(CASE WHEN encore THEN 'encore' WHEN opened THEN 'opener' WHEN closed THEN 'closer'
                    ELSE 'set' END) FILTER (WHERE from_last = 1) AS last_place,
           count(*) FILTER (WHERE opened) AS times_opened,
           count(*) FILTER (WHERE closed) AS times_closed,
           count(*) FILTER (WHERE encore) AS times_encored,
           (SELECT count(*) FROM nights) - max(night) AS gap_shows
      FROM placed GROUP BY song_id),
gone AS (
    DELETE FROM song_statistics t
     WHERE t.artist_id = $1 AND NOT EXISTS (SELECT FROM counted c WHERE c.song_id = t.song_id)
    RETURNING t.song_id),
written AS (
    INSERT INTO song_statistics AS t (
        artist_id, song_id, times_played, shows_played, first_show_id, first_played_at,
        last_show_id, last_played_at, last_place, times_opened, times_closed, times_encored,
        gap_shows)
    SELECT $1, c.* FROM counted c
        ON CONFLICT (artist_id, song_id) DO UPDATE
       SET times_played = excluded.times_played, shows_played = excluded.shows_played,
           first_show_id = excluded.first_show_id, first_played_at = excluded.first_played_at,
           last_show_id = excluded.last_show_id, last_played_at = excluded.last_played_at,
           last_place = excluded.last_place, times_opened = excluded.times_opened,
           times_closed = excluded.times_closed, times_encored = excluded.times_encored,
           gap_shows = excluded.gap_shows
     WHERE t.* IS DISTINCT FROM excluded.*
    RETURNING t.song_id)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM written)
"""

_ARTISTS = """
SELECT o.artist_id FROM songs o WHERE EXISTS (SELECT FROM performances p WHERE p.song_id = o.id)
 UNION SELECT performer_id FROM performances WHERE performer_id IS NOT NULL
 UNION SELECT artist_id FROM song_statistics
"""


async def count_statistics(connection: Connection, artists: Iterable[str]) -> int:
    """Brings the statistics of these artists up to date, inside the caller's transaction.

    Returns:
        how many songs' rows were not as they are now.
    """
    await connection.execute(f"SET LOCAL statement_timeout = {STATEMENT_TIMEOUT_MS}")
    await connection.execute(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}")
    moved = 0
    for artist_id in sorted(set(artists)):  # in one order, so that two counts never deadlock
        await connection.execute(_LOCK, artist_id)
        moved += await connection.fetchval(_COUNT, artist_id, timeout=STATEMENT_TIMEOUT_MS / 1000)
    return moved


class PostgresSongStatistics:
    """Counts everything anew."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def recount(self) -> int:
        """Every artist, each in a transaction of its own; how many rows were wrong."""
        moved = 0
        for row in await self._pool.fetch(_ARTISTS):
            async with self._pool.acquire() as connection, connection.transaction():
                moved += await count_statistics(connection, [str(row["artist_id"])])
        return moved
