"""Messages and broadcasts over HTTP: ``/api/shows/{id}/messages`` and what belongs to it."""

from __future__ import annotations

from typing import Annotated, Any, cast
from uuid import UUID

from litestar import Controller, Request, Response, get, post
from litestar.params import FromQuery, JSONBody, QueryParameter

from rooms import limits
from rooms.messaging.audience import CREW_MESSAGES_MAX
from rooms.messaging.broadcasts import Audience
from rooms.messaging.kinds import BROADCAST_KINDS, Channel, MessageKind
from rooms.messaging.lists import MessageFilter
from rooms.messaging.previews import untimely
from rooms.messaging.quiet import QUIET_FROM, QUIET_TO
from rooms.messaging.states import MessageState
from rooms.messaging.texts import VARIABLES
from rooms.messaging.windows import NIGHT_KINDS
from rooms.participants import Role
from rooms.sms.languages import Language
from server.cursors import read_cursor, write_cursor
from server.messaging.previewing import Wish
from server.messaging.schemas import (
    BroadcastKind,
    BroadcastPage,
    BroadcastView,
    KindView,
    MessageDetail,
    MessagePage,
    MessagingOffer,
    NewBroadcastBody,
    PreviewView,
)
from server.messaging.views import broadcast_view, message_view, preview_view, step_view
from server.paths import PathId
from server.problems import not_found
from server.rate_limits import BROADCAST_PREVIEWS
from server.security.authentication import CallerIdentity
from server.services import AppServices, Services

AnyRequest = Request[Any, Any, Any]
Cursor = Annotated[str | None, QueryParameter(max_length=128)]
Limit = Annotated[int, QueryParameter(ge=1, le=limits.MESSAGES_PAGE_MAX)]


