"""A webhook's bytes: proven, then answered.

Nearly all come by `server.sms.front`, before the framework; `server.sms.controller` stands behind
it and says the same.
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

WEBHOOK: Final = "/webhooks/twilio/sms"

_SIGNATURE: Final = HEADER.lower().encode()

FAILURE: Final = "sms_failure"
"""Key in a scope's ``state``: why the front has not answered."""

_LOGGED_EVERY_S: Final = 1.0
"""A flood of forged webhooks must not be one of the log as well."""

log = structlog.get_logger(__name__)


class Refusals:
    """Tells the log of webhooks that are not the carrier's: at once, and how many since."""

    def __init__(self) -> None:
        self._told_at = float("-inf")
        self._untold = 0

    def tell(self, now: float, reason: str) -> None:
        """One more; ``now``: monotonic seconds."""
        self._untold += 1
        if now - self._told_at >= _LOGGED_EVERY_S:
            log.warning("webhook_refused", reason=reason, count=self._untold)
            self._told_at, self._untold = now, 0


_refusals: Final = Refusals()


class SmsWebhookMiddleware(ASGIMiddleware):
    """Says why `server.sms.front` has not answered a text; lets everything else through. Before
    authentication: a webhook's address may have a password, and that is none of ours."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Raises what the exception handlers make a problem document of."""
        failure: Exception | None = scope["state"].get(FAILURE)
        if failure is not None:
            raise failure
        await next_app(scope, receive, send)


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
        services.metrics.sms.refused.labels(error.reason).inc()
        _refusals.tell(services.clock.monotonic(), error.reason)
        raise ApiError(
            403, "invalid_signature", "This webhook is not signed by the carrier."
        ) from None
    try:
        return await services.sms.answer(form, received_at)
    except ApiError as error:
        if error.status < 500:
            services.metrics.sms.refused.labels(error.code).inc()
        raise


async def read_body(receive: Receive) -> bytes:
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
