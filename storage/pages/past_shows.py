"""What was played at shows of the past, as their pages tell it."""

from __future__ import annotations

from datetime import date
from typing import Any

import asyncpg
from msgspec import Struct

_SHOW = """
SELECT s.date, s.date_precision, s.source, t.name AS tour
  FROM shows s LEFT JOIN tours t ON t.id = s.tour_id
 WHERE s.id = $1
"""

_SONGS = """
SELECT p.ordinal, p.section, p.segue, coalesce(p.printed_title, o.title) AS title, p.song_id,
       p.original_artist, p.guests, p.note
  FROM performances p LEFT JOIN songs o ON o.id = p.song_id
 WHERE p.show_id = $1
 ORDER BY p.ordinal
"""


class PastSong(Struct, frozen=True):
    """One song as it was played. ``ordinal``: its place in the night, from 1.

    ``song_id`` is ``None`` while nobody knows which song it was.
    """

    ordinal: int
    section: str
    title: str
    segue: bool
    song_id: str | None = None
    original_artist: str | None = None
    guests: str | None = None
    note: str | None = None


class PastShow(Struct, frozen=True):
    """A night. ``month_only``: the day is not known."""

    date: date | None
    month_only: bool
    source: str | None
    tour: str | None
    songs: tuple[PastSong, ...]


class PastShows:
    """Reads performances."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def read(self, show_id: str) -> PastShow | None:
        """What is known of one show's night; ``None`` if there is no such show."""
        show = await self._pool.fetchrow(_SHOW, show_id)
        if show is None:
            return None
        songs = await self._pool.fetch(_SONGS, show_id)
        return PastShow(
            date=show["date"],
            month_only=show["date_precision"] == "month",
            source=show["source"],
            tour=show["tour"],
            songs=tuple(
                PastSong(
                    ordinal=row["ordinal"],
                    section=row["section"],
                    title=row["title"],
                    segue=row["segue"],
                    song_id=str(row["song_id"]) if row["song_id"] else None,
                    original_artist=row["original_artist"],
                    guests=row["guests"],
                    note=row["note"],
                )
                for row in songs
            ),
        )
