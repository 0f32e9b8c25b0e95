"""Rooms' sockets are taken before the framework: a thousand come at once when doors open.

The framework's routing, its middlewares (none of which looks at sockets) and its layers of ``send``
would stay on the stack of every socket, and cost more than letting somebody in. The route stays
registered (`server.rooms.routes`): it answers plain HTTP, and whatever is not taken here.
"""

from __future__ import annotations

from typing import Any, Final

import structlog
from uvicorn.protocols.utils import ClientDisconnected

from rooms.messages import CloseCode
from server.rooms.socket import SocketDoor
from server.sms.front import TextsFirst

PREFIX: Final = "/rooms/"

log = structlog.get_logger(__name__)


class RoomsFirst(TextsFirst):
    """The application, with the door of its rooms in front of it.

    ``app.state.door`` is the node's `SocketDoor` once its lifespan has begun.
    """

    # The framework's own types of the three are unions that nothing else can name.
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One ASGI connection."""
        if scope["type"] != "websocket" or not scope["path"].startswith(PREFIX):
            await super().__call__(scope, receive, send)
            return
        door: SocketDoor = self.state.door
        show_id = scope["path"].removeprefix(PREFIX).strip("/")
        try:
            await door(scope, receive, send, show_id)
        except ClientDisconnected:
            # Gone while it was let in, as many are when a store is slow: nobody's error.
            raise
        except Exception as error:
            log.exception("socket_failed", error=type(error).__name__)
            await send({"type": "websocket.close", "code": CloseCode.INTERNAL_ERROR})
