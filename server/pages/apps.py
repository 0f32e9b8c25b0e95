"""Shells of the apps that need a script: control panel, account, displays, specimens.

A shell knows nothing of the person or the show. A display's token stands in the address's
fragment, which no browser sends.
"""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from server.mail.configuration import SANDBOX as MAIL_SANDBOX
from server.pages.assets import account_build, panel_build
from server.pages.files import file_response
from server.pages.installed import installed_routes
from server.pages.rendering import Pages
from server.services import AppServices
from server.settings import Settings

AnyRequest = Request[Any, Any, Any]


def trials_of(settings: Settings) -> str:
    """What is kept here instead of being sent, as the panel reads it: ``sms``, ``mail``."""
    kept = {
        "sms": settings.sms == "sandbox",
        "mail": settings.mail_url.reveal() == MAIL_SANDBOX,
    }
    return " ".join(name for name, is_kept in kept.items() if is_kept)


def app_routes(pages: Pages) -> list[ControllerRouterHandler]:
    """Handlers for the panel, invitations, the displays, the specimens, and their files."""
    build = panel_build()
    own = account_build()

    def shell(request: AnyRequest, app: str, trials: str = "") -> Response[bytes]:
        entry = build.entry_of(f"src/{app}/main.ts")
        return pages.respond(request, "app.html", entry=entry, build=build, app=app, trials=trials)

    @get(["/panel", "/panel/{path:path}"], name="panel", include_in_schema=False)
    async def panel(request: AnyRequest, services: AppServices) -> Response[bytes]:
        """The control panel; its own addresses are resolved by its script."""
        return shell(request, "panel", trials_of(services.settings))

    @get("/invitations/{token:str}", name="invitation", include_in_schema=False)
    async def invitation(request: AnyRequest, services: AppServices) -> Response[bytes]:
        """An invitation, read and answered in the control panel."""
        return shell(request, "panel", trials_of(services.settings))

    @get("/account", name="account", include_in_schema=False)
    async def account(request: AnyRequest) -> Response[bytes]:
        """One's own account."""
        entry = own.entry_of("src/account/main.ts")
        return pages.respond(request, "app.html", entry=entry, build=own, app="account")

    @get("/panel/assets/{name:str}", name="panel_asset", include_in_schema=False)
    async def panel_asset(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
        """One file of the panel."""
        found = build.files.get(name)
        if found is None:
            raise NotFoundException("There is no such file.")
        return file_response(request, found)

    @get("/stage/{display_id:str}", name="stage", include_in_schema=False)
    async def stage(request: AnyRequest) -> Response[bytes]:
        """The stage mode of one show."""
        return shell(request, "stage")

    @get("/screen/{display_id:str}", name="screen", include_in_schema=False)
    async def screen(request: AnyRequest) -> Response[bytes]:
        """The big screen of one show."""
        return shell(request, "screen")

    @get("/design", name="design", include_in_schema=False)
    async def design(request: AnyRequest) -> Response[bytes]:
        """Everything that the design system holds."""
        return shell(request, "design")

    return [
        panel,
        invitation,
        account,
        panel_asset,
        stage,
        screen,
        design,
        *installed_routes(pages),
    ]
