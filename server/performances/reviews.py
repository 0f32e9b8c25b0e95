"""Who may see and answer questions about songs, and with what."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from rooms.errors import unknown
from rooms.participants import Role
from rooms.performances.records import ReviewStatus
from rooms.performances.reviews import (
    Answer,
    NewSong,
    NoSong,
    ReviewFilter,
    ReviewRecord,
    SameSong,
)
from rooms.ports import Clock
from server.field_problems import FieldProblem
from server.performances.schemas import ReviewBody
from server.problems import invalid, not_allowed
from server.security.identity import Identity
from server.text import one_line
from storage.performances.answers import PostgresAnswers
from storage.performances.reviews import PostgresReviews

_EVERYWHERE: Final = frozenset({Role.CURATOR, Role.ADMIN})
"""Account roles that answer for every show; others for shows that they play or drive."""


class SongReviews:
    """Reviews."""

    def __init__(self, reviews: PostgresReviews, answers: PostgresAnswers, clock: Clock) -> None:
        self._reviews = reviews
        self._answers = answers
        self._clock = clock

    async def find(
        self,
        identity: Identity,
        status: ReviewStatus,
        show_id: UUID | None,
        artist_id: UUID | None,
        after: UUID | None,
        limit: int,
    ) -> tuple[list[ReviewRecord], str | None]:
        """A page of reviews that the caller may answer, and the cursor of the next.

        Raises:
            ApiError: ``not_allowed``: a guest.
        """
        found = await self._reviews.find(
            ReviewFilter(
                account_id=_member(identity),
                sees_all=identity.role in _EVERYWHERE,
                status=status,
                show_id=str(show_id) if show_id else None,
                artist_id=str(artist_id) if artist_id else None,
                after=str(after) if after else None,
                limit=limit + 1,
            )
        )
        page = found[:limit]
        return page, page[-1].review_id if len(found) > limit else None

    async def read(self, identity: Identity, review_id: str) -> ReviewRecord:
        """One review that the caller may answer.

        Raises:
            ApiError, Refused: ``not_allowed``, ``unknown_review``.
        """
        found = await self._reviews.read(review_id, _member(identity), identity.role in _EVERYWHERE)
        if found is None:
            raise unknown("review")
        return found

    async def answer(self, identity: Identity, review_id: str, body: ReviewBody) -> ReviewRecord:
        """Answers a review.

        Raises:
            ApiError, Refused: ``not_allowed``, ``validation_failed``, and those of the store.
        """
        review = await self.read(identity, review_id)
        return await self._answers.answer(
            review_id,
            _answer(body, review),
            identity.account_id,
            identity.role in _EVERYWHERE,
            self._clock.now(),
        )

    async def undo(self, identity: Identity, review_id: str) -> ReviewRecord:
        """Takes an answer back."""
        return await self._answers.undo(
            review_id, _member(identity), identity.role in _EVERYWHERE, self._clock.now()
        )


def _member(identity: Identity) -> str:
    if identity.guest:
        raise not_allowed("Sign in to answer questions about songs.")
    return identity.account_id


def _answer(body: ReviewBody, review: ReviewRecord) -> Answer:
    if sum((body.song_id is not None, body.create, body.dismiss)) != 1:
        detail = "Give exactly one of song_id, create and dismiss."
        raise invalid(FieldProblem("song_id", "one_of", detail))
    if body.song_id is not None:
        return SameSong(str(body.song_id))
    if body.create:
        title = one_line(review.title if body.title is None else body.title)
        if not title:
            raise invalid(FieldProblem("title", "empty", "A song needs a title."))
        return NewSong(title)
    reason = one_line(body.reason)
    if not reason:
        raise invalid(FieldProblem("reason", "empty", "Say why this is no song."))
    return NoSong(reason)
