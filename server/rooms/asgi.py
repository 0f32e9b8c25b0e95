"""Reading an ASGI websocket scope, and the few messages that the door itself sends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from rooms.messages import SUBPROTOCOL
from server.egress.inlet import HOLD, READING, Listen
from server.egress.port import EXTENSION, Egress, shortened

Scope = Mapping[str, Any]
"""An ASGI scope: a dict whose keys the specification fixes."""

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

QUERY_FIELDS_MAX = 16


def query_of(scope: Scope) -> dict[str, str]:
    """The query's fields; of one given twice the first. Empty when it cannot be read."""
    raw: bytes = scope.get("query_string", b"")
    try:
        pairs = parse_qsl(raw.decode("ascii"), max_num_fields=QUERY_FIELDS_MAX)
    except ValueError:
        return {}
    return dict(reversed(pairs))


def header_of(scope: Scope, name: bytes) -> str | None:
    """A header's value, or ``None``."""
    for key, value in scope["headers"]:
        if key.lower() == name:
            text: str = value.decode("latin-1")
            return text
    return None


def origin_is_allowed(scope: Scope, allowed: frozenset[str]) -> bool:
    """Whether a browser's page may open this socket (RFC 6455 section 10.2).

    Programs send no ``Origin``; a page's must be the host that it talks to, or be listed.

    Args:
        scope: the websocket's.
        allowed: further origins, such as ``https://setroom.example``.
    """
    origin = header_of(scope, b"origin")
    if origin is None or origin in allowed:
        return True
    try:
        host = urlsplit(origin).netloc
    except ValueError:
        return False
    return bool(host) and host == header_of(scope, b"host")


def wants_text(scope: Scope) -> bool:
    """Whether the client offers ``setroom.v1``; others get binary frames only."""
    return SUBPROTOCOL in scope.get("subprotocols", ())


def egress_of(scope: Scope) -> Egress | None:
    """The server's fast way out, where it has one."""
    egress: Egress | None = (scope.get("extensions") or {}).get(EXTENSION)
    return egress


def listen_of(scope: Scope) -> Listen | None:
    """The server's way to hand messages over by a call, where it has one."""
    listen: Listen | None = (scope.get("extensions") or {}).get(READING)
    return listen


async def accept(send: Send, *, text: bool, hold: bool = False) -> None:
    """Completes the handshake; ``hold``: its answer may go with the first that is written."""
    subprotocol = SUBPROTOCOL if text else None
    message: dict[str, Any] = {"type": "websocket.accept", "subprotocol": subprotocol}
    await send({**message, HOLD: True} if hold else message)


async def refuse(send: Send, scope: Scope, code: int, reason: str) -> None:
    """Accepts and closes: only so does a browser's page learn the code."""
    await accept(send, text=wants_text(scope))
    await send({"type": "websocket.close", "code": code, "reason": shortened(reason)})
