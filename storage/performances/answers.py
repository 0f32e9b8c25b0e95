"""Answering reviews of songs, and taking answers back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import asyncpg

from rooms.catalogue.names import normalised
from rooms.errors import Refused, unknown
from rooms.performances.records import DECIDED, ReviewStatus
from rooms.performances.reviews import Answer, NewSong, NoSong, ReviewRecord, SameSong
from storage.performances.context import read_performers
from storage.performances.nights import TITLE_CHARACTERS_MAX, artists_of, lock_night
from storage.performances.related import ask_those_again
from storage.performances.reviews import read_review
from storage.performances.statistics import Connection, count_statistics
from storage.shows.audit import write_audit

_SONG = "SELECT artist_id, title FROM songs WHERE id = $1"
_TITLED = "SELECT id FROM songs WHERE artist_id = $1 AND normalised_title = $2 LIMIT 1"
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('catalogue ' || $1, 0))"
_ADD = """
INSERT INTO songs (artist_id, title, normalised_title) VALUES ($1, $2, $3) RETURNING id
"""
_PLAYED = """
UPDATE performances SET song_id = $3, performer_id = $4, printed_title = $5
 WHERE show_id = $1 AND entry_id = $2
"""
_DECIDE = """
UPDATE song_reviews SET status = $2, song_id = $3, note = $4, decided_at = $5, decided_by = $6
 WHERE id = $1
"""
# A song that a review made, and that nothing else has come to rely on.
_REMOVE = """
DELETE FROM songs s WHERE s.id = $1 AND s.source_id IS NULL
   AND NOT EXISTS (SELECT FROM performances p WHERE p.song_id = s.id)
   AND NOT EXISTS (SELECT FROM song_reviews r WHERE r.song_id = s.id)
"""


class PostgresAnswers:
    """Writes answers."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def answer(
        self, review_id: str, answer: Answer, account_id: str, sees_all: bool, now: datetime
    ) -> ReviewRecord:
        """Gives an answer to a pending review. The same answer given again changes nothing.

        Raises:
            Refused: ``unknown_review`` (or not the caller's), ``review_decided``,
                ``unknown_song``, ``song_exists``, ``no_catalogue``.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            review = await _locked(connection, review_id, account_id, sees_all)
            if review.status in DECIDED and _is_same(review, answer):
                return review
            if review.status is not ReviewStatus.PENDING:
                raise Refused(
                    "review_decided", "Somebody has answered this already. Undo it first."
                )
            status, song_id, note = await _resolve(connection, review, answer)
            values = (review_id, status.value, song_id, note, now, account_id)
            await connection.execute(_DECIDE, *values)
            await _play(connection, review, song_id)
            await ask_those_again(connection, review, None, now)
            return await _told(connection, review, "answer_song_review", account_id, sees_all, now)

    async def undo(
        self, review_id: str, account_id: str, sees_all: bool, now: datetime
    ) -> ReviewRecord:
        """Takes the answer back: the review is pending again, a song made by it is gone.

        Raises:
            Refused: ``unknown_review``, ``review_not_decided``.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            review = await _locked(connection, review_id, account_id, sees_all)
            if review.status not in DECIDED:
                raise Refused("review_not_decided", "There is no answer to take back.")
            await connection.execute(
                _DECIDE, review_id, ReviewStatus.PENDING.value, None, None, None, None
            )
            await _play(connection, review, None)
            await ask_those_again(connection, review, review.song_id, now)
            if review.status is ReviewStatus.CREATED:
                await connection.execute(_REMOVE, review.song_id)
            return await _told(connection, review, "undo_song_review", account_id, sees_all, now)


async def _locked(
    connection: Connection, review_id: str, account_id: str, sees_all: bool
) -> ReviewRecord:
    """The review as it is once nobody else can change it."""
    found = await read_review(connection, review_id, account_id, sees_all)
    if found is not None:
        await lock_night(connection, found.show_id)
        found = await read_review(connection, review_id, account_id, sees_all)
    if found is None:
        raise unknown("review")
    return found


async def _resolve(
    connection: Connection, review: ReviewRecord, answer: Answer
) -> tuple[ReviewStatus, str | None, str | None]:
    """(status, song, note) of an answer."""
    match answer:
        case SameSong(song_id):
            if await connection.fetchrow(_SONG, song_id) is None:
                raise unknown("song")
            return ReviewStatus.MATCHED, song_id, None
        case NewSong(title):
            return ReviewStatus.CREATED, await _create(connection, review, title), None
        case NoSong(reason):
            return ReviewStatus.DISMISSED, None, reason


async def _create(connection: Connection, review: ReviewRecord, title: str) -> str:
    if review.artist_id is None:
        raise Refused("no_catalogue", "The show has no artist whose song this could be.")
    kept = title[:TITLE_CHARACTERS_MAX]
    await connection.execute(_LOCK, review.artist_id)
    if await connection.fetchval(_TITLED, review.artist_id, normalised(kept)) is not None:
        raise Refused("song_exists", "The catalogue has a song of this title. Choose that one.")
    return str(await connection.fetchval(_ADD, review.artist_id, kept, normalised(kept)))


async def _play(connection: Connection, review: ReviewRecord, song_id: str | None) -> None:
    """Sets the song of the review's performance and counts the artists concerned."""
    artists = await artists_of(connection, review.show_id)
    performer: str | None = None
    printed: str | None = review.title[:TITLE_CHARACTERS_MAX]
    song = await connection.fetchrow(_SONG, song_id) if song_id else None
    if song is not None:
        performers = await read_performers(connection, review.show_id)
        own = str(song["artist_id"]) in {artist.artist_id for artist in performers}
        performer = performers[0].artist_id if performers and not own else None
        same = normalised(song["title"]) == normalised(review.title)
        printed = None if same else printed
    await connection.execute(_PLAYED, review.show_id, review.entry_id, song_id, performer, printed)
    await count_statistics(connection, artists | await artists_of(connection, review.show_id))


async def _told(
    connection: Connection,
    before: ReviewRecord,
    action: str,
    account_id: str,
    sees_all: bool,
    now: datetime,
) -> ReviewRecord:
    """Writes who did it, and returns the review as it is now."""
    after = await read_review(connection, before.review_id, account_id, sees_all)
    assert after is not None, "it was read under the same lock"
    await write_audit(
        connection,
        at=now,
        show_id=before.show_id,
        account_id=account_id,
        action=action,
        subject=before.review_id,
        before=_said(before),
        after=_said(after),
    )
    return after


def _said(review: ReviewRecord) -> dict[str, Any]:
    return {
        "status": review.status.value,
        "entry_id": review.entry_id,
        "song_id": review.song_id,
        "note": review.note,
    }


def _is_same(review: ReviewRecord, answer: Answer) -> bool:
    match answer:
        case SameSong(song_id):
            return review.status is ReviewStatus.MATCHED and review.song_id == song_id
        case NewSong(title):
            return review.status is ReviewStatus.CREATED and review.song_title == title
        case NoSong(reason):
            return review.status is ReviewStatus.DISMISSED and review.note == reason
