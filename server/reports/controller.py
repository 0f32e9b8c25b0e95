"""``/api/shows/{id}/report`` and ``/api/shows/{id}/analytics``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any, BinaryIO, Final, cast

from litestar import Controller, Request, Response, get
from litestar.params import QueryParameter
from litestar.response import Stream

from server.pages.texts import language_of
from server.paths import PathId
from server.reports.reports import Format
from server.reports.schemas import AnalyticsBody
from server.reports.streaming import AnalyticsStream, Follower
from server.reports.texts import Language, Part
from server.security.authentication import CallerIdentity
from server.services import AppServices

CHUNK_BYTES: Final = 64 * 1024


class ReportController(Controller):
    """A show's report."""

    path = "/api/shows/{show_id:str}"
    tags = ("after the show",)

    @get("/report", operation_id="report", summary="Attendees, votes, rounds, messages as files")
    async def report(
        self,
        request: Request[Any, Any, Any],
        show_id: PathId,
        identity: CallerIdentity,
        services: AppServices,
        file_format: Annotated[Format, QueryParameter(name="format")] = "csv",
        part: Annotated[Part | None, QueryParameter()] = None,
        language: Annotated[Language | None, QueryParameter()] = None,
    ) -> Stream:
        """For crew. As XLSX a sheet for each part; as CSV one part, the attendees where none is
        named. Numbers and addresses are masked to all but admins."""
        asked = language or language_of(request.headers.get("accept-language", ""))
        made = await services.reports.make(
            str(show_id), identity, file_format, part, cast(Language, asked)
        )
        return Stream(
            _chunks(made.file),
            media_type=made.media_type,
            headers={
                "Content-Disposition": f'attachment; filename="{made.name}"',
                "Content-Length": str(made.size_bytes),
                "Cache-Control": "private, no-store",
                "Vary": "Accept-Language",
            },
        )

    @get(
        "/analytics",
        operation_id="analytics",
        summary="A show in figures, once or as they become",
    )
    async def analytics(
        self,
        request: Request[Any, Any, Any],
        show_id: PathId,
        identity: CallerIdentity,
        services: AppServices,
    ) -> Response[AnalyticsBody] | AnalyticsStream:
        """For crew; brands of the show see them with small groups withheld. With
        ``Accept: text/event-stream`` again whenever they changed, until the show is archived."""
        viewing = await services.analytics.admit(str(show_id), identity)
        if "text/event-stream" in request.headers.get("accept", ""):
            services.analytics_streams.check_room()
            return AnalyticsStream(services.analytics_streams, Follower(identity, viewing))
        body = await services.analytics.of(viewing)
        return Response(body, headers={"Cache-Control": "private, no-store", "Vary": "Accept"})


async def _chunks(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield chunk
