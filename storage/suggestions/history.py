"""What an artist has played: `rooms.suggestions.ports.ShowHistory`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

import asyncpg

from rooms.suggestions.history import PastShow, PlayedSong

# Of a night with several artists only this artist's songs count.
PAST_SHOWS = """
SELECT shows.id, coalesce(shows.date, (shows.starts_at AT TIME ZONE 'UTC')::date) AS date,
       shows.venue_id, shows.tour_id, songs.id AS song_id, songs.title, performances.section
  FROM songs
  JOIN performances ON performances.song_id = songs.id
  JOIN shows ON shows.id = performances.show_id
 WHERE songs.artist_id = $1
 ORDER BY shows.starts_at, shows.id, performances.ordinal
"""

FETCH_TIMEOUT_S = 30.0
"""Tens of thousands of performances take a fraction of a second."""


class PostgresShowHistory:
    """Reads past shows."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def past_shows(self, artist_id: UUID) -> Sequence[PastShow]:
        """All shows with performances, by date; songs, venue and tour by Setroom's ids."""
        rows = await self._pool.fetch(PAST_SHOWS, artist_id, timeout=FETCH_TIMEOUT_S)
        shows = []
        for _, group in groupby(rows, key=lambda row: row["id"]):
            played = list(group)
            songs = (
                PlayedSong(str(row["song_id"]), row["title"], row["section"]) for row in played
            )
            shows.append(
                PastShow(
                    date=played[0]["date"],
                    songs=tuple(songs),
                    venue=_text(played[0]["venue_id"]),
                    tour=_text(played[0]["tour_id"]),
                )
            )
        return shows


def _text(value: object) -> str | None:
    return None if value is None else str(value)
