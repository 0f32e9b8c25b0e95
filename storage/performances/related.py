"""Other shows that an answer about a title concerns: they are derived again.

Whoever has named a song once has named it at every show that asks the same; and what rested on an
answer that was taken back is asked again.
"""

from __future__ import annotations

from datetime import datetime

from rooms.catalogue.names import title_key
from rooms.outbox import ARCHIVE_SHOW
from rooms.performances.reviews import ReviewRecord
from rooms.ports import OutboxRecord
from storage.outbox.entries import put_effects
from storage.performances.statistics import Connection

SHOWS_MAX = 500
"""Shows that one answer has derived again; the newest, the others wait for their own."""

_ASKING = """
SELECT show_id, title FROM song_reviews
 WHERE status = 'pending' AND artist_id = $1 AND show_id <> $2 ORDER BY id DESC LIMIT $3
"""

_RESTING = """
SELECT p.show_id, coalesce(p.printed_title, o.title) AS title
  FROM performances p JOIN songs o ON o.id = p.song_id JOIN shows s ON s.id = p.show_id
 WHERE p.song_id = $1 AND p.show_id <> $2 AND s.source IS NULL
 ORDER BY s.starts_at DESC LIMIT $3
"""


async def ask_those_again(
    connection: Connection, review: ReviewRecord, song_id: str | None, now: datetime
) -> None:
    """Has shows derived again that ask about the review's title, or play ``song_id`` under it."""
    found = []
    if review.artist_id is not None:
        found += await connection.fetch(_ASKING, review.artist_id, review.show_id, SHOWS_MAX)
    if song_id is not None:
        found += await connection.fetch(_RESTING, song_id, review.show_id, SHOWS_MAX)
    key = title_key(review.title)
    shows = {str(row["show_id"]) for row in found if title_key(row["title"]) == key}
    cause = f"{review.review_id}:{now.timestamp():.6f}"
    await put_effects(
        connection,
        (
            (show, OutboxRecord(ARCHIVE_SHOW, f"{ARCHIVE_SHOW}:{show}:{cause}", {"show_id": show}))
            for show in sorted(shows)
        ),
    )
