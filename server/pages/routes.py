"""The routes of the pages; `server.app` mounts them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from server.cards.routes import card_routes
from server.pages.apps import app_routes
from server.pages.assets import ClientBuild, default_build
from server.pages.discover_routes import discover_routes
from server.pages.files import file_response
from server.pages.home import home_page
from server.pages.rendering import Pages
from server.pages.show import show_page
from server.pages.site import Site
from server.problems import ApiError
from server.security.authentication import Viewer
from server.services import AppServices

_NOT_PAGES = ("/api/", "/rooms/", "/schema", "/health/", "/metrics", "/webhooks/", "/assets/")
AnyRequest = Request[Any, Any, Any]


def routes(build: ClientBuild | None = None) -> list[ControllerRouterHandler]:
    """Handlers for ``/``, ``/shows/{slug}``, ``/assets/…`` and every other page.

    Args:
        build: the client's files; the ones beside this code by default. They are read when
            they are first asked for.
    """
    pages = Pages(build or default_build())
    sites: dict[str, Site] = {}

    def site_of(services: AppServices) -> Site:
        """One for each public address; a node has one."""
        public_url = services.settings.public_url
        return sites.setdefault(public_url, Site(pages, public_url))

    @get("/", name="home", include_in_schema=False)
    async def home(request: AnyRequest, services: AppServices) -> Response[bytes]:
        """Live now, coming, recent."""
        return await home_page(site_of(services), request, services)

    @get("/shows/{slug:str}", name="show", include_in_schema=False)
    async def show(
        request: AnyRequest, slug: FromPath[str], viewer: Viewer, services: AppServices
    ) -> Response[bytes]:
        """A room, or what was played."""
        try:
            return await show_page(pages, site_of(services), request, services, slug, viewer)
        except ApiError as error:
            if error.status != 404:
                raise
            return pages.respond(request, "not_found.html", status=404)

    @get("/assets/{name:str}", name="asset", include_in_schema=False)
    async def asset(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
        """One file of the client."""
        found = pages.build.files.get(name)
        if found is None:
            raise NotFoundException("There is no such file.")
        return file_response(request, found)

    @get("/favicon.ico", include_in_schema=False)
    async def favicon(request: AnyRequest) -> Response[bytes]:
        """Browsers ask for it whatever the page says."""
        found = pages.build.files.get("favicon.ico")
        if found is None:
            raise NotFoundException("There is no icon.")
        return file_response(request, found)

    @get("/{path:path}", name="elsewhere", include_in_schema=False)
    async def elsewhere(request: AnyRequest, path: FromPath[Path]) -> Response[bytes]:
        """A page for people, a problem for programs."""
        wants_page = "text/html" in request.headers.get("accept", "")
        if not wants_page or str(path).startswith(_NOT_PAGES):
            raise NotFoundException("There is nothing here.")
        return pages.respond(request, "not_found.html", status=404)

    return [
        home,
        show,
        asset,
        favicon,
        *discover_routes(pages, site_of),
        *card_routes(),
        *app_routes(pages),
        elsewhere,
    ]
