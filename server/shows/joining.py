"""``/api/shows/{id}/ticket`` and ``/qr``: how people get into a room."""

from __future__ import annotations

import asyncio
import io
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import segno
from litestar import Controller, Request, Response, get, post
from litestar.params import JSONBody, QueryParameter

from rooms.show import Access
from server.paths import PathId
from server.security.authentication import CallerIdentity, Viewer
from server.services import AppServices, Services
from server.shows.attendance import is_crew
from server.shows.schemas import TicketBody, TicketView


class JoiningController(Controller):
    """Ways into a room."""

    path = "/api/shows/{show_id:str}"
    tags = ("shows",)

    @post("/ticket", operation_id="ticket", summary="A ticket for the room's socket")
    async def ticket(
        self,
        request: Request[Any, Any, Any],
        show_id: PathId,
        identity: CallerIdentity,
        services: AppServices,
        data: JSONBody[TicketBody | None] = None,
    ) -> Response[TicketView]:
        """201 with a ticket. The caller is an attendee of the show from now on."""
        show = str(show_id)

        async def produce(_: str) -> TicketView:
            code = data.join_code if data else None
            participant = await services.attendance.join(show, identity, code)
            issued = await services.tickets.issue(participant, show, identity.session_id)
            return TicketView(
                ticket=issued.ticket,
                url=f"{socket_origin(request, services)}/rooms/{show}?ticket={issued.ticket}",
                expires_at=issued.expires_at,
                participant_id=participant.participant_id,
                role=participant.role.value,
                admitted=participant.admitted,
            )

        return await services.idempotency.once(
            request, identity.account_id, produce, keeps_answer=False
        )

    @get("/qr", operation_id="qrCode", summary="The show's address as a QR code")
    async def qr(
        self,
        show_id: PathId,
        viewer: Viewer,
        services: AppServices,
        image_format: Annotated[Literal["png", "svg"], QueryParameter(name="format")] = "svg",
        scale: Annotated[int, QueryParameter(ge=1, le=40, description="pixels a module")] = 10,
    ) -> Response[bytes]:
        """PNG or SVG. For a show with a code, the crew's QR code holds it."""
        standing = await services.attendance.read(str(show_id), viewer)
        show = await services.shows.by_id_or_slug(str(show_id))
        address = f"{services.settings.public_url}/shows/{show.slug}"
        if standing.access is not Access.PUBLIC and is_crew(standing, viewer):
            address += f"?code={show.join_code}"
        image = await asyncio.to_thread(_draw, address, image_format, scale)
        media_type = "image/png" if image_format == "png" else "image/svg+xml"
        return Response(image, media_type=media_type, headers={"Cache-Control": "private"})


def _draw(address: str, image_format: str, scale: int) -> bytes:
    # Level M survives a crease and a ring of beer; the quiet zone of 4 is the standard's
    # (ISO/IEC 18004 §6.3.8).
    code = segno.make(address, error="m", micro=False)
    image = io.BytesIO()
    code.save(image, kind=image_format, scale=scale, border=4, light="white")
    return image.getvalue()


def socket_origin(request: Request[Any, Any, Any], services: Services) -> str:
    """Where this client finds the socket: the host that it has just reached us by."""
    host = request.headers.get("host")
    public = urlsplit(services.settings.public_url)
    secure = request.url.scheme == "https" or public.scheme == "https"
    return f"{'wss' if secure else 'ws'}://{host or public.netloc}"
