"""The webhook's own way through the server: hundreds of texts a second come within one round.

A text needs no cookie, no injected parts and no parsed body, and Litestar's way to a handler costs
more than the text itself. So it is taken where the polls of seated people are, after routing and
inside everything that counts and logs; `server.sms.controller` stands behind it and says the same.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import structlog
from litestar.enums import ScopeType
from litestar.middleware.base import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from server.problems import ApiError
from server.rooms.asgi import header_of
from server.services import Services
from server.sms.signature import BODY_BYTES_MAX, HEADER, SignatureInvalid
from server.sms.twiml import MEDIA_TYPE

WEBHOOK: Final = "/webhooks/twilio/sms"

_SIGNATURE: Final = HEADER.lower().encode()
_TYPE: Final = (b"content-type", f"{MEDIA_TYPE}; charset=utf-8".encode())

log = structlog.get_logger(__name__)


class SmsWebhookMiddleware(ASGIMiddleware):
    """Answers texts; lets everything else through."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Answers, or leaves it to the handlers."""
        if scope["path"] != WEBHOOK or scope.get("method") != "POST":
            await next_app(scope, receive, send)
            return
        services: Services = scope["litestar_app"].state.services
        received_at = services.clock.now()
        body = await _body(receive)
        answer = (await take_text(services, scope, body, received_at)).encode()
        length = (b"content-length", str(len(answer)).encode())
        await send({"type": "http.response.start", "status": 200, "headers": [_TYPE, length]})
        await send({"type": "http.response.body", "body": answer, "more_body": False})


async def take_text(services: Services, scope: Scope, body: bytes, received_at: datetime) -> str:
    """The TwiML for a webhook. Nothing is looked up before it is proven to be the carrier's.

    Args:
        received_at: when the call came, before its body was read.

    Raises:
        ApiError: ``invalid_signature``, ``foreign_account``, ``malformed_webhook``, or nothing
            could be decided (503).
    """
    try:
        form = services.sms.signature.prove(
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            content_type=_text(scope, b"content-type"),
            body=body,
            signature=_text(scope, _SIGNATURE),
        )
    except SignatureInvalid as error:
        log.warning("webhook_refused", reason=error.reason)
        raise ApiError(
            403, "invalid_signature", "This webhook is not signed by the carrier."
        ) from None
    return await services.sms.answer(form, received_at)


async def _body(receive: Receive) -> bytes:
    """The whole body; one that is too large is not read to its end.

    Raises:
        ApiError: ``too_large``, or the carrier hung up.
    """
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise ApiError(400, "malformed_webhook", "The webhook ended too early.")
        part = message["body"]
        size += len(part)
        if size > BODY_BYTES_MAX:
            raise ApiError(413, "too_large", "A text is smaller than this.")
        if not message["more_body"]:
            return part if not parts else b"".join((*parts, part))
        parts.append(part)


def _text(scope: Scope, name: bytes) -> str:
    return header_of(scope, name) or ""
