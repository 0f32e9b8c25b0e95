"""The catalogue of a show's line-up, for those who look for a song to wish for."""

from __future__ import annotations

from typing import Any

import asyncpg
from msgspec import Struct

from rooms import limits
from rooms.catalogue.names import normalised
from rooms.ports import SongRecord

# What begins like the text comes first, then what begins a word like it, then the rest.
_FIND = """
SELECT s.id, s.title, s.normalised_title
  FROM line_up l JOIN songs s ON s.artist_id = l.artist_id
 WHERE l.show_id = $1 AND l.status <> 'declined' AND s.normalised_title LIKE '%' || $2 || '%'
 ORDER BY s.normalised_title NOT LIKE $2 || '%', s.normalised_title NOT LIKE '% ' || $2 || '%',
          (l.billing = 'headliner') DESC, s.normalised_title COLLATE "C", s.id
 LIMIT $3
"""


# A song that two of the line-up have is theirs both; of one title the one played most comes first.
_ALL = """
SELECT s.id, s.title, coalesce(t.times_played, 0) AS times
  FROM line_up l
  JOIN songs s ON s.artist_id = l.artist_id
  LEFT JOIN song_statistics t ON t.artist_id = s.artist_id AND t.song_id = s.id
 WHERE l.show_id = $1 AND l.status <> 'declined'
 ORDER BY times DESC, s.normalised_title COLLATE "C", s.id
 LIMIT $2
"""


class CatalogueSong(Struct, frozen=True):
    """A song, and how often its artist has played it."""

    song_id: str
    title: str
    times: int


class LineUpCatalogue:
    """Songs of everybody who plays at a show."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def find(self, show_id: str, text: str, limit: int) -> list[SongRecord]:
        """Songs with this text in their title, the likeliest first; all by title without one."""
        wanted = _literally(normalised(text.replace("\0", " ")))
        rows = await self._pool.fetch(_FIND, show_id, wanted, limit)
        return [SongRecord(str(song_id), title, key) for song_id, title, key in rows]

    async def everything(self, show_id: str) -> list[CatalogueSong]:
        """All songs, those played most first; at most `limits.CATALOGUE_SONGS_MAX`."""
        rows = await self._pool.fetch(_ALL, show_id, limits.CATALOGUE_SONGS_MAX)
        return [CatalogueSong(str(song_id), title, times) for song_id, title, times in rows]


def _literally(text: str) -> str:
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
