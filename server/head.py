"""HEAD wherever there is a GET (RFC 9110 section 9.3.2): load balancers ask so."""

from __future__ import annotations

from typing import Any, Final

from litestar import Litestar

IS_HEAD: Final = "is_head"
"""Key in a scope's ``state``: for responses that would not end by themselves."""


class HeadAsGet(Litestar):
    """An application that answers HEAD as it would GET; the server leaves the content out."""

    # The framework's own types of the three are unions that nothing else can name.
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One ASGI connection."""
        if scope["type"] == "http" and scope["method"] == "HEAD":
            # A copy: the server's own says HEAD, and by that it sends headers only.
            state = {**scope.get("state", {}), IS_HEAD: True}
            scope = {**scope, "method": "GET", "state": state}
        await super().__call__(scope, receive, send)
