"""``/api/shows/{id}/replay``."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from litestar import Controller, Request, Response, get
from litestar.params import QueryParameter
from msgspec import Struct

from server.moments import read_moment
from server.paths import PathId
from server.replay.replays import PAGE_MAX, Recording, Replays
from server.replay.schemas import ReplayPage, ReplayState
from server.security.authentication import Viewer
from server.services import AppServices

AnyRequest = Request[Any, Any, Any]
Seq = Annotated[int | None, QueryParameter(ge=0, le=2**53)]

FOREVER: Final = "max-age=86400, immutable"
"""What never changes; for a day, because a show may be taken back."""

ASK: Final = "no-cache"
"""Kept, and asked about each time: facts are edited, and crew corrects a closed show."""


class ReplayController(Controller):
    """A finished show, played again as fans saw it."""

    path = "/api/shows/{show_id:str}/replay"
    tags = ("replay",)

    @get("/", operation_id="replayEvents", summary="A finished show's events, page by page")
    async def events(
        self,
        request: AnyRequest,
        show_id: PathId,
        viewer: Viewer,
        services: AppServices,
        after_seq: Annotated[int, QueryParameter(ge=0, le=2**53)] = 0,
        limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 500,
    ) -> Response[ReplayPage]:
        """In order. The first page has the header: bounds, counts, marks for a scrubber."""
        replays: Replays = services.replays
        recording = await replays.recording(str(show_id), viewer)
        tag = recording.tag("events", after_seq, limit)
        if _has(request, tag):
            return _unchanged(recording, tag)
        page = await replays.page(recording, after_seq, limit)
        fixed = recording.is_over and after_seq > 0 and page.next_after_seq is not None
        return _answer(recording, tag, page, FOREVER if fixed else ASK)

    @get("/state", operation_id="replayState", summary="The room at a moment of a finished show")
    async def state(
        self,
        request: AnyRequest,
        show_id: PathId,
        viewer: Viewer,
        services: AppServices,
        seq: Seq = None,
        at: Annotated[str | None, QueryParameter(max_length=64)] = None,
    ) -> Response[ReplayState]:
        """As a fan who came then would have been welcomed; ``seq`` or ``at`` (RFC 3339)."""
        replays: Replays = services.replays
        recording = await replays.recording(str(show_id), viewer)
        moment = read_moment(at, "at") if at is not None else None
        found = await replays.seq_of(recording, seq, moment)
        tag = recording.tag("state", found)
        if _has(request, tag):
            return _unchanged(recording, tag)
        return _answer(recording, tag, await replays.state(recording, found), ASK)


def _answer(recording: Recording, tag: str, body: Struct, lasts: str) -> Response[Any]:
    return Response(
        msgspec.json.encode(body),
        media_type="application/json",
        headers=_headers(recording, tag, lasts),
    )


def _unchanged(recording: Recording, tag: str) -> Response[Any]:
    return Response(None, status_code=304, headers=_headers(recording, tag, ASK))


def _headers(recording: Recording, tag: str, lasts: str) -> dict[str, str]:
    """Everybody who may see it sees the same; of a private show nobody else may keep it."""
    whose = "public" if recording.is_public else "private"
    return {"ETag": tag, "Cache-Control": f"{whose}, {lasts}"}


def _has(request: AnyRequest, tag: str) -> bool:
    """Whether the caller has this answer already (RFC 9110 section 13.1.2)."""
    known = request.headers.get("if-none-match", "")
    return any(one.strip().removeprefix("W/") in (tag, "*") for one in known.split(","))
