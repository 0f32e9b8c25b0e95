"""Where the door stands: ``/rooms/{show_id}``."""

from __future__ import annotations

from litestar.enums import ScopeType
from litestar.handlers import ASGIRouteHandler, asgi
from litestar.types import Receive, Scope, Send

from server.rooms.socket import SocketDoor

_UPGRADE = (
    b'{"type":"about:blank","title":"Upgrade Required","status":426,'
    b'"code":"upgrade_required","detail":"This address speaks WebSocket."}'
)


def socket_route(door: SocketDoor) -> ASGIRouteHandler:
    """The route of a node's door, to be registered with the application."""

    # A mount: for plain HTTP on an ASGI route with path parameters the framework's router fails.
    @asgi("/rooms", is_mount=True, copy_scope=False, name="room_socket")
    async def room_socket(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.WEBSOCKET:
            await door(scope, receive, send, scope["path"].strip("/"))
            return
        await send(
            {
                "type": "http.response.start",
                "status": 426,
                "headers": [
                    (b"content-type", b"application/problem+json"),
                    (b"upgrade", b"websocket"),
                    (b"connection", b"upgrade"),
                ],
            }
        )
        await send({"type": "http.response.body", "body": _UPGRADE, "more_body": False})

    return room_socket
