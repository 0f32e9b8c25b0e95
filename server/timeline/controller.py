"""``/api/shows/{id}/timeline``."""

from __future__ import annotations

from typing import Annotated, Literal

from litestar import Controller, Response, get
from litestar.params import QueryParameter

from server.paths import PathId
from server.security.authentication import CallerIdentity
from server.services import AppServices
from server.spreadsheets import csv_file
from server.timeline.schemas import TimelineBody
from server.timeline.timelines import HEADER, table_of


class TimelineController(Controller):
    """How a night went."""

    path = "/api/shows/{show_id:str}/timeline"
    tags = ("after the show",)

    @get("/", operation_id="timeline", summary="Votes, chat, edits and people over the night")
    async def read(
        self,
        show_id: PathId,
        identity: CallerIdentity,
        services: AppServices,
        file_format: Annotated[Literal["json", "csv"], QueryParameter(name="format")] = "json",
    ) -> Response[TimelineBody]:
        """For crew, while the show is live and after it. At most 720 points."""
        timeline = await services.timelines.of(str(show_id), identity)
        if file_format == "csv":
            return csv_file(f"timeline-{show_id}", HEADER, table_of(timeline))
        return Response(timeline, headers={"Cache-Control": "private, no-store"})
