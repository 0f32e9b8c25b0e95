"""Reviews of songs: the queue, its answers, and taking them back.

An answer moves the performance, the statistics and the audit log in one transaction, under the
lock that derivations of the show take as well.
"""

from __future__ import annotations

from typing import Any

import asyncpg
import msgspec

from rooms.performances.records import Candidate, ReviewStatus
from rooms.performances.reviews import ReviewFilter, ReviewRecord
from storage.performances.statistics import Connection

REVIEW = """
SELECT r.*, r.candidates::text AS candidates_json, s.slug, s.title AS show_title, s.starts_at,
       a.name AS artist_name, o.title AS song_title
  FROM song_reviews r JOIN shows s ON s.id = r.show_id
  LEFT JOIN artists a ON a.id = r.artist_id LEFT JOIN songs o ON o.id = r.song_id
"""

# The artist of the show: who put it on or drives it, or has claimed an artist of its line-up.
MAY_ANSWER = """
(s.owner_id = $1
 OR EXISTS (SELECT FROM crew c WHERE c.show_id = s.id AND c.account_id = $1
                AND c.role IN ('artist', 'admin', 'curator'))
 OR EXISTS (SELECT FROM line_up l JOIN artists p ON p.id = l.artist_id
             WHERE l.show_id = s.id AND l.status <> 'declined' AND p.claimed_by = $1))
"""

_FIND = f"""
{REVIEW}
 WHERE r.status = $3 AND ($2 OR {MAY_ANSWER})
   AND ($4::uuid IS NULL OR r.show_id = $4) AND ($5::uuid IS NULL OR r.artist_id = $5)
   AND ($6::uuid IS NULL OR r.id > $6)
 ORDER BY r.id LIMIT $7
"""

_ONE = f"{REVIEW} WHERE r.id = $3 AND ($2 OR {MAY_ANSWER})"

_candidates = msgspec.json.Decoder(tuple[Candidate, ...])


class PostgresReviews:
    """Reads the queue."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def find(self, wanted: ReviewFilter) -> list[ReviewRecord]:
        """A page of reviews that the account may answer."""
        rows = await self._pool.fetch(
            _FIND,
            wanted.account_id,
            wanted.sees_all,
            wanted.status.value,
            wanted.show_id,
            wanted.artist_id,
            wanted.after,
            wanted.limit,
        )
        return [review_of(row) for row in rows]

    async def read(self, review_id: str, account_id: str, sees_all: bool) -> ReviewRecord | None:
        """One review, if the account may answer it."""
        return await read_review(self._pool, review_id, account_id, sees_all)


async def read_review(
    source: Connection | asyncpg.Pool[Any], review_id: str, account_id: str, sees_all: bool
) -> ReviewRecord | None:
    """One review, if the account may answer it."""
    row = await source.fetchrow(_ONE, account_id, sees_all, review_id)
    return review_of(row) if row else None


def review_of(row: Any) -> ReviewRecord:
    """A row of `REVIEW`."""
    return ReviewRecord(
        review_id=str(row["id"]),
        show_id=str(row["show_id"]),
        show_slug=row["slug"],
        show_title=row["show_title"],
        starts_at=row["starts_at"],
        entry_id=row["entry_id"],
        title=row["title"],
        original_artist=row["original_artist"],
        artist_id=_text(row["artist_id"]),
        artist_name=row["artist_name"],
        reason=row["reason"],
        candidates=_candidates.decode(row["candidates_json"]),
        status=ReviewStatus(row["status"]),
        created_at=row["created_at"],
        song_id=_text(row["song_id"]),
        song_title=row["song_title"],
        note=row["note"],
        decided_at=row["decided_at"],
        decided_by=_text(row["decided_by"]),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
