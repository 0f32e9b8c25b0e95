"""A finished show's log, as fans saw it.

Only ``data`` is read here, and nothing of events that are crew's alone: ``crew_data`` is not for
a replay. Which chat lines were removed is
looked up in Python: PostgreSQL cannot look into JSON that holds U+0000.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import asyncpg
import msgspec
from msgspec import Struct

from rooms.events import CREW_ONLY_NAMES

_PUBLISHED = """
SELECT min(seq) FROM room_events WHERE show_id = $1 AND name = 'show_status_changed'
"""

_HEAD = "SELECT seq FROM rooms WHERE show_id = $1"

_SEQ_AT = "SELECT coalesce(max(seq), 0) FROM room_events WHERE show_id = $1 AND at <= $2"

_AT_SEQ = "SELECT at FROM room_events WHERE show_id = $1 AND seq = $2"

_REMOVED = """
SELECT data::text FROM room_events WHERE show_id = $1 AND name = 'chat_removed'
"""

_PAGE = """
SELECT seq, name, at, data::text AS data FROM room_events
 WHERE show_id = $1 AND seq > $2 AND name <> ALL ($4::text[]) ORDER BY seq LIMIT $3
"""

_COUNTS = """
SELECT name, count(*) AS events, min(at) AS first_at, max(at) AS last_at FROM room_events
 WHERE show_id = $1 AND seq >= $2 AND name <> ALL ($3::text[]) GROUP BY name ORDER BY name
"""

_MARKS = """
SELECT seq, name, at, data::text AS data FROM room_events
 WHERE show_id = $1 AND seq >= $2 AND name = ANY ($3::text[]) ORDER BY seq LIMIT $4
"""

REMOVED_NAME = "chat_removed"
_CHAT_NAME = "chat_posted"
_HIDDEN = sorted(CREW_ONLY_NAMES)


class LoggedEvent(Struct, frozen=True):
    """An event's public half. ``data`` is JSON as it was sent."""

    seq: int
    name: str
    at: datetime
    data: bytes


class EventCounts(Struct, frozen=True):
    """How many events of each name, and when the first and the last one were."""

    events: dict[str, int]
    first_at: datetime | None
    last_at: datetime | None


class _Chat(Struct):
    chat_message_id: str


_chat_id = msgspec.json.Decoder(_Chat).decode


class ReplayLog:
    """Reads what a replay is made of."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def bounds(self, show_id: str) -> tuple[int, int]:
        """The event with which the show was published (0: never) and the newest one (0: none)."""
        first = await self._pool.fetchval(_PUBLISHED, show_id)
        head = await self._pool.fetchval(_HEAD, show_id)
        return first or 0, head or 0

    async def seq_at(self, show_id: str, at: datetime) -> int:
        """The newest event at a moment; 0 before the first."""
        seq: int = await self._pool.fetchval(_SEQ_AT, show_id, at)
        return seq

    async def at_seq(self, show_id: str, seq: int) -> datetime | None:
        """The time of an event."""
        at: datetime | None = await self._pool.fetchval(_AT_SEQ, show_id, seq)
        return at

    async def removed_chat(self, show_id: str) -> frozenset[str]:
        """Ids of chat messages that were removed, at any time."""
        rows = await self._pool.fetch(_REMOVED, show_id)
        return frozenset(_chat_id(row["data"]).chat_message_id for row in rows)

    async def page(
        self, show_id: str, after_seq: int, limit: int, removed_chat: frozenset[str]
    ) -> tuple[list[LoggedEvent], int | None]:
        """Up to ``limit`` events after one, without removed chat and its removals.

        Returns:
            the events, and the seq to go on after; ``None`` at the end of the log.
        """
        rows = await self._pool.fetch(_PAGE, show_id, after_seq, limit + 1, _HIDDEN)
        page = rows[:limit]
        events = [_event(row) for row in page if _is_shown(row, removed_chat)]
        return events, page[-1]["seq"] if len(rows) > limit else None

    async def counts(self, show_id: str, from_seq: int) -> EventCounts:
        """Events from one on, by name."""
        rows = await self._pool.fetch(_COUNTS, show_id, from_seq, _HIDDEN)
        return EventCounts(
            events={row["name"]: row["events"] for row in rows},
            first_at=min((row["first_at"] for row in rows), default=None),
            last_at=max((row["last_at"] for row in rows), default=None),
        )

    async def named(
        self, show_id: str, from_seq: int, names: frozenset[str], limit: int
    ) -> list[LoggedEvent]:
        """The first events with one of these names, in order."""
        rows = await self._pool.fetch(_MARKS, show_id, from_seq, sorted(names), limit)
        return [_event(row) for row in rows]


def _is_shown(row: Any, removed_chat: frozenset[str]) -> bool:
    if row["name"] == REMOVED_NAME:
        return False
    if row["name"] != _CHAT_NAME or not removed_chat:
        return True
    return _chat_id(row["data"]).chat_message_id not in removed_chat


def _event(row: Any) -> LoggedEvent:
    return LoggedEvent(seq=row["seq"], name=row["name"], at=row["at"], data=row["data"].encode())