class ShowMessagesController(Controller):
    """Messages to a show's people, for its crew."""

    path = "/api/shows/{show_id:str}"
    tags = ("messages",)

    @get("/messages/offer", operation_id="messagingOffer", summary="What may be sent now")
    async def offer(
        self, show_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> MessagingOffer:
        """For the form: channels, kinds, texts and bounds."""
        story = await services.messaging.broadcasting.story(str(show_id), identity)
        now = services.clock.now()
        kinds = []
        for kind in MessageKind:
            if kind not in BROADCAST_KINDS:
                continue
            against = untimely(kind, story, (), kind is MessageKind.NUDGE, now)
            # A nudge's round is chosen in the form.
            codes = [one.code for one in against if one.field != "round_id"]
            kinds.append(
                KindView(
                    kind=cast(BroadcastKind, kind.value),
                    texts=services.messaging.previews.defaults(kind, story),
                    variables=list(VARIABLES[kind]),
                    quiet_hours=kind not in NIGHT_KINDS,
                    problem=codes[0] if codes else None,
                )
            )
        sms = services.settings.sms
        return MessagingOffer(
            channels=list(services.messaging.channels),
            languages=list(Language),
            kinds=kinds,
            text_characters_max=limits.BROADCAST_CHARACTERS_MAX,
            segments_max=limits.BROADCAST_SEGMENTS_MAX,
            messages_per_person_max=CREW_MESSAGES_MAX,
            quiet_from=QUIET_FROM.strftime("%H:%M"),
            quiet_to=QUIET_TO.strftime("%H:%M"),
            mode="off" if sms == "auto" else sms,
        )

    @post(
        "/messages/preview",
        operation_id="previewBroadcast",
        status_code=200,
        summary="Recipients, segments, cost and samples before anything is sent",
    )
    async def preview(
        self,
        show_id: PathId,
        data: JSONBody[NewBroadcastBody],
        identity: CallerIdentity,
        services: AppServices,
    ) -> PreviewView:
        """200 with ``problems``, each with its field, where it cannot be sent."""
        await services.limits.hit(BROADCAST_PREVIEWS, identity.account_id)
        preview = await services.messaging.broadcasting.preview(str(show_id), identity, _wish(data))
        return preview_view(preview, services.settings.sms_currency)

    @post("/messages", operation_id="makeBroadcast", summary="Write to a show's people")
    async def make(
        self,
        request: AnyRequest,
        show_id: PathId,
        data: JSONBody[NewBroadcastBody],
        identity: CallerIdentity,
        services: AppServices,
    ) -> Response[BroadcastView]:
        """201; what a preview finds wrong is 422 here, field by field."""

        async def produce(creation_id: str) -> BroadcastView:
            made = await services.messaging.broadcasting.make(
                creation_id, str(show_id), identity, _wish(data)
            )
            counts = await services.messaging.broadcasting.counts([made])
            return broadcast_view(made, counts[made.broadcast_id])

        return await services.idempotency.once(request, identity.account_id, produce)

    @get("/messages", operation_id="messages", summary="Messages of a show, newest first")
    async def messages(
        self,
        show_id: PathId,
        identity: CallerIdentity,
        services: AppServices,
        broadcast: FromQuery[UUID | None] = None,
        in_state: Annotated[MessageState | None, QueryParameter(name="state")] = None,
        kind: FromQuery[MessageKind | None] = None,
        channel: FromQuery[Channel | None] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> MessagePage:
        """Numbers and addresses are masked but for admins."""
        await services.messaging.broadcasting.crew(str(show_id), identity)
        wanted = MessageFilter(
            broadcast_id=None if broadcast is None else str(broadcast),
            state=in_state,
            kind=kind,
            channel=channel,
        )
        before = None if cursor is None else str(read_cursor(cursor, UUID))
        found = await services.messaging.lists.of_show(str(show_id), wanted, before, limit + 1)
        whole = identity.role is Role.ADMIN
        items = [message_view(one, whole=whole) for one in found[:limit]]
        return MessagePage(items, write_cursor(items[-1].id) if len(found) > limit else None)

    @get("/broadcasts", operation_id="broadcasts", summary="A show's broadcasts, newest first")
    async def broadcasts(
        self,
        show_id: PathId,
        identity: CallerIdentity,
        services: AppServices,
        cursor: Cursor = None,
        limit: Annotated[int, QueryParameter(ge=1, le=limits.BROADCASTS_PER_SHOW)] = 20,
    ) -> BroadcastPage:
        """With their messages counted by state."""
        before = None if cursor is None else str(read_cursor(cursor, UUID))
        found = await services.messaging.broadcasting.of_show(
            str(show_id), identity, before, limit + 1
        )
        counts = await services.messaging.broadcasting.counts(found[:limit])
        items = [broadcast_view(one, counts[one.broadcast_id]) for one in found[:limit]]
        return BroadcastPage(items, write_cursor(items[-1].id) if len(found) > limit else None)


class BroadcastsController(Controller):
    """One broadcast, for its show's crew."""

    path = "/api/broadcasts/{broadcast_id:str}"
    tags = ("messages",)

    @get("/", operation_id="broadcast", summary="A broadcast")
    async def read(
        self, broadcast_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> BroadcastView:
        """With its messages counted by state."""
        found = await services.messaging.broadcasting.known(str(broadcast_id), identity)
        counts = await services.messaging.broadcasting.counts([found])
        return broadcast_view(found, counts[found.broadcast_id])

    @post("/pause", operation_id="pauseBroadcast", status_code=200, summary="Hold it")
    async def pause(
        self, broadcast_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> BroadcastView:
        """Nothing more is handed to the carrier from now on."""
        return await _steer(services, str(broadcast_id), identity, "pause")

    @post("/resume", operation_id="resumeBroadcast", status_code=200, summary="Go on with it")
    async def resume(
        self, broadcast_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> BroadcastView:
        """What waits goes on."""
        return await _steer(services, str(broadcast_id), identity, "resume")

    @post("/cancel", operation_id="cancelBroadcast", status_code=200, summary="Take it back")
    async def cancel(
        self, broadcast_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> BroadcastView:
        """What was not handed to the carrier never will be."""
        return await _steer(services, str(broadcast_id), identity, "cancel")


class MessagesController(Controller):
    """One message, for its show's crew."""

    path = "/api/messages/{message_id:str}"
    tags = ("messages",)

    @get("/", operation_id="message", summary="A message with every step of its life")
    async def read(
        self, message_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> MessageDetail:
        """Messages of no show are for admins."""
        record = await services.messaging.lists.one(str(message_id))
        whole = identity.role is Role.ADMIN
        if record is None or (record.show_id is None and not whole):
            raise not_found("message")
        if record.show_id is not None:
            await services.messaging.broadcasting.crew(record.show_id, identity)
        history = await services.messaging.lists.history(str(message_id))
        return MessageDetail(
            message=message_view(record, whole=whole),
            text=record.text,
            history=[step_view(step) for step in history],
        )


async def _steer(
    services: Services, broadcast_id: str, identity: CallerIdentity, deed: str
) -> BroadcastView:
    now = await services.messaging.broadcasting.steer(broadcast_id, identity, deed)
    counts = await services.messaging.broadcasting.counts([now])
    return broadcast_view(now, counts[now.broadcast_id])


def _wish(body: NewBroadcastBody) -> Wish:
    languages = body.audience.languages
    return Wish(
        kind=MessageKind(body.kind),
        channels=tuple(dict.fromkeys(body.channels)),
        texts=body.texts,
        audience=Audience(None if languages is None else tuple(dict.fromkeys(languages))),
        round_id=None if body.round_id is None else str(body.round_id),
        send_at=body.send_at,
    )
