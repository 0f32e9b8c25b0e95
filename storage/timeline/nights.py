"""Reads a night for its timeline: from the log, the ballots and the head counts."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import asyncpg
import msgspec
from msgspec import Struct

from rooms.events import ShowStatusChanged
from rooms.participants import SYSTEM
from rooms.rounds.counting.patterns import WITHDRAWN
from rooms.show import ShowStatus
from rooms.timeline.buckets import Buckets

COUNTED: Final = {
    "chat_posted": "chat",
    "setlist_changed": "edits",
    "song_requested": "requests",
}
"""Events that are counted → what they are in a timeline."""

MARKED: Final = (
    "announcement_posted",
    "now_playing_changed",
    "round_closed",
    "round_opened",
    "setlist_locked",
    "setlist_sealed",
    "setlist_unlocked",
    "show_status_changed",
)
"""Events that stand at their moment."""

MARKS_MAX: Final = 500
"""Marks of one timeline, the first of the night."""

_STATUS = """
SELECT at, data::text AS data FROM room_events
 WHERE show_id = $1 AND name = 'show_status_changed' ORDER BY seq
"""

_EVENTS = """
SELECT name, (extract(epoch FROM at - $2::timestamptz) / $4::int)::float8 AS place,
       count(*) AS events
  FROM (SELECT name, date_bin(make_interval(secs => $4::int), at, $2::timestamptz) AS at
          FROM room_events
         WHERE show_id = $1 AND at >= $2 AND at <= $3 AND name = ANY ($5::text[])
           AND participant_id <> $6) AS binned
 GROUP BY name, at
"""

_VOTES = """
SELECT (extract(epoch FROM at - $2::timestamptz) / $4::int)::float8 AS place, count(*) AS votes
  FROM (SELECT date_bin(make_interval(secs => $4::int), b.cast_at, $2::timestamptz) AS at
          FROM rounds r JOIN ballots b ON b.round_id = r.id
         WHERE r.show_id = $1 AND b.cast_at >= $2 AND b.cast_at <= $3
           AND b.pattern <> $5) AS binned
 GROUP BY at
"""

_HEAD_COUNTS = """
SELECT minute, participants FROM head_counts
 WHERE show_id = $1 AND minute >= $2 AND minute <= $3 ORDER BY minute
"""

_MARKS = """
SELECT name, at, data::text AS data FROM room_events
 WHERE show_id = $1 AND at >= $2 AND at <= $3 AND name = ANY ($4::text[]) ORDER BY seq LIMIT $5
"""


class MarkedEvent(Struct, frozen=True):
    """An event that stands in a timeline. ``data`` is JSON as everybody got it."""

    name: str
    at: datetime
    data: bytes


class NightCounts(Struct, frozen=True):
    """(piece, how many) by what is counted; head counts by minute."""

    votes: list[tuple[int, int]]
    chat: list[tuple[int, int]]
    edits: list[tuple[int, int]]
    requests: list[tuple[int, int]]
    head_counts: list[tuple[datetime, int]]


class Nights:
    """Reads nights."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def live_from_to(self, show_id: str) -> tuple[datetime | None, datetime | None]:
        """When the show went live, and when it no longer was; ``None``: not yet."""
        began = ended = None
        for row in await self._pool.fetch(_STATUS, show_id):
            said = msgspec.json.decode(row["data"], type=ShowStatusChanged)
            if said.status is ShowStatus.LIVE:
                began = row["at"]
            elif said.previous is ShowStatus.LIVE:
                ended = row["at"]
        return began, ended

    async def counts(self, show_id: str, buckets: Buckets) -> NightCounts:
        """How much happened in each piece of a night."""
        span = (show_id, buckets.starts_at, buckets.ends_at)
        counted: dict[str, list[tuple[int, int]]] = {kind: [] for kind in COUNTED.values()}
        rows = await self._pool.fetch(
            _EVENTS, *span, buckets.bucket_s, list(COUNTED), SYSTEM.participant_id
        )
        for name, place, events in rows:
            counted[COUNTED[name]].append((round(place), events))
        votes = await self._pool.fetch(_VOTES, *span, buckets.bucket_s, WITHDRAWN)
        heads = await self._pool.fetch(_HEAD_COUNTS, *span)
        return NightCounts(
            votes=[(round(place), many) for place, many in votes],
            head_counts=[(minute, participants) for minute, participants in heads],
            **counted,
        )

    async def marks(self, show_id: str, since: datetime, until: datetime) -> list[MarkedEvent]:
        """What stands in the timeline at its moment, in order."""
        rows = await self._pool.fetch(_MARKS, show_id, since, until, list(MARKED), MARKS_MAX)
        return [MarkedEvent(row["name"], row["at"], row["data"].encode()) for row in rows]
