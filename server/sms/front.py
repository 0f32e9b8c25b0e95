"""Texts are taken before the framework: hundreds a second come within one round.

A text needs no route, no cookie, no injected parts and no parsed body, and the way through all of
these costs as much as the text itself. Whatever cannot be answered with TwiML goes the usual way,
where errors become problem documents: see `server.sms.webhook.SmsWebhookMiddleware`.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from structlog.contextvars import bind_contextvars

from server.head import HeadAsGet
from server.metrics import Metrics
from server.security.headers import REQUEST_ID, fixed_headers, request_id_of
from server.services import Services
from server.sms.twiml import MEDIA_TYPE
from server.sms.webhook import FAILURE, WEBHOOK, read_body, take_text

_REQUEST_ID: Final = REQUEST_ID.lower().encode()

Follow = Callable[[Any, Any, Any, Any, str], Awaitable[None]]
"""Hands a call on, perhaps within a span: `server.telemetry.doors.Calls.follow`."""


class TextsFirst(HeadAsGet):
    """The application, with a door for texts in front of it.

    Args:
        metrics: of this node.
        https: whether the public address says so.
        follow: shows texts in traces; ``None``: nobody traces.
        parts: the framework's own arguments.
    """

    def __init__(
        self, *, metrics: Metrics, https: bool, follow: Follow | None = None, **parts: Any
    ) -> None:
        super().__init__(**parts)
        self._follow = follow
        self._sms = metrics.sms
        self._answered = metrics.requests.labels("POST", WEBHOOK, "200")
        self._seconds = metrics.seconds.labels("POST", WEBHOOK)
        media_type = f"{MEDIA_TYPE}; charset=utf-8"
        self._headers = [
            (b"content-type", media_type.encode()),
            *fixed_headers(media_type, https=https),
        ]

    # The framework's own types of the three are unions that nothing else can name.
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One ASGI connection."""
        if scope["type"] != "http" or scope["path"] != WEBHOOK or scope["method"] != "POST":
            await super().__call__(scope, receive, send)
        elif self._follow is None:
            await self._text(scope, receive, send)
        else:
            await self._follow(scope, receive, send, self._text, WEBHOOK)

    async def _text(self, scope: Any, receive: Any, send: Any) -> None:
        failure = await self._take(scope, receive, send)
        if failure is not None:
            scope.setdefault("state", {})[FAILURE] = failure
            await super().__call__(scope, receive, send)

    async def _take(self, scope: Any, receive: Any, send: Any) -> Exception | None:
        """Answers a text, or says why it cannot be answered."""
        started = time.perf_counter()
        services: Services = self.state.services
        received_at = services.clock.now()
        request_id = request_id_of(scope)
        # Of this call's own task: the server makes one for each.
        bind_contextvars(request_id=request_id)
        try:
            body = await read_body(receive)
            answer = (await take_text(services, scope, body, received_at)).encode()
        except Exception as failure:
            self._sms.not_taken_s.observe(time.perf_counter() - started)
            return failure
        headers = [
            *self._headers,
            (_REQUEST_ID, request_id.encode()),
            (b"content-length", str(len(answer)).encode()),
        ]
        taken_s = time.perf_counter() - started
        self._answered.inc()
        self._seconds.observe(taken_s)
        self._sms.taken_s.observe(taken_s)
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer, "more_body": False})
        return None
