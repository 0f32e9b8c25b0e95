"""The routes of search, places and the catalogue."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from rooms.catalogue.records import Kind
from server.catalogue.addresses import FOLDERS
from server.pages.discover import catalogue_page, near_page, search_page
from server.pages.rendering import Pages
from server.pages.site import Site
from server.problems import ApiError
from server.services import AppServices, Services

AnyRequest = Request[Any, Any, Any]


def discover_routes(
    pages: Pages, site_of: Callable[[Services], Site]
) -> list[ControllerRouterHandler]:
    """Handlers for ``/search``, ``/near``, and a page for each artist, venue, tour and song."""

    async def found(request: AnyRequest, page: Awaitable[Response[Any]]) -> Response[Any]:
        """The page, or one that says that there is none."""
        try:
            return await page
        except ApiError as error:
            if error.status not in (404, 422):
                raise
            return pages.respond(request, "not_found.html", status=404)

    @get("/search", name="search", include_in_schema=False)
    async def search(request: AnyRequest, services: AppServices) -> Response[Any]:
        """What is called so."""
        return await found(request, search_page(site_of(services), request, services))

    @get("/near", name="near", include_in_schema=False)
    async def near(request: AnyRequest, services: AppServices) -> Response[Any]:
        """Shows near a place."""
        return await found(request, near_page(site_of(services), request, services))

    def of_kind(kind: Kind) -> ControllerRouterHandler:
        folder = FOLDERS[kind]

        @get(f"/{folder}/{{name:str}}", name=folder, include_in_schema=False)
        async def page(
            request: AnyRequest, name: FromPath[str], services: AppServices
        ) -> Response[Any]:
            """One of them."""
            site = site_of(services)
            return await found(request, catalogue_page(site, request, services, kind, name))

        return page

    return [search, near, *(of_kind(kind) for kind in FOLDERS)]
