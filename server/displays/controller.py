"""``/api/shows/{id}/displays`` and ``/api/displays/{id}``."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Request, Response, delete, get, post
from litestar.params import JSONBody

from rooms.displays.ports import DisplayRecord
from rooms.participants import DisplayKind
from server.displays.facts import DisplayFacts
from server.displays.schemas import (
    DisplayPage,
    DisplayTicketView,
    DisplayView,
    MadeDisplayView,
    NewDisplayBody,
)
from server.displays.turnout import TurnoutView
from server.paths import PathId
from server.rate_limits import DISPLAY_CALLS
from server.security.authentication import CallerIdentity
from server.services import AppServices, Services
from server.shows.joining import socket_origin

_PATHS = {DisplayKind.STAGE: "stage", DisplayKind.BIG_SCREEN: "screen"}
AnyRequest = Request[Any, Any, Any]


class ShowDisplaysController(Controller):
    """A show's displays, for its crew."""

    path = "/api/shows/{show_id:str}/displays"
    tags = ("displays",)

    @post("/", operation_id="makeDisplay", summary="A screen with an address of its own")
    async def make(
        self,
        request: AnyRequest,
        show_id: PathId,
        data: JSONBody[NewDisplayBody],
        identity: CallerIdentity,
        services: AppServices,
    ) -> Response[MadeDisplayView]:
        """201 with the token, which is shown this once."""

        async def produce(creation_id: str) -> MadeDisplayView:
            made = await services.displays.make(
                creation_id, str(show_id), identity, data.kind, data.name
            )
            display, token = made.display, made.token.text
            path = f"{_PATHS[display.kind]}/{display.display_id}"
            return MadeDisplayView(
                id=display.display_id,
                show_id=display.show_id,
                kind=display.kind,
                name=display.name,
                token=token,
                url=f"{services.settings.public_url}/{path}#{token}",
                created_at=display.created_at,
            )

        return await services.idempotency.once(
            request, identity.account_id, produce, keeps_answer=False
        )

    @get("/", operation_id="displays", summary="The show's displays")
    async def read(
        self, show_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> DisplayPage:
        """Those in use first."""
        found = await services.displays.of_show(str(show_id), identity)
        return DisplayPage(items=[_view(display) for display in found])


class DisplaysController(Controller):
    """One display: ended by the crew, and what it asks for itself."""

    path = "/api/displays/{display_id:str}"
    tags = ("displays",)

    @delete("/", operation_id="revokeDisplay", status_code=204, summary="End a display")
    async def revoke(
        self, display_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> None:
        """204; its connections close with 4403 on every node."""
        await services.displays.revoke(str(display_id), identity)

    @post("/ticket", operation_id="displayTicket", summary="A ticket for the room's socket")
    async def ticket(
        self, request: AnyRequest, display_id: PathId, services: AppServices
    ) -> DisplayTicketView:
        """201 with a ticket. ``Authorization: Bearer`` and the display's token."""
        display = await _caller(services, request, str(display_id))
        issued = await services.display_tickets.issue(display)
        origin = socket_origin(request, services)
        return DisplayTicketView(
            ticket=issued.ticket,
            url=f"{origin}/rooms/{display.show_id}?ticket={issued.ticket}",
            expires_at=issued.expires_at,
        )

    @get("/facts", operation_id="displayFacts", summary="How people get in, for the screen")
    async def facts(
        self, request: AnyRequest, display_id: PathId, services: AppServices
    ) -> DisplayFacts:
        """``Authorization: Bearer`` and the display's token."""
        return await services.display_facts.of(await _caller(services, request, str(display_id)))

    @get("/turnout", operation_id="displayTurnout", summary="How many have voted, no more")
    async def turnout(
        self, request: AnyRequest, display_id: PathId, services: AppServices
    ) -> TurnoutView:
        """``Authorization: Bearer`` and the display's token."""
        return await services.turnout.of(await _caller(services, request, str(display_id)))


async def _caller(services: Services, request: AnyRequest, display_id: str) -> DisplayRecord:
    display = await services.displays.known(display_id, request.headers.get("Authorization"))
    await services.limits.hit(DISPLAY_CALLS, display.display_id)
    return display


def _view(display: DisplayRecord) -> DisplayView:
    return DisplayView(
        id=display.display_id,
        kind=display.kind,
        name=display.name,
        created_at=display.created_at,
        last_seen_at=display.last_seen_at,
        revoked_at=display.revoked_at,
    )
