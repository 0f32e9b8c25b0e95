"""A setlist's past, read from the room's log."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from rooms.events import SetlistChanged
from rooms.shows.records import PlayedSong, SetlistChange

_CHANGES = """
SELECT seq, at, data::text AS data FROM room_events
 WHERE show_id = $1 AND name = 'setlist_changed' AND seq < $2
 ORDER BY seq DESC LIMIT $3
"""

_UPDATES = """
SELECT seq, yjs_update FROM room_events
 WHERE show_id = $1 AND name = 'setlist_changed' AND yjs_update IS NOT NULL
   AND at <= $2 AND seq > $3
 ORDER BY seq LIMIT $4
"""

_LAST_SEQ = "SELECT coalesce(max(seq), 0) FROM room_events WHERE show_id = $1 AND at <= $2"

_PLAYED = """
SELECT p.id, p.song_id, p.section, p.ordinal, p.segue, p.entry_id,
       coalesce(p.printed_title, s.title) AS title
  FROM performances p JOIN songs s ON s.id = p.song_id
 WHERE p.show_id = $1 ORDER BY p.ordinal
"""

UPDATES_PAGE = 500
NEWEST = 2**62


class SetlistHistory:
    """Reads the events that made a setlist, and what an archive says was played."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def changes(
        self, show_id: str, before_seq: int | None, limit: int
    ) -> list[SetlistChange]:
        """Changes, newest first."""
        rows = await self._pool.fetch(_CHANGES, show_id, before_seq or NEWEST, limit)
        return [
            SetlistChange(
                seq=row["seq"],
                at=row["at"],
                data=msgspec.json.decode(row["data"], type=SetlistChanged),
            )
            for row in rows
        ]

    async def last_seq(self, show_id: str, at: datetime) -> int:
        """The newest event at a moment."""
        seq: int = await self._pool.fetchval(_LAST_SEQ, show_id, at)
        return seq

    async def updates_until(self, show_id: str, at: datetime) -> AsyncIterator[bytes]:
        """The Yjs updates up to a moment, in order."""
        seq = 0
        while rows := await self._pool.fetch(_UPDATES, show_id, at, seq, UPDATES_PAGE):
            for row in rows:
                yield row["yjs_update"]
            seq = rows[-1]["seq"]

    async def played(self, show_id: str) -> list[PlayedSong]:
        """The performances of a show, in order."""
        return [
            PlayedSong(
                entry_id=row["entry_id"] or str(row["id"]),
                song_id=str(row["song_id"]),
                title=row["title"],
                section=row["section"],
                ordinal=row["ordinal"],
                segue=row["segue"],
            )
            for row in await self._pool.fetch(_PLAYED, show_id)
        ]
