"""Writes whole archives of past shows: `rooms.catalogue.ports.ArchiveStore`.

Ids are derived from the source's, so what is there already is found by its id and left alone.
Shows are written in portions, each in one transaction with its performances: a load that was
interrupted has whole shows only, and the next one adds what is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from rooms.catalogue.archive import Archive, ArchiveShow
from rooms.catalogue.ports import LoadReport, Progress
from storage.catalogue import archive_rows as rows
from storage.catalogue.cities import gazetteer
from storage.performances.statistics import count_statistics

SHOWS_PER_TRANSACTION = 250
"""About 5,000 performances: long enough to be fast, short enough to show progress."""

STATEMENT_TIMEOUT_MS = 60_000
"""A portion takes well under a second; this leaves room for a busy disk."""

ARTIST = """
INSERT INTO artists (id, name, normalised_name, source_id)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) ON CONFLICT DO NOTHING
"""
SONGS = """
INSERT INTO songs (id, artist_id, title, normalised_title, album, reference, source_id)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[],
                     $7::text[]) ON CONFLICT DO NOTHING
"""
VENUES = """
INSERT INTO venues (id, name, city, state, country, source_id, lat, lon)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                     $7::float8[], $8::float8[])
ON CONFLICT DO NOTHING
"""
TOURS = """
INSERT INTO tours (id, artist_id, name, source_id)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) ON CONFLICT DO NOTHING
"""
# A slug that somebody's own show has already is made unique by the end of the id.
SHOWS = """
INSERT INTO shows (id, slug, title, status, starts_at, date, date_precision, venue_id, tour_id,
                   source, source_id)
SELECT u.id,
       CASE WHEN EXISTS (SELECT FROM shows s WHERE s.slug = u.slug AND s.id <> u.id)
            THEN u.slug || '-' || right(u.id::text, 8) ELSE u.slug END,
       u.title, 'archived', u.starts_at, u.date, u.precision, u.venue, u.tour, u.source, u.source_id
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::date[], $6::text[],
              $7::uuid[], $8::uuid[], $9::text[], $10::text[])
       AS u (id, slug, title, starts_at, date, precision, venue, tour, source, source_id)
ON CONFLICT (id) DO NOTHING
"""
LINE_UP = """
INSERT INTO line_up (show_id, artist_id, status)
SELECT show_id, artist_id, 'accepted' FROM unnest($1::uuid[], $2::uuid[]) AS u (show_id, artist_id)
ON CONFLICT (show_id, artist_id) DO NOTHING
"""
PERFORMANCES = """
INSERT INTO performances (id, show_id, song_id, ordinal, section, position, segue, printed_title)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::smallint[], $5::text[],
                     $6::smallint[], $7::boolean[], $8::text[])
ON CONFLICT DO NOTHING
"""


@dataclass
class _Written:
    """What this load inserted."""

    artists: int = 0
    songs: int = 0
    venues: int = 0
    tours: int = 0
    shows: int = 0
    performances: int = 0


class PostgresArchives:
    """Keeps archives."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def load(self, archive: Archive, progress: Progress) -> LoadReport:
        """Writes artist, songs, venues, tours, shows and performances; idempotent by their ids.

        The statistics of the artist's songs are counted at the end.
        """
        written = _Written()
        total = len(archive.shows)
        progress(0, total)
        async with self._pool.acquire() as connection:
            async with connection.transaction():
                await _write_catalogue(connection, archive, written)
            for start in range(0, total, SHOWS_PER_TRANSACTION):
                portion = archive.shows[start : start + SHOWS_PER_TRANSACTION]
                async with connection.transaction():
                    await _write_shows(connection, archive, portion, written)
                progress(start + len(portion), total)
            # The planner knows nothing yet of what has just come.
            await connection.execute("ANALYZE shows, performances, songs, line_up", timeout=60)
            async with connection.transaction():
                await count_statistics(connection, [str(archive.artist.artist_id)])
        return LoadReport(
            shows=total,
            shows_new=written.shows,
            performances=archive.performances,
            performances_new=written.performances,
            songs_new=written.songs,
            venues_new=written.venues,
            tours_new=written.tours,
            artists_new=written.artists,
        )


async def _write_catalogue(connection: Any, archive: Archive, written: _Written) -> None:
    cities = await gazetteer()
    await _allow_time(connection)
    played = (performance.song for show in archive.shows for performance in show.performances)
    songs = {song.source_id: song for song in (*archive.songs, *played)}
    venues = {show.venue.source_id: show.venue for show in archive.shows if show.venue}
    tours = {show.tour.source_id: show.tour for show in archive.shows if show.tour}
    artists = {show.artist.source_id: show.artist for show in archive.shows}
    artists[archive.artist.source_id] = archive.artist
    artist_id = archive.artist.artist_id
    written.artists = await _insert(connection, ARTIST, map(rows.artist, artists.values()))
    written.songs = await _insert(
        connection, SONGS, (rows.song(song, artist_id) for song in songs.values())
    )
    written.venues = await _insert(
        connection, VENUES, (rows.venue(venue, cities) for venue in venues.values())
    )
    written.tours = await _insert(
        connection, TOURS, (rows.tour(tour, artist_id) for tour in tours.values())
    )


async def _write_shows(
    connection: Any, archive: Archive, shows: Sequence[ArchiveShow], written: _Written
) -> None:
    await _allow_time(connection)
    written.shows += await _insert(
        connection, SHOWS, (rows.show(show, archive.source) for show in shows)
    )
    await _insert(connection, LINE_UP, ((show.show_id, show.artist.artist_id) for show in shows))
    written.performances += await _insert(
        connection,
        PERFORMANCES,
        (
            rows.performance(performance, show_id)
            for show, show_id in ((show, show.show_id) for show in shows)
            for performance in show.performances
        ),
    )


async def _insert(connection: Any, statement: str, records: Any) -> int:
    """Inserts rows, passed as columns; returns how many were new."""
    kept = list(records)
    if not kept:
        return 0
    arguments = [list(column) for column in zip(*kept, strict=True)]
    status: str = await connection.execute(statement, *arguments, timeout=60)
    return int(status.rpartition(" ")[2])


async def _allow_time(connection: Any) -> None:
    await connection.execute(f"SET LOCAL statement_timeout = {STATEMENT_TIMEOUT_MS}")
