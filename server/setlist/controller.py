"""``/api/shows/{id}/setlist`` and ``/suggestions``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from litestar import Controller, Response, get, post
from litestar.params import JSONBody, QueryParameter

from crdt.export import entries_as_dicts, entries_as_rows, entries_as_text
from rooms.limits import SUGGESTIONS_MAX
from server.moments import read_moment
from server.paths import PathId
from server.security.authentication import CallerIdentity, Viewer
from server.services import AppServices
from server.setlist.schemas import (
    DocumentBody,
    SetlistBody,
    SuggestionPage,
    SuggestionView,
    UpdateBody,
    UpdateView,
)
from server.setlist.setlists import Setlist
from server.spreadsheets import as_csv

At = Annotated[str | None, QueryParameter(max_length=64)]
Seq = Annotated[int | None, QueryParameter(ge=0, le=2**53)]
Base64 = Annotated[str | None, QueryParameter(max_length=100_000)]


ExportFormat = Annotated[Literal["json", "csv", "txt"], QueryParameter(name="format")]


class SetlistController(Controller):
    """A show's setlist."""

    path = "/api/shows/{show_id:str}/setlist"
    tags = ("setlist",)

    @get("/", operation_id="readSetlist", summary="The setlist as JSON, CSV or text")
    async def read(
        self,
        show_id: PathId,
        viewer: Viewer,
        services: AppServices,
        export_format: ExportFormat = "json",
        at: At = None,
        seq: Seq = None,
    ) -> Response[SetlistBody]:
        """In playing order. ``at``: as it was at a moment (RFC 3339); ``seq``: after an event."""
        moment = read_moment(at, "at") if at is not None else None
        setlist = await services.setlists.read(str(show_id), viewer, moment, seq)
        return _export(setlist, export_format)

    @get("/document", operation_id="readDocument", summary="The setlist as a Yjs update")
    async def document(
        self, show_id: PathId, viewer: Viewer, services: AppServices, state_vector: Base64 = None
    ) -> DocumentBody:
        """What a client with this state vector lacks."""
        return await services.setlists.document(str(show_id), viewer, state_vector)

    @post("/updates", operation_id="updateSetlist", status_code=200)
    async def update(
        self,
        show_id: PathId,
        data: JSONBody[UpdateBody],
        identity: CallerIdentity,
        services: AppServices,
    ) -> UpdateView:
        """200 once the Yjs update is durable; said again it changes nothing."""
        return await services.setlists.update(str(show_id), identity, data)


class SuggestionsController(Controller):
    """What may come next."""

    path = "/api/shows/{show_id:str}/suggestions"
    tags = ("setlist",)

    @get("/", operation_id="suggestions", summary="Songs that may come next, likeliest first")
    async def read(
        self,
        show_id: PathId,
        viewer: Viewer,
        services: AppServices,
        limit: Annotated[int, QueryParameter(ge=1, le=SUGGESTIONS_MAX)] = 8,
    ) -> SuggestionPage:
        """Of the headliner's songs; what was played tonight is left out."""
        setlist = await services.setlists.read(str(show_id), viewer)
        found = await services.suggestions.next_songs(str(show_id), setlist.entries, limit)
        return SuggestionPage(
            suggestions=[
                SuggestionView(song_id=song.song_id, title=song.title, probability=song.probability)
                for song in found
            ]
        )


def _export(setlist: Setlist, export_format: str) -> Response[Any]:
    match export_format:
        case "csv":
            header, *rows = entries_as_rows(setlist.entries)
            return _file(as_csv(header, rows), "text/csv", setlist.show_id, "csv")
        case "txt":
            return _file(entries_as_text(setlist.entries), "text/plain", setlist.show_id, "txt")
        case _:
            return Response(
                SetlistBody(
                    show_id=setlist.show_id,
                    seq=setlist.seq,
                    locked=setlist.locked,
                    entries=entries_as_dicts(setlist.entries),
                )
            )


def _file(text: str, media_type: str, show_id: str, suffix: str) -> Response[str]:
    return Response(
        text,
        media_type=media_type,
        headers={"Content-Disposition": f'inline; filename="setlist-{show_id}.{suffix}"'},
    )
