"""``/api/shows/{id}/setlist``: history, rollback, restore, undo."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Controller, get, post
from litestar.params import FromQuery, JSONBody, QueryParameter

from server.paths import PathId
from server.security.authentication import CallerIdentity, Viewer
from server.services import AppServices
from server.setlist.history_schemas import (
    HistoryOrder,
    HistoryPage,
    RestoreBody,
    RewriteView,
    RollbackBody,
    UndoBody,
)

HISTORY_PAGE_MAX = 200


class PastController(Controller):
    """A setlist's past."""

    path = "/api/shows/{show_id:str}/setlist"
    tags = ("setlist",)

    @get("/history", operation_id="setlistHistory", summary="Who changed what")
    async def history(
        self,
        show_id: PathId,
        viewer: Viewer,
        services: AppServices,
        cursor: Annotated[int | None, QueryParameter(ge=1, le=2**53)] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=HISTORY_PAGE_MAX)] = 50,
        order: FromQuery[HistoryOrder] = HistoryOrder.NEWEST,
        entry_id: Annotated[str | None, QueryParameter(max_length=64)] = None,
        participant_id: FromQuery[UUID | None] = None,
    ) -> HistoryPage:
        """Newest first, unless the oldest are asked for; of one entry or one participant."""
        return await services.histories.page(
            str(show_id),
            viewer,
            cursor=cursor,
            limit=limit,
            order=order,
            entry_id=entry_id,
            participant_id=str(participant_id) if participant_id else None,
        )

    @post("/rollback", operation_id="rollBackSetlist", status_code=200)
    async def roll_back(
        self,
        show_id: PathId,
        data: JSONBody[RollbackBody],
        identity: CallerIdentity,
        services: AppServices,
    ) -> RewriteView:
        """The whole list as it was after an event or at a moment; for crew and curators."""
        return await services.rewriting.roll_back(str(show_id), identity, data)

    @post("/restore", operation_id="restoreEntry", status_code=200)
    async def restore(
        self,
        show_id: PathId,
        data: JSONBody[RestoreBody],
        identity: CallerIdentity,
        services: AppServices,
    ) -> RewriteView:
        """One entry as it was after an event or at a moment; for whoever may edit."""
        return await services.rewriting.restore(str(show_id), identity, data)

    @post("/undo", operation_id="undoChange", status_code=200)
    async def undo(
        self,
        show_id: PathId,
        data: JSONBody[UndoBody],
        identity: CallerIdentity,
        services: AppServices,
    ) -> RewriteView:
        """What one change did, where nobody changed it since; for its author, crew, curators."""
        return await services.rewriting.undo(str(show_id), identity, data)
