"""Writes what was played at a show that is over: performances, reviews, statistics.

One transaction, and the same however often it is done: a performance's id follows from its show
and its entry. A lock on the show keeps a derivation and a decision about it apart.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import asyncpg
import msgspec

from rooms.performances.derive import derive, not_played
from rooms.performances.records import (
    Derived,
    EntryWord,
    FinalSetlist,
    NeededReview,
    NotArchived,
    ReviewDecision,
    ReviewStatus,
)
from storage.performances.context import read_context
from storage.performances.statistics import LOCK_TIMEOUT_MS, Connection, count_statistics

PERFORMANCE_NAMESPACE = UUID("5e7b2f7c-0c1f-4a52-9d55-6f1d3b1e9a07")
"""Namespace of the ids of performances. Never change it: ids are stored."""

TITLE_CHARACTERS_MAX = 300
ARTIST_CHARACTERS_MAX = 200

_SHOW = "SELECT status, source FROM shows WHERE id = $1"
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('performances ' || $1, 0))"

_DERIVED = """
INSERT INTO archived_nights AS n (show_id, seq) VALUES ($1, $2)
    ON CONFLICT (show_id) DO UPDATE SET seq = excluded.seq, derived_at = now()
 WHERE n.seq <= excluded.seq
RETURNING seq
"""

_DECISIONS = """
SELECT entry_id, title, original_artist, status, song_id FROM song_reviews WHERE show_id = $1
"""

_WORDS = """
SELECT DISTINCT ON (entry_id) entry_id, title, played FROM entry_verdicts
 WHERE show_id = $1 ORDER BY entry_id, at DESC
"""

# Whose statistics move: of those who played what stood here, and of those who play what stands.
_ARTISTS = """
SELECT DISTINCT coalesce(p.performer_id, s.artist_id) AS artist_id
  FROM performances p JOIN songs s ON s.id = p.song_id WHERE p.show_id = $1
"""

_THINK = "SET LOCAL idle_in_transaction_session_timeout = '60s'"

_CLEAR = "DELETE FROM performances WHERE show_id = $1"

_WRITE = """
INSERT INTO performances (id, show_id, song_id, ordinal, section, position, segue, printed_title,
                          entry_id, performer_id, original_artist, guests, note, started_at)
SELECT u.id, $1, u.song, u.ordinal, u.section, u.position, u.segue, u.printed, u.entry,
       u.performer, u.original, u.guests, u.note, u.started
  FROM unnest($2::uuid[], $3::uuid[], $4::smallint[], $5::text[], $6::smallint[], $7::boolean[],
              $8::text[], $9::text[], $10::uuid[], $11::text[], $12::text[], $13::text[],
              $14::timestamptz[])
       AS u (id, song, ordinal, section, position, segue, printed, entry, performer, original,
             guests, note, started)
"""

_ASK = """
INSERT INTO song_reviews AS r (show_id, entry_id, artist_id, title, original_artist, reason,
                               candidates)
SELECT $1, u.entry, u.artist, u.title, u.original, u.reason, u.candidates::json
  FROM unnest($2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[])
       AS u (entry, artist, title, original, reason, candidates)
    ON CONFLICT (show_id, entry_id) DO UPDATE
   SET artist_id = excluded.artist_id, title = excluded.title,
       original_artist = excluded.original_artist, reason = excluded.reason,
       candidates = excluded.candidates, status = 'pending', song_id = NULL, note = NULL,
       decided_at = NULL, decided_by = NULL
"""

_WITHDRAW = """
UPDATE song_reviews SET status = 'withdrawn'
 WHERE show_id = $1 AND status = 'pending' AND entry_id <> ALL ($2)
"""


class PostgresNights:
    """Turns setlists into performances (`jobs.performances.ports.Nights`)."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def archive(self, show_id: str, final: FinalSetlist) -> Derived | None:
        """Derives and writes what was played; replaces what was derived before.

        Returns:
            ``None`` if a later state of the setlist has been written already.

        Raises:
            NotArchived: there is nothing to derive.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await lock_night(connection, show_id)
            show = await connection.fetchrow(_SHOW, show_id)
            if show is None or show["status"] != "archived" or show["source"] is not None:
                raise NotArchived(show_id)
            if await connection.fetchval(_DERIVED, show_id, final.seq) is None:
                return None
            decisions = {
                decision.entry_id: decision
                for decision in map(_decision, await connection.fetch(_DECISIONS, show_id))
            }
            context = await read_context(
                connection, show_id, final.entries, (one.song_id for one in decisions.values())
            )
            struck = not_played(final, map(_word, await connection.fetch(_WORDS, show_id)))
            # Ranking candidates among thousands of songs takes a while (the worst known case, 300
            # entries that nobody knows, some seconds): not in the event loop.
            await connection.execute(_THINK)
            derived = await asyncio.to_thread(derive, final.entries, context, decisions, struck)
            artists = await artists_of(connection, show_id)
            await connection.execute(_CLEAR, show_id)
            await _write(connection, show_id, derived)
            await _ask(connection, show_id, derived.reviews)
            artists |= await artists_of(connection, show_id)
            await count_statistics(connection, artists)
        return derived


async def lock_night(connection: Connection, show_id: str) -> None:
    """Keeps others from deriving or deciding about this show until the transaction ends."""
    await connection.execute(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}")
    await connection.execute(_LOCK, show_id)


async def artists_of(connection: Connection, show_id: str) -> set[str]:
    """Artists whose statistics this show's performances are part of."""
    return {str(row["artist_id"]) for row in await connection.fetch(_ARTISTS, show_id)}


async def _write(connection: Connection, show_id: str, derived: Derived) -> None:
    played = derived.performances
    await connection.execute(
        _WRITE,
        show_id,
        [uuid5(PERFORMANCE_NAMESPACE, f"{show_id}:{one.entry_id}") for one in played],
        [one.song_id for one in played],
        [one.ordinal for one in played],
        [one.section for one in played],
        [one.position for one in played],
        [one.segue for one in played],
        [_cut(one.printed_title, TITLE_CHARACTERS_MAX) for one in played],
        [one.entry_id for one in played],
        [one.performer_id for one in played],
        [_cut(one.original_artist, ARTIST_CHARACTERS_MAX) for one in played],
        [one.guests for one in played],
        [one.note for one in played],
        [_moment(one.started_at) for one in played],
    )


async def _ask(connection: Connection, show_id: str, reviews: Sequence[NeededReview]) -> None:
    await connection.execute(
        _ASK,
        show_id,
        [review.entry_id for review in reviews],
        [review.artist_id for review in reviews],
        [review.title for review in reviews],
        [review.original_artist for review in reviews],
        [review.reason.value for review in reviews],
        [msgspec.json.encode(review.candidates).decode() for review in reviews],
    )
    await connection.execute(_WITHDRAW, show_id, [review.entry_id for review in reviews])


def _word(row: Any) -> EntryWord:
    return EntryWord(row["entry_id"], row["title"], row["played"])


def _decision(row: Any) -> ReviewDecision:
    return ReviewDecision(
        entry_id=row["entry_id"],
        title=row["title"],
        original_artist=row["original_artist"],
        status=ReviewStatus(row["status"]),
        song_id=str(row["song_id"]) if row["song_id"] else None,
    )


def _moment(text: str | None) -> datetime | None:
    # The guard lets RFC 3339 through alone; what an older document holds must not stop a night.
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def _cut(text: str | None, characters: int) -> str | None:
    return None if text is None else text[:characters]
