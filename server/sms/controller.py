"""``POST /webhooks/twilio/sms``, and the calls that prove a phone."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.params import JSONBody

from server.paths import PathId
from server.security.authentication import CallerIdentity
from server.services import AppServices
from server.sms.schemas import (
    AppPhoneView,
    ConfirmBody,
    ConfirmedView,
    NewPhoneCodeBody,
    PhoneCodeView,
)
from server.sms.signature import BODY_BYTES_MAX
from server.sms.twiml import MEDIA_TYPE
from server.sms.webhook import WEBHOOK, take_text

AnyRequest = Request[Any, Any, Any]


@post(
    WEBHOOK,
    operation_id="twilioSms",
    status_code=200,
    tags=("webhooks",),
    summary="A text has come in (Twilio)",
    media_type=MEDIA_TYPE,
    request_max_body_size=BODY_BYTES_MAX,
)
async def inbound_sms(request: AnyRequest, services: AppServices) -> Response[str]:
    """Answered with TwiML; see `server.sms.webhook`, which takes nearly all of them."""
    received_at = services.clock.now()
    answer = await take_text(services, request.scope, await request.body(), received_at)
    return Response(answer, media_type=f"{MEDIA_TYPE}; charset=utf-8")


class PhonesController(Controller):
    """Proving a phone to the app."""

    path = "/api"
    tags = ("phones",)

    @post("/shows/{show_id:str}/phone", operation_id="newPhoneCode", summary="Prove my phone")
    async def new_code(
        self,
        request: AnyRequest,
        show_id: PathId,
        data: JSONBody[NewPhoneCodeBody],
        identity: CallerIdentity,
        services: AppServices,
    ) -> Response[PhoneCodeView]:
        """A code to be texted by that phone, in place of the one before."""
        del data

        async def produce(_: str) -> PhoneCodeView:
            return await services.sms.app_phones.new_code(str(show_id), identity)

        return await services.idempotency.once(
            request, identity.account_id, produce, keeps_answer=False
        )

    @get("/shows/{show_id:str}/phone", operation_id="myPhone", summary="Is my phone proven?")
    async def state(
        self, show_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> AppPhoneView:
        """Of the caller, in this show."""
        return await services.sms.app_phones.state(str(show_id), identity)

    @post(
        "/attendees/{attendee_id:str}/confirm",
        operation_id="confirmPhone",
        status_code=200,
        summary="This phone is mine",
    )
    async def confirm(
        self,
        attendee_id: PathId,
        data: JSONBody[ConfirmBody],
        identity: CallerIdentity,
        services: AppServices,
    ) -> ConfirmedView:
        """By the link in a text: phone and caller are one attendee, with one vote."""
        return await services.sms.app_phones.confirm(str(attendee_id), identity, data.token)
