"""``POST /webhooks/twilio/sms``, and the calls that prove a phone."""

from __future__ import annotations

from typing import Any

import structlog
from litestar import Controller, Request, Response, get, post
from litestar.params import JSONBody

from server.paths import PathId
from server.problems import ApiError
from server.security.authentication import CallerIdentity
from server.services import AppServices
from server.sms.schemas import (
    AppPhoneView,
    ConfirmBody,
    ConfirmedView,
    NewPhoneCodeBody,
    PhoneCodeView,
)
from server.sms.signature import BODY_BYTES_MAX, HEADER, SignatureInvalid
from server.sms.twiml import MEDIA_TYPE

AnyRequest = Request[Any, Any, Any]

log = structlog.get_logger(__name__)

WEBHOOK = "/webhooks/twilio/sms"


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
    """Answered with TwiML. Signed by the carrier over the configured address; nothing is looked
    up before that is proven."""
    received_at = services.clock.now()
    try:
        form = services.sms.signature.prove(
            path=request.url.path,
            query=request.scope["query_string"].decode("latin-1"),
            content_type=request.headers.get("content-type", ""),
            body=await request.body(),
            signature=request.headers.get(HEADER, ""),
        )
    except SignatureInvalid as error:
        log.warning("webhook_refused", reason=error.reason)
        raise ApiError(
            403, "invalid_signature", "This webhook is not signed by the carrier."
        ) from None
    answer = await services.sms.answer(form, received_at)
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
