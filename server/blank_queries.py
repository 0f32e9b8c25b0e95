"""Query parameters without a value: ``?since=&epoch=`` says what ``?`` says.

Clients fill templates such as ``poll?since=&epoch=&wait_s=`` and leave blank what they do not know
yet (the first poll knows neither). To refuse a blank as "no number" would help nobody.
"""

from __future__ import annotations

from litestar.enums import ScopeType
from litestar.middleware.base import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send


class BlankQueryMiddleware(ASGIMiddleware):
    """Leaves blank parameters out before anybody reads them."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Hands on the call."""
        query = scope["query_string"]
        if query.endswith(b"=") or b"=&" in query:
            scope["query_string"] = without_blanks(query)
        await next_app(scope, receive, send)


def without_blanks(query: bytes) -> bytes:
    """A query without its blank parameters. A value may end in ``=`` itself (base64)."""
    return b"&".join(pair for pair in query.split(b"&") if pair.partition(b"=")[1:] != (b"=", b""))
