"""Reputations as their owners see them, and verdicts of sources, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg
import msgspec

from rooms.accuracy.ports import HistoryPlace, SettledRating
from rooms.accuracy.settlement import EntryVerdict
from rooms.accuracy.timeline import Song
from rooms.accuracy.weights import UNKNOWN, Reputation
from rooms.outbox import ARCHIVE_SHOW, SETTLE_RATINGS
from rooms.show import ShowStatus
from storage.accuracy.rated_shows import read_timeline
from storage.accuracy.rows import reputation_of, settlement_of

_REPUTATION = "SELECT agreements, disagreements, as_of FROM reputations WHERE account_id = $1"

_HISTORY = """
SELECT s.account_id, s.show_id, s.entry_id, s.agreed, s.settled_at, s.source, s.value, s.rated_at,
       s.title, shows.title AS show_title
  FROM settlements s JOIN shows ON shows.id = s.show_id
 WHERE s.account_id = $1
   AND ($2::timestamptz IS NULL
        OR (s.settled_at, s.show_id, s.entry_id) < ($2, $3::uuid, $4::text))
 ORDER BY s.settled_at DESC, s.show_id DESC, s.entry_id DESC LIMIT $5
"""

_PUT_VERDICT = """
INSERT INTO entry_verdicts (show_id, account_id, command_id, entry_id, title, song_id, played,
                            source, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (show_id, account_id, command_id) DO NOTHING RETURNING true
"""

_VERDICT = """
SELECT entry_id, played, source FROM entry_verdicts
 WHERE show_id = $1 AND account_id = $2 AND command_id = $3
"""

_PUT_AUDIT = """
INSERT INTO audit_log (show_id, account_id, action, subject, at, after)
VALUES ($1, $2, 'settle_entry', $3, $4, $5::json)
"""

_PUT_EFFECT = """
INSERT INTO outbox (show_id, kind, dedupe_key, payload) VALUES ($1, $2, $3, $4::json)
ON CONFLICT (dedupe_key) DO NOTHING
"""

# Held until the verdict is in: a show that is archived meanwhile is derived with it.
_STATUS = "SELECT status FROM shows WHERE id = $1 FOR SHARE"


class PostgresReputations:
    """`rooms.accuracy.ports.Reputations`."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def of(self, account_id: str) -> Reputation:
        """An account's reputation, as of when it was computed last."""
        row = await self._pool.fetchrow(_REPUTATION, account_id)
        return UNKNOWN if row is None else reputation_of(row)

    async def history(
        self, account_id: str, after: HistoryPlace | None, limit: int
    ) -> Sequence[SettledRating]:
        """What was settled of an account's ratings, newest first."""
        place = after or (None, None, None)
        rows = await self._pool.fetch(_HISTORY, account_id, *place, limit)
        return [
            SettledRating(
                show_id=str(row["show_id"]),
                show_title=row["show_title"],
                settlement=settlement_of(row),
            )
            for row in rows
        ]


class PostgresVerdicts:
    """`rooms.accuracy.ports.Verdicts`."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def song_in(self, show_id: str, entry_id: str) -> Song | None:
        """What stood in an entry last, also if it was removed since."""
        async with self._pool.acquire() as connection:
            timeline = await read_timeline(connection, show_id, entry_id)
        return timeline.last_song(entry_id)

    async def put(self, show_id: str, verdict: EntryVerdict, source: str, command_id: str) -> bool:
        """Keeps a verdict; the same command again changes nothing. Whether it is what was said
        under this ``command_id``."""
        async with self._pool.acquire() as connection, connection.transaction():
            new = await connection.fetchval(
                _PUT_VERDICT,
                show_id,
                verdict.account_id,
                command_id,
                verdict.entry_id,
                verdict.song.title,
                verdict.song.song_id,
                verdict.played,
                source,
                verdict.at,
            )
            if not new:
                key = (show_id, verdict.account_id, command_id)
                said_before = await connection.fetchrow(_VERDICT, *key)
                return tuple(said_before) == (verdict.entry_id, verdict.played, source)
            said = msgspec.json.encode({"played": verdict.played, "source": source}).decode()
            await connection.execute(
                _PUT_AUDIT, show_id, verdict.account_id, verdict.entry_id, verdict.at, said
            )
            dedupe_key = f"{SETTLE_RATINGS}:{show_id}:{verdict.account_id}:{command_id}"
            payload = msgspec.json.encode({"show_id": show_id}).decode()
            await connection.execute(_PUT_EFFECT, show_id, SETTLE_RATINGS, dedupe_key, payload)
            if await connection.fetchval(_STATUS, show_id) == ShowStatus.ARCHIVED:
                dedupe_key = f"{ARCHIVE_SHOW}:{show_id}:{verdict.account_id}:{command_id}"
                await connection.execute(_PUT_EFFECT, show_id, ARCHIVE_SHOW, dedupe_key, payload)
            return True
