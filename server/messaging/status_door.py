"""``POST /webhooks/twilio/status``: what became of a message at the carrier.

https://www.twilio.com/docs/messaging/guides/track-outbound-message-status. They come late, twice
and in any order; what is behind of what is known changes nothing. Which message it is about is said
by the address that the carrier was told (signed with the rest), or else by its own name for it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog
from litestar import Request, post

from rooms.messaging.carrier_statuses import heard
from rooms.messaging.ports import Heard
from server.messaging.channels import STATUS_PATH
from server.problems import ApiError
from server.services import AppServices
from server.sms.signature import BODY_BYTES_MAX, HEADER, Parameters, SignatureInvalid

CARRIER_ID_CHARACTERS_MAX = 64
STATUS_CHARACTERS_MAX = 32
ERROR_CODE_DIGITS_MAX = 9

log = structlog.get_logger(__name__)


@post(
    STATUS_PATH,
    operation_id="twilioStatus",
    status_code=204,
    tags=("webhooks",),
    summary="What became of a message (Twilio)",
    request_max_body_size=BODY_BYTES_MAX,
)
async def message_status(request: Request[Any, Any, Any], services: AppServices) -> None:
    """204, also for messages that nobody here knows yet: they are applied once they are known."""
    messaging = services.messaging
    try:
        form = messaging.signature.prove(
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
    said = _heard(form, request.query_params.get("message"))
    if said is None:
        log.info("message_status_unreadable")
        return
    known = await messaging.store.hear(said, services.clock.now())
    log.debug("message_status", status=said.status, known=known)


def _heard(form: Parameters, tag: str | None) -> Heard | None:
    """What a callback says; ``None``: nothing that could be about a message."""
    carrier_id = form.get("MessageSid") or form.get("SmsSid")
    status = form.get("MessageStatus") or form.get("SmsStatus")
    if not 0 < len(carrier_id) <= CARRIER_ID_CHARACTERS_MAX:
        return None
    if not 0 < len(status) <= STATUS_CHARACTERS_MAX or "\0" in carrier_id + status:
        return None
    code = form.get("ErrorCode")
    # A failed message of WhatsApp says its code under another name.
    code = code or form.get("ChannelStatusCode")
    return heard(carrier_id, status, _code(code), _id(tag))


def _code(said: str) -> int | None:
    known = said.isascii() and said.isdigit() and len(said) <= ERROR_CODE_DIGITS_MAX
    return int(said) if known else None


def _id(tag: str | None) -> str | None:
    try:
        return str(UUID(tag)) if tag else None
    except ValueError:
        return None
