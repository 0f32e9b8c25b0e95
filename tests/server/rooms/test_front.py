"""The doors of rooms before the framework."""

from __future__ import annotations

from typing import Any

import pytest
from litestar.datastructures import State
from structlog.testing import capture_logs
from uvicorn.protocols.utils import ClientDisconnected

from rooms.messages import CloseCode
from server.rooms.front import RoomsFirst

SCOPE = {"type": "websocket", "path": "/rooms/any", "headers": []}


class Front(RoomsFirst):
    """With a door that fails, and nothing behind it."""

    def __init__(self, error: Exception) -> None:
        async def door(scope: Any, receive: Any, send: Any, show_id: str) -> None:
            raise error

        self.state = State({"door": door})


async def test_whoever_leaves_while_being_let_in_is_no_error() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    with capture_logs() as lines, pytest.raises(ClientDisconnected):
        await Front(ClientDisconnected())(SCOPE, None, send)
    assert not lines and not sent

    with capture_logs() as lines:
        await Front(OSError("of a store"))(SCOPE, None, send)
    assert [line["event"] for line in lines] == ["socket_failed"]
    assert [message["code"] for message in sent] == [CloseCode.INTERNAL_ERROR]
