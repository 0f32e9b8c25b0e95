"""The composition root of a web node: everything is made, joined and ended here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import structlog
from litestar import Litestar
from litestar.config.cors import CORSConfig
from litestar.di import Provide
from litestar.openapi.config import OpenAPIConfig
from litestar.types import ControllerRouterHandler

from server.accounts.controller import AuthController
from server.accounts.own_controller import MeController, OwnAccountController
from server.accuracy.controller import AccuracyController
from server.assembly import assemble
from server.blank_queries import BlankQueryMiddleware
from server.catalogue.controller import CatalogueController, FindingController
from server.displays.controller import DisplaysController, ShowDisplaysController
from server.doors.controller import DoorsController
from server.doors.seated import SeatedPollMiddleware
from server.health import HealthController
from server.mail.controller import MAIL_HANDLERS
from server.messaging.controller import (
    BroadcastsController,
    MessagesController,
    ShowMessagesController,
)
from server.messaging.status_door import message_status
from server.metrics import Metrics, MetricsMiddleware
from server.metrics_page import metrics_page
from server.openapi import JsonDocument, YamlDocument
from server.operations.controller import OperationsController
from server.operations.nodes_controller import NodesController
from server.pages import routes as page_routes
from server.performances.controller import PerformancesController, SongReviewsController
from server.posters.controller import PosterController
from server.problems import exception_handlers
from server.replay.controller import ReplayController
from server.reports.controller import ReportController
from server.rooms.front import RoomsFirst
from server.rooms.routes import socket_route
from server.rounds.controller import (
    NightController,
    RoundsController,
    ShowRoundsController,
    TourController,
)
from server.rounds.results import ResultsController
from server.rounds.scrutiny_controller import ScrutinyController
from server.sandbox.controller import SandboxMailController, SandboxPhonesController
from server.sandbox.twilio_controller import TwilioController
from server.security.authentication import AuthenticationMiddleware, identity_of, viewer_of
from server.security.headers import REQUEST_ID, RequestLogMiddleware, response_headers
from server.services import provide_services
from server.setlist.controller import SetlistController, SuggestionsController
from server.setlist.past_controller import PastController
from server.settings import Settings
from server.shows.check_in_controller import CheckInController
from server.shows.controller import ShowsController
from server.shows.crew import CrewController
from server.shows.invitations import InvitationsController, ShowInvitationsController
from server.shows.joining import JoiningController
from server.shows.line_up import ClaimsController, LineUpController
from server.shows.participants import ParticipantsController
from server.shows.short_addresses import short_address
from server.sms.controller import PhonesController, inbound_sms
from server.sms.page import link_page
from server.sms.webhook import SmsWebhookMiddleware
from server.song_requests.controller import SongRequestsController
from server.telemetry.tracing_of import traces_of
from server.timeline.controller import TimelineController

BODY_BYTES_MAX = 256 * 1024
"""The largest body is a Yjs update of 64 KiB in base64; a crew list comes next."""

log = structlog.get_logger(__name__)

HANDLERS: tuple[ControllerRouterHandler, ...] = (
    AuthController,
    OwnAccountController,
    MeController,
    *MAIL_HANDLERS,
    ShowsController,
    LineUpController,
    InvitationsController,
    ShowInvitationsController,
    ClaimsController,
    CrewController,
    ParticipantsController,
    JoiningController,
    CheckInController,
    short_address(),
    PosterController,
    ShowDisplaysController,
    DisplaysController,
    ShowRoundsController,
    RoundsController,
    ScrutinyController,
    ResultsController,
    TimelineController,
    ReportController,
    NightController,
    TourController,
    SetlistController,
    PastController,
    ReplayController,
    SuggestionsController,
    SongRequestsController,
    AccuracyController,
    inbound_sms,
    PhonesController,
    *link_page(),
    PerformancesController,
    SongReviewsController,
    FindingController,
    CatalogueController,
    DoorsController,
    TwilioController,
    SandboxPhonesController,
    SandboxMailController,
    OperationsController,
    NodesController,
    ShowMessagesController,
    BroadcastsController,
    MessagesController,
    message_status,
    HealthController,
    metrics_page,
)


def create_app(settings: Settings) -> Litestar:
    """A web node for these settings. Nothing is opened before its lifespan begins.

    ``app.state.services`` holds the `server.services.Services`; ``app.state.retire`` says that the
    node is leaving, and ``app.state.drain`` sends the sockets away before the server stops.
    """
    metrics = Metrics()
    traces = traces_of(settings)

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if traces is not None:
                stack.push_async_callback(traces.close)
            services, door = await assemble(settings, metrics, stack, traces)
            app.state.services = services

            def retire() -> None:
                services.draining = True
                services.report_soon()
                door.retire()

            async def drain() -> None:
                retire()
                await door.drain()

            app.state.retire = retire
            app.state.drain = drain
            app.state.door = door
            app.register(socket_route(door))
            log.info("node_ready", node=settings.node_name)
            yield

    https = settings.public_url.startswith("https:")
    return RoomsFirst(
        metrics=metrics,
        https=https,
        follow=None if traces is None else traces.calls.follow,
        route_handlers=[*HANDLERS, *page_routes()],
        lifespan=[lifespan],
        dependencies={
            "services": Provide(provide_services, sync_to_thread=False),
            "identity": Provide(identity_of, sync_to_thread=False),
            "viewer": Provide(viewer_of, sync_to_thread=False),
        },
        middleware=[
            RequestLogMiddleware(),
            *([] if traces is None else [traces.middleware()]),
            BlankQueryMiddleware(),
            MetricsMiddleware(metrics),
            SeatedPollMiddleware(),
            SmsWebhookMiddleware(),
            AuthenticationMiddleware(),
        ],
        before_send=[response_headers(https=https)],
        exception_handlers=exception_handlers(),
        cors_config=_cors(settings),
        openapi_config=OpenAPIConfig(
            title="Setroom",
            version="1",
            summary="The live room of every show",
            path="/schema",
            render_plugins=[JsonDocument(path=["/", "/openapi.json"]), YamlDocument()],
            use_handler_docstrings=True,
        ),
        request_max_body_size=BODY_BYTES_MAX,
        debug=False,
        logging_config=None,
        pdb_on_exception=False,
    )


def _cors(settings: Settings) -> CORSConfig | None:
    """Other origins may call the API with a bearer token. Never with the cookie."""
    if not settings.allowed_origins:
        return None
    return CORSConfig(
        allow_origins=sorted(settings.origins),
        allow_methods=["GET", "POST", "PUT", "DELETE", "OPTIONS"],
        allow_headers=[
            "Authorization",
            "Content-Type",
            "Idempotency-Key",
            "Last-Event-ID",
            "X-Setroom-Device",
            REQUEST_ID,
        ],
        expose_headers=["Retry-After", "Idempotent-Replayed", REQUEST_ID],
        allow_credentials=False,
        max_age=3600,
    )
