"""Performances of shows, songs of artists, and the reviews of songs."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Controller, get, post
from litestar.params import FromQuery, JSONBody, QueryParameter

from rooms import limits
from rooms.performances.records import ReviewStatus
from server.paths import PathId
from server.performances.schemas import (
    PerformancePage,
    ReviewBody,
    ReviewPage,
    ReviewView,
    SongPage,
)
from server.performances.views import review_view
from server.security.authentication import CallerIdentity, Viewer
from server.services import AppServices


class PerformancesController(Controller):
    """What was played, and songs with their past."""

    path = "/api"
    tags = ("songs",)

    @get(
        "/shows/{show_id:str}/performances",
        operation_id="performances",
        summary="What was played at an archived show",
    )
    async def of_show(
        self, show_id: PathId, viewer: Viewer, services: AppServices
    ) -> PerformancePage:
        """The whole list in order, each song with what it had behind it that night."""
        return await services.songs.of_show(str(show_id), viewer)

    @get(
        "/artists/{artist_id:str}/songs",
        operation_id="artistSongs",
        summary="What an artist plays, with statistics",
    )
    async def of_artist(
        self,
        artist_id: PathId,
        services: AppServices,
        sort: Annotated[
            str, QueryParameter(pattern="^(times_played|last_played|title)$")
        ] = "title",
        cursor: Annotated[str | None, QueryParameter(max_length=1_000)] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=limits.SONGS_PAGE_MAX)] = 50,
    ) -> SongPage:
        """Own songs, never played ones too, and covers: most or latest first, or by title."""
        return await services.songs.of_artist(str(artist_id), sort, cursor, limit)


class SongReviewsController(Controller):
    """Entries of archived setlists whose song somebody must name."""

    path = "/api/reviews/songs"
    tags = ("songs",)

    @get("/", operation_id="songReviews", summary="Which songs were these?")
    async def find(
        self,
        identity: CallerIdentity,
        services: AppServices,
        status: FromQuery[ReviewStatus] = ReviewStatus.PENDING,
        show_id: FromQuery[UUID | None] = None,
        artist_id: FromQuery[UUID | None] = None,
        cursor: FromQuery[UUID | None] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=limits.REVIEWS_PAGE_MAX)] = 50,
    ) -> ReviewPage:
        """Of all shows for curators and admins; of their own for those who play or drive them."""
        page, next_cursor = await services.song_reviews.find(
            identity, status, show_id, artist_id, cursor, limit
        )
        return ReviewPage(items=[review_view(one) for one in page], next_cursor=next_cursor)

    @get("/{review_id:str}", operation_id="readSongReview", summary="One question")
    async def read(
        self, review_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> ReviewView:
        """The question, with its answer once there is one."""
        return review_view(await services.song_reviews.read(identity, str(review_id)))

    @post(
        "/{review_id:str}",
        operation_id="answerSongReview",
        summary="Name the song, make it, or dismiss the question",
        status_code=200,
    )
    async def answer(
        self,
        review_id: PathId,
        data: JSONBody[ReviewBody],
        identity: CallerIdentity,
        services: AppServices,
    ) -> ReviewView:
        """The performance and the statistics follow at once. Said again it changes nothing."""
        return review_view(await services.song_reviews.answer(identity, str(review_id), data))

    @post(
        "/{review_id:str}/undo",
        operation_id="undoSongReview",
        summary="Take an answer back",
        status_code=200,
    )
    async def undo(
        self, review_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> ReviewView:
        """The question is open again; a song that the answer made is gone."""
        return review_view(await services.song_reviews.undo(identity, str(review_id)))
