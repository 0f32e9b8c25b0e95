"""What every response says and every log line holds: request ids and security headers."""

from __future__ import annotations

import re
from typing import Any, Final

import structlog
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware.base import ASGIMiddleware
from litestar.types import (
    ASGIApp,
    BeforeMessageSendHookHandler,
    Message,
    Receive,
    Scope,
    Send,
)

from storage.ids import uuid7

REQUEST_ID: Final = "X-Request-Id"
_ID_OF_A_PROXY = re.compile(r"^[A-Za-z0-9_.:-]{8,64}$")

PAGE_POLICY: Final = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
    "connect-src 'self' ws: wss:; worker-src 'self'; manifest-src 'self'; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
API_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"

_ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-site",
}

_DOCUMENTS: Final = {
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(self)",
}

_PARTS_OF_PAGES: Final = ("text/javascript", "text/css", "font/")
"""What is never a document: policies for documents say nothing there, and would be a twentieth
of what a first visit loads."""


class RequestLogMiddleware(ASGIMiddleware):
    """Binds the request's id to whatever is logged while it is answered."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Binds it."""
        with structlog.contextvars.bound_contextvars(request_id=request_id_of(scope)):
            await next_app(scope, receive, send)


def request_id_of(scope: Any) -> str:
    """The request's id: a proxy's, so that its log and ours can be joined; else a new one."""
    state = scope.setdefault("state", {})
    known = state.get("request_id")
    if known is None:
        known = state["request_id"] = _shown_id(scope) or str(uuid7())
    return str(known)


def be_terse(scope: Any) -> None:
    """Of an answer without a body, which a phone at rest gets all night: policies for what is in a
    body say nothing about it, and their names and values would be most of what it costs."""
    scope.setdefault("state", {})["terse"] = True


def response_headers(*, https: bool) -> BeforeMessageSendHookHandler:
    """A hook that completes every HTTP response, those of unknown addresses as well."""

    async def complete(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        message.setdefault("headers", [])
        headers = MutableScopeHeaders.from_message(message)
        if scope.get("state", {}).get("terse"):
            headers.setdefault("Cache-Control", "no-store")
            return
        headers[REQUEST_ID] = request_id_of(scope)
        for name, value in _ALWAYS.items():
            headers.setdefault(name, value)
        media_type = headers.get("content-type", "")
        if not media_type.startswith(_PARTS_OF_PAGES):
            for name, value in _DOCUMENTS.items():
                headers.setdefault(name, value)
            html = media_type.startswith("text/html")
            headers.setdefault("Content-Security-Policy", PAGE_POLICY if html else API_POLICY)
        if scope["path"].startswith("/api/"):
            headers.setdefault("Cache-Control", "no-store")
        if https:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")

    return complete


def fixed_headers(media_type: str, *, https: bool) -> list[tuple[bytes, bytes]]:
    """What `response_headers` adds to every answer of a media type that is no page and no part of
    one, beside the request's id: for doors before the framework, where each header counts."""
    fixed = _ALWAYS | _DOCUMENTS | {"Content-Security-Policy": API_POLICY}
    if https:
        fixed["Strict-Transport-Security"] = "max-age=31536000"
    assert not media_type.startswith((*_PARTS_OF_PAGES, "text/html"))
    return [(name.lower().encode(), value.encode()) for name, value in fixed.items()]


def _shown_id(scope: Any) -> str | None:
    for name, value in scope.get("headers", ()):
        if name == b"x-request-id":
            text: str = value.decode("latin-1")
            return text if _ID_OF_A_PROXY.match(text) else None
    return None
