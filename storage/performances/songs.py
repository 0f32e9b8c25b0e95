"""Reads songs with how they were played."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import asyncpg

from rooms.catalogue.names import normalised
from rooms.performances.views import (
    CoveredBy,
    ShowReference,
    SongFilter,
    SongRecord,
    Statistics,
)
from storage.performances.references import reference_columns, reference_of

_COLUMNS = f"""
       o.id, o.title, o.album, o.artist_id, a.name AS artist_name,
       t.times_played, t.shows_played, t.first_played_at, t.last_played_at, t.last_place,
       t.times_opened, t.times_closed, t.times_encored, t.gap_shows,
       {reference_columns("f", "first")}, {reference_columns("l", "last")}
"""

_SONG = f"""
SELECT {_COLUMNS} FROM songs o JOIN artists a ON a.id = o.artist_id
  LEFT JOIN song_statistics t ON t.song_id = o.id AND t.artist_id = o.artist_id
  LEFT JOIN shows f ON f.id = t.first_show_id LEFT JOIN shows l ON l.id = t.last_show_id
 WHERE o.id = $1
"""

COVERS_MAX = 50
"""Artists that are named for having played a song of somebody else's."""

_COVERS = f"""
SELECT {_COLUMNS}, t.artist_id AS performer_id, b.name AS performer_name
  FROM song_statistics t JOIN songs o ON o.id = t.song_id JOIN artists a ON a.id = o.artist_id
  JOIN artists b ON b.id = t.artist_id
  LEFT JOIN shows f ON f.id = t.first_show_id LEFT JOIN shows l ON l.id = t.last_show_id
 WHERE t.song_id = $1 AND t.artist_id <> o.artist_id
 ORDER BY t.times_played DESC, t.artist_id LIMIT $2
"""

# Own songs, played or not, and what was covered. Two thousand rows are sorted in milliseconds.
_OF_ARTIST = """
SELECT {columns} FROM (
       SELECT id FROM songs WHERE artist_id = $1
        UNION SELECT song_id FROM song_statistics WHERE artist_id = $1) AS u
  JOIN songs o ON o.id = u.id JOIN artists a ON a.id = o.artist_id
  LEFT JOIN song_statistics t ON t.song_id = o.id AND t.artist_id = $1
  LEFT JOIN shows f ON f.id = t.first_show_id LEFT JOIN shows l ON l.id = t.last_show_id
 WHERE $2::{type} IS NULL OR ({sort}, o.id) {before} ($2::{type}, $3::uuid)
 ORDER BY {sort} {order}, o.id {order} LIMIT $4
"""

_SORTS = {
    "times_played": ("coalesce(t.times_played, 0)", "int", "DESC"),
    "last_played": (
        "coalesce(t.last_played_at, timestamptz '0001-01-01 00:00:00Z')",
        "timestamptz",
        "DESC",
    ),
    "title": ("o.normalised_title", "text", "ASC"),
}

NEVER = datetime(1, 1, 1, tzinfo=UTC)
"""When a song that was never played counts as played last, for the order."""


class PostgresSongs:
    """Reads songs."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def read(self, song_id: str) -> tuple[SongRecord, list[CoveredBy]] | None:
        """A song with its own artist's statistics, and who else has played it."""
        row = await self._pool.fetchrow(_SONG, song_id)
        if row is None:
            return None
        covers = [
            CoveredBy(str(cover["performer_id"]), cover["performer_name"], statistics)
            for cover in await self._pool.fetch(_COVERS, song_id, COVERS_MAX)
            if (statistics := _statistics(cover)) is not None
        ]
        return _song(row), covers

    async def artist_exists(self, artist_id: str) -> bool:
        """Whether there is such an artist."""
        found = await self._pool.fetchval("SELECT 1 FROM artists WHERE id = $1", artist_id)
        return found is not None

    async def of_artist(self, wanted: SongFilter) -> list[SongRecord]:
        """A page of what an artist plays, most or latest first, or by title.

        Raises:
            KeyError: there is no such order.
            ValueError: ``after`` does not fit it.
        """
        sort, kind, order = _SORTS[wanted.sort]
        statement = _OF_ARTIST.format(
            columns=_COLUMNS,
            sort=sort,
            type=kind,
            order=order,
            before="<" if order == "DESC" else ">",
        )
        value, song_id = _position(wanted)
        rows = await self._pool.fetch(statement, wanted.artist_id, value, song_id, wanted.limit)
        return [_song(row) for row in rows]


def position_of(song: SongRecord, sort: str) -> tuple[str, str]:
    """Where a page that ends with this song ends: the ``after`` of the next."""
    played = song.statistics
    match sort:
        case "times_played":
            return str(played.times_played if played else 0), song.song_id
        case "last_played":
            return (played.last.starts_at if played else NEVER).isoformat(), song.song_id
        case _:
            return song.title, song.song_id


def _position(wanted: SongFilter) -> tuple[Any, str | None]:
    if wanted.after is None:
        return None, None
    value, song_id = wanted.after
    match wanted.sort:
        case "times_played":
            return int(value), song_id
        case "last_played":
            return datetime.fromisoformat(value), song_id
        case _:
            return normalised(value), song_id


def _song(row: Any) -> SongRecord:
    return SongRecord(
        song_id=str(row["id"]),
        artist_id=str(row["artist_id"]),
        artist_name=row["artist_name"],
        title=row["title"],
        album=row["album"],
        statistics=_statistics(row),
    )


def _statistics(row: Any) -> Statistics | None:
    if row["times_played"] is None:
        return None
    return Statistics(
        times_played=row["times_played"],
        shows_played=row["shows_played"],
        first=reference_of(row, "first") or ShowReference(row["first_played_at"]),
        last=reference_of(row, "last") or ShowReference(row["last_played_at"]),
        last_place=row["last_place"],
        times_opened=row["times_opened"],
        times_closed=row["times_closed"],
        times_encored=row["times_encored"],
        gap_shows=row["gap_shows"],
    )
