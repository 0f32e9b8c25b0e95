"""Where traces begin: a share of sockets' frames and HTTP calls, and calls that come with one.

Calls are polls, texts that a carrier brings, and commands of whoever has no socket as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from litestar.enums import ScopeType
from litestar.middleware.base import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer

from rooms.sessions.allowance import TokenBucket
from server.egress.inlet import Wait
from server.rooms.visit import Reading
from server.telemetry.traceparent import read_traceparent
from server.telemetry.tracing import RoomTracing

REMOTE_PER_SECOND: Final = 10.0
REMOTE_AT_ONCE: Final = 50.0
"""Anybody may send a ``traceparent`` that asks to be sampled; so many are."""

UNTRACED: Final = ("/health/", "/metrics")
"""Asked for all the time, and told about elsewhere."""

FOLLOWED: Final = "trace_chosen"
"""Key in a scope's ``state``: whether the call is followed has been decided at a door in front."""


class FollowedSession:
    """A session of which a share of frames is traced."""

    __slots__ = ("_binary", "_random", "_sample", "_text", "_tracing")

    def __init__(
        self, session: Reading, tracing: RoomTracing, sample: float, random: Callable[[], float]
    ) -> None:
        self._text = session.text
        self._binary = session.binary
        self._tracing = tracing
        self._sample = sample
        self._random = random

    def text(self, text: bytes) -> Wait | None:
        """One text frame."""
        if self._random() >= self._sample:
            return self._text(text)
        with self._tracing.frame():
            return self._text(text)

    def binary(self, data: bytes) -> Wait | None:
        """One binary frame. What waits for room in the inbox is not followed."""
        if self._random() >= self._sample:
            return self._binary(data)
        with self._tracing.frame():
            return self._binary(data)


class Calls:
    """Follows HTTP calls: a span per chosen one, named by the route's template, never by the
    address."""

    def __init__(
        self,
        tracer: Tracer,
        sample: float,
        random: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self._tracer = tracer
        self._sample = sample
        self._random = random
        self._monotonic = monotonic
        self._remote = TokenBucket(REMOTE_PER_SECOND, REMOTE_AT_ONCE)

    async def follow(
        self, scope: Any, receive: Any, send: Any, app: Any, route: str | None = None
    ) -> None:
        """Hands a call on to ``app``, within a span if it is chosen.

        Args:
            route: where no router will say which it is.
        """
        state = scope.setdefault("state", {})
        context = None if FOLLOWED in state else self.chosen(scope)
        state[FOLLOWED] = True
        if context is None:
            await app(scope, receive, send)
            return
        method = str(scope.get("method", ""))
        attributes = {"http.request.method": method, "network.protocol.name": "http"}
        span = self._tracer.start_span(method, context, SpanKind.SERVER, attributes)

        async def send_and_tell(message: Any) -> None:
            if message["type"] == "http.response.start":
                _tell(span, method, scope.get("path_template") or route, message)
            await send(message)

        try:
            with trace.use_span(span, record_exception=False, set_status_on_exception=False):
                await app(scope, receive, send_and_tell)
        except BaseException as error:
            span.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise
        finally:
            span.end()

    def chosen(self, scope: Any) -> Context | None:
        """What the call's span is under; ``None``: it is not followed."""
        if str(scope.get("path", "")).startswith(UNTRACED):
            return None
        for name, value in scope.get("headers", ()):
            if name == b"traceparent":
                parent = read_traceparent(value.decode("latin-1"))
                if parent is None:
                    break
                # A caller that does not sample has decided for all who come after it.
                if not parent.trace_flags.sampled or self._remote.take(self._monotonic()):
                    return None
                return trace.set_span_in_context(trace.NonRecordingSpan(parent), Context())
        return Context() if self._random() < self._sample else None


class TracingMiddleware(ASGIMiddleware):
    """Follows the calls that the framework routes."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Follows the call if it is chosen."""
        await self._calls.follow(scope, receive, send, next_app)


def _tell(span: Span, method: str, route: str | None, message: Any) -> None:
    status = int(message["status"])
    if route:
        span.update_name(f"{method} {route}")
        span.set_attribute("http.route", route)
    span.set_attribute("http.response.status_code", status)
    if status >= 500:
        span.set_status(Status(StatusCode.ERROR))
    headers = dict(message.get("headers") or ())
    if headers.get(b"content-type", b"").startswith(b"text/event-stream"):
        span.end()  # it lasts as long as somebody listens, which is nobody's delay
