"""A setlist's past, read from the room's log."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from rooms.events import SetlistChanged
from rooms.shows.records import HistoryFilter, PlayedSong, SetlistChange

# Who did it: the attendee of the event, or whom that one has turned out to be. An event of which
# nothing is to be told (somebody has not finished typing) is no change yet.
_CHANGES = """
SELECT e.seq, e.at, e.data::text AS data,
       coalesce(a.merged_into, e.participant_id) AS participant_id,
       coalesce(m.display_name, a.display_name) AS display_name
  FROM room_events e
  LEFT JOIN attendees a ON a.id = e.participant_id
  LEFT JOIN attendees m ON m.id = a.merged_into
 WHERE e.show_id = $1 AND e.name = 'setlist_changed' AND e.seq > $2 AND e.seq < $3
   AND json_array_length(e.data -> 'entries') > 0
   AND ($4::text IS NULL OR EXISTS (
           SELECT FROM json_array_elements(e.data -> 'entries') changed
            WHERE changed ->> 'entry_id' = $4))
   AND ($5::uuid IS NULL OR $5 IN (e.participant_id, a.merged_into))
 ORDER BY e.seq {order} LIMIT $6
"""
_NEWEST_FIRST = _CHANGES.format(order="DESC")
_OLDEST_FIRST = _CHANGES.format(order="ASC")

_TITLES = """
SELECT changed ->> 'entry_id' AS entry_id, e.seq, changed -> 'after' ->> 'title' AS title
  FROM room_events e, json_array_elements(e.data -> 'entries') changed
 WHERE e.show_id = $1 AND e.name = 'setlist_changed' AND e.seq <= $2
   AND changed ->> 'entry_id' = ANY ($3::text[])
   AND changed -> 'after' ->> 'title' IS NOT NULL
 ORDER BY e.seq
"""

_NEWEST_DOCUMENT = """
SELECT seq, document FROM room_snapshots WHERE show_id = $1 AND seq <= $2
"""

_UPDATES = """
SELECT seq, yjs_update FROM room_events
 WHERE show_id = $1 AND seq > $2 AND seq <= $3 AND yjs_update IS NOT NULL
 ORDER BY seq LIMIT $4
"""

_HEAD = "SELECT coalesce(max(seq), 0) FROM room_events WHERE show_id = $1"
_SEQ_AT = "SELECT coalesce(max(seq), 0) FROM room_events WHERE show_id = $1 AND at <= $2"

_LOCKED = """
SELECT name = 'setlist_locked' FROM room_events
 WHERE show_id = $1 AND seq <= $2 AND name IN ('setlist_locked', 'setlist_unlocked')
 ORDER BY seq DESC LIMIT 1
"""

_PUBLISHED = """
SELECT min(seq) FROM room_events WHERE show_id = $1 AND name = 'show_status_changed'
"""

_PLAYED = """
SELECT p.id, p.song_id, p.section, p.ordinal, p.segue, p.entry_id,
       coalesce(p.printed_title, s.title) AS title
  FROM performances p JOIN songs s ON s.id = p.song_id
 WHERE p.show_id = $1 ORDER BY p.ordinal
"""

UPDATES_PAGE = 500
"""Updates read and applied at a time: a few milliseconds, then others get their turn."""

NEWEST = 2**62


class SetlistHistory:
    """Reads the events that made a setlist, and what an archive says was played."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def changes(self, show_id: str, wanted: HistoryFilter, limit: int) -> list[SetlistChange]:
        """Changes that can be told, in the order that is asked for."""
        rows = await self._pool.fetch(
            _OLDEST_FIRST if wanted.oldest_first else _NEWEST_FIRST,
            show_id,
            wanted.after_seq,
            wanted.before_seq if wanted.before_seq is not None else NEWEST,
            wanted.entry_id,
            wanted.participant_id,
            limit,
        )
        return [_change(row) for row in rows]

    async def change(self, show_id: str, seq: int) -> SetlistChange | None:
        """One change; ``None`` if the event is none."""
        found = await self.changes(
            show_id, HistoryFilter(after_seq=seq - 1, before_seq=seq + 1), limit=1
        )
        return found[0] if found else None

    async def titles(
        self, show_id: str, until_seq: int, entry_ids: Collection[str]
    ) -> dict[str, list[tuple[int, str]]]:
        """Titles that entries were given up to an event: (seq, title), oldest first."""
        given: dict[str, list[tuple[int, str]]] = {}
        for row in await self._pool.fetch(_TITLES, show_id, until_seq, list(entry_ids)):
            given.setdefault(row["entry_id"], []).append((row["seq"], row["title"]))
        return given

    async def head(self, show_id: str) -> int:
        """The newest event; 0 if there is none."""
        seq: int = await self._pool.fetchval(_HEAD, show_id)
        return seq

    async def seq_at(self, show_id: str, at: datetime) -> int:
        """The newest event at a moment; 0 before the first."""
        seq: int = await self._pool.fetchval(_SEQ_AT, show_id, at)
        return seq

    async def was_locked(self, show_id: str, seq: int) -> bool:
        """Whether only crew could edit after an event."""
        return bool(await self._pool.fetchval(_LOCKED, show_id, seq))

    async def published_seq(self, show_id: str) -> int | None:
        """The event with which the show stopped being a draft; ``None``: it has not."""
        seq: int | None = await self._pool.fetchval(_PUBLISHED, show_id)
        return seq

    async def updates_until(self, show_id: str, seq: int) -> AsyncIterator[list[bytes]]:
        """The Yjs updates up to an event, in order and in pages, from the newest stored document
        that is no newer."""
        after = 0
        stored = await self._pool.fetchrow(_NEWEST_DOCUMENT, show_id, seq)
        if stored is not None:
            after = stored["seq"]
            yield [stored["document"]]
        while rows := await self._pool.fetch(_UPDATES, show_id, after, seq, UPDATES_PAGE):
            yield [row["yjs_update"] for row in rows]
            after = rows[-1]["seq"]

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


def _change(row: Any) -> SetlistChange:
    return SetlistChange(
        seq=row["seq"],
        at=row["at"],
        participant_id=str(row["participant_id"]),
        display_name=row["display_name"],
        data=msgspec.json.decode(row["data"], type=SetlistChanged),
    )
