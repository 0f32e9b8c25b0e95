"""``/api/shows/{id}/stream``, ``/poll`` and ``/commands``."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Controller, MediaType, Request, Response, get, post
from litestar.params import JSONBody, QueryParameter
from litestar.types import Receive, Scope, Send

from rooms import limits
from rooms.displays.logins import login_of
from rooms.fanout import event_stream
from rooms.messages import CloseCode
from server.displays.displays import participant_of
from server.doors.polls import NOTHING_NEW, PollPlace, brief_place
from server.doors.schemas import CommandBody, CommandView, PollBody
from server.doors.streams import Place, Visitor
from server.paths import PathId
from server.problems import ApiError
from server.security.authentication import CallerIdentity, identity_of
from server.security.headers import be_terse
from server.security.identity import Identity
from server.security.tickets import TicketRefused
from server.services import AppServices, Services

Since = Annotated[int | None, QueryParameter(ge=0, le=2**53)]
Epoch = Annotated[str | None, QueryParameter(max_length=64)]
Opaque = Annotated[str | None, QueryParameter(max_length=256)]
Ticket = Annotated[str | None, QueryParameter(max_length=2048)]


class StreamResponse(Response[None]):
    """A response that a `Streams` writes."""

    def __init__(self, services: Services, show_id: str, who: Visitor, place: Place) -> None:
        super().__init__(None, media_type="text/event-stream")
        self._services = services
        self._show_id = show_id
        self._who = who
        self._place = place

    def to_asgi_response(self, *_: Any, **__: Any) -> Any:
        """The application that serves it, instead of one that knows its body."""

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            await self._services.streams.serve(
                scope, receive, send, self._show_id, self._who, self._place
            )

        return serve


class DoorsController(Controller):
    """A room without a socket."""

    path = "/api/shows/{show_id:str}"
    tags = ("room",)

    @get(
        "/stream",
        operation_id="streamRoom",
        summary="The room's messages as server-sent events",
        media_type="text/event-stream",
    )
    async def stream(
        self,
        show_id: PathId,
        request: Request[Any, Any, Any],
        services: AppServices,
        since: Since = None,
        epoch: Epoch = None,
        ticket: Ticket = None,
    ) -> StreamResponse:
        """From ``Last-Event-ID``, or ``since`` and ``epoch``, or the whole room."""
        _refuse_while_draining(services)
        last = event_stream.read_place(request.headers.get("Last-Event-ID", ""))
        place = Place(since, epoch) if last is None else Place(*last)
        who = await _visitor(services, str(show_id), ticket, request)
        return StreamResponse(services, str(show_id), who, place)

    @get("/poll", operation_id="pollRoom", summary="What is new in the room, or a wait for it")
    async def poll(
        self,
        show_id: PathId,
        request: Request[Any, Any, Any],
        services: AppServices,
        since: Since = None,
        epoch: Epoch = None,
        cursor: Opaque = None,
        wait_s: Annotated[float, QueryParameter(ge=0)] = 0.0,
        at: Opaque = None,
    ) -> Response[PollBody]:
        """Answers at once when there is news, else after up to ``wait_s`` (57) seconds.

        ``at`` is ``epoch`` and ``cursor`` with a full stop between them, in place of both and of
        ``since``; with it, nothing new is 204 without a body.
        """
        _refuse_while_draining(services)
        seconds = min(wait_s, limits.POLL_WAIT_S_MAX)
        brief = None if at is None else brief_place(at, seconds)
        place = brief or PollPlace(since, epoch, cursor, seconds)
        bearer = request.headers.get("Authorization")
        display = await services.displays.visitor(str(show_id), bearer)
        if display is not None:
            login = login_of(display.display_id)
            who = participant_of(display)
            answer = await services.polls.poll_as(str(show_id), who, login, place, bearer)
        else:
            identity = identity_of(request)
            answer = await services.polls.poll(str(show_id), identity, place, bearer)
        if answer == NOTHING_NEW:
            be_terse(request.scope)
            nothing: Any = None
            return Response(nothing, status_code=204)
        encoded: Any = answer
        return Response(encoded, media_type=MediaType.JSON)

    @post(
        "/commands",
        operation_id="giveCommand",
        summary="A command, as a socket takes it",
        status_code=200,
        request_max_body_size=limits.TEXT_FRAME_BYTES_MAX,
    )
    async def command(
        self,
        show_id: PathId,
        data: JSONBody[CommandBody],
        identity: CallerIdentity,
        services: AppServices,
    ) -> CommandView:
        """The ack, or a problem whose ``code`` is the reject's."""
        async with services.calls.enter(str(show_id), identity) as call:
            ack = await call.say(data.command_id, data.name, data.args)
        return CommandView(command_id=ack.command_id, seq=ack.seq, data=ack.data)


async def _visitor(
    services: Services, show_id: str, ticket: str | None, request: Request[Any, Any, Any]
) -> Visitor:
    """Who opens a stream: by a ticket, or as any other call."""
    if ticket is None:
        display = await services.displays.visitor(show_id, request.headers.get("Authorization"))
        if display is not None:
            login = login_of(display.display_id)
            return Visitor(participant_of(display), login, services.new_id(), by_ticket=False)
        identity: Identity = identity_of(request)
        participant = await services.attendance.join(show_id, identity)
        return Visitor(participant, identity.session_id, services.new_id(), by_ticket=False)
    try:
        grant = await services.all_tickets.redeem(ticket, show_id)
    except TicketRefused as refused:
        barred = refused.close_code in (CloseCode.NOT_ALLOWED, CloseCode.REMOVED)
        status = 403 if barred else 401
        raise ApiError(status, refused.code, "This ticket opens nothing here.") from None
    return Visitor(grant.participant, grant.session_id, grant.ticket_id, by_ticket=True)


def _refuse_while_draining(services: Services) -> None:
    """A proxy takes it to another node."""
    if services.draining:
        raise ApiError(503, "restarting", "This node is leaving.", retry_after_s=1)
