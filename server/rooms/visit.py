"""One person's socket in a room, from the handshake on: what it says, and what ends with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from rooms.sessions.session import Session
from server.egress.inlet import Wait
from server.rooms.asgi import Receive


class Reading(Protocol):
    """The part of a session that takes what the peer sends; see `rooms.sessions.session`."""

    def text(self, text: bytes) -> Wait | None: ...
    def binary(self, data: bytes) -> Wait | None: ...


class Visit:
    """A `server.egress.inlet.Receiver` over a session.

    Args:
        session: the socket's.
        reading: takes what comes: the session itself, or who follows it.
        leave: called once, when the socket is gone.
    """

    __slots__ = ("_leave", "_session", "binary", "text")

    def __init__(self, session: Session, reading: Reading | None, leave: Callable[[], Any]) -> None:
        self._session = session
        self._leave = leave
        taken_by = session if reading is None else reading
        # Bound here: one call less for each message.
        self.text = taken_by.text
        self.binary = taken_by.binary

    def closed(self) -> None:
        """The socket is gone."""
        try:
            self._session.closed()
        finally:
            self._leave()

    async def listen(self, receive: Receive) -> None:
        """Reads by ASGI, where nobody calls."""
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            if text is not None:
                wait = self.text(text.encode())
            else:
                wait = self.binary(message.get("bytes") or b"")
            if wait is not None:
                await wait
