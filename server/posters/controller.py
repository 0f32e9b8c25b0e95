"""``GET /api/shows/{id}/poster``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from litestar import Controller, Request, Response, get
from litestar.params import QueryParameter

from server.conditional import has_tag
from server.paths import PathId
from server.security.authentication import CallerIdentity
from server.services import AppServices


class PosterController(Controller):
    """Posters."""

    path = "/api/shows/{show_id:str}/poster"
    tags = ("shows",)

    @get("/", operation_id="poster", summary="A poster to be printed", media_type="application/pdf")
    async def read(
        self,
        request: Request[Any, Any, Any],
        show_id: PathId,
        identity: CallerIdentity,
        services: AppServices,
        size: Annotated[Literal["a4", "letter", "a3"], QueryParameter()] = "a4",
        language: Annotated[Literal["en", "es"] | None, QueryParameter()] = None,
    ) -> Response[bytes]:
        """For crew, in the caller's own language where none is asked for. The same poster has the
        same bytes and the same ``ETag``."""
        if language is None:
            account = await services.people.profile(identity.account_id)
            language = "es" if account.language == "es" else "en"
        printed = await services.posters.of(str(show_id), identity, size, language)
        headers = {"ETag": printed.tag, "Cache-Control": "private, no-cache"}
        if has_tag(request, printed.tag):
            return Response(b"", status_code=304, headers=headers)
        headers["Content-Disposition"] = f'inline; filename="{printed.name}"'
        return Response(printed.pdf, media_type="application/pdf", headers=headers)
