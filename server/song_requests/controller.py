"""``/api/shows/{id}/song-requests`` and ``/api/shows/{id}/songs``."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, MediaType, Request, Response, get
from litestar.params import FromQuery, QueryParameter

from rooms import limits
from rooms.song_requests.requests import RequestStatus
from server.conditional import has_tag
from server.paths import PathId
from server.security.authentication import Viewer
from server.services import AppServices
from server.song_requests.schemas import SongBookPage, SongChoicePage, SongRequestPage


class SongRequestsController(Controller):
    """What people wish for. Wishing, supporting and marking are commands of the room."""

    path = "/api/shows/{show_id:str}"
    tags = ("song requests",)

    @get("/song-requests", operation_id="songRequests", summary="A queue of song requests")
    async def page(
        self,
        show_id: PathId,
        viewer: Viewer,
        services: AppServices,
        round_id: FromQuery[UUID | None] = None,
        status: FromQuery[RequestStatus | None] = None,
        cursor: Annotated[str | None, QueryParameter(max_length=64)] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=limits.SONG_REQUESTS_PAGE_MAX)] = 50,
    ) -> SongRequestPage:
        """The standing queue, or that of a round, in the order in which it is fair to play it."""
        return await services.song_requests.page(
            str(show_id),
            viewer,
            round_id=None if round_id is None else str(round_id),
            status=status,
            cursor=cursor,
            limit=limit,
        )

    @get("/songs", operation_id="songsToRequest", summary="Songs that one may wish for")
    async def songs(
        self,
        request: Request[Any, Any, Any],
        show_id: PathId,
        viewer: Viewer,
        services: AppServices,
        q: Annotated[str | None, QueryParameter(max_length=limits.TITLE_CHARACTERS_MAX)] = None,
        limit: Annotated[int | None, QueryParameter(ge=1, le=limits.SUGGESTIONS_MAX)] = None,
    ) -> Response[SongChoicePage | SongBookPage]:
        """Of everybody in the line-up: what begins like ``q`` first; without ``q`` and ``limit``
        all of them at once, to be kept (``ETag``) and searched without a network."""
        if q is not None or limit is not None:
            found = await services.song_requests.songs(str(show_id), viewer, q or "", limit or 20)
            return Response(found)
        book = await services.song_books.of(str(show_id), viewer)
        headers = {
            "ETag": book.tag,
            "Cache-Control": "private, no-cache",
            "Vary": "Accept-Encoding",
        }
        if has_tag(request, book.tag):
            return Response(None, status_code=304, headers=headers)  # type: ignore[arg-type]
        body: Any = book.plain
        if "gzip" in request.headers.get("accept-encoding", ""):
            body = book.packed
            headers["Content-Encoding"] = "gzip"
        return Response(body, media_type=MediaType.JSON, headers=headers)
