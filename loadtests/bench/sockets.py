"""A thin socket per ticket, all at once or so many at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from loadtests.wire.thin_socket import OnFrame, ThinSocket

CONNECT_TIMEOUT_S = 60.0
TRY_LATER = 1013
ATTEMPTS_MAX = 8
BACK_AFTER_S = 0.25


@dataclass(slots=True)
class Connected:
    """Sockets that are welcomed. ``came_back``: connections that were told to try again later."""

    sockets: list[ThinSocket]
    came_back: int = 0

    def leave(self) -> None:
        """Drops all connections."""
        for socket in self.sockets:
            socket.transport.abort()


async def connect_all(
    port: int,
    show_id: str,
    tickets: Sequence[str],
    on_frame: OnFrame,
    *,
    at_once: int | None = None,
) -> Connected:
    """Connects one socket per ticket; returns when all are welcomed.

    Args:
        at_once: connections that are being made at a time; without it all are.

    Raises:
        ConnectionError: one was not let in, however often it came back.
    """
    loop = asyncio.get_running_loop()
    gate = asyncio.Semaphore(at_once or len(tickets))
    connected = Connected([])

    async def one(number: int, ticket: str) -> ThinSocket:
        path = f"/rooms/{show_id}?ticket={quote(ticket)}"
        for attempt in range(ATTEMPTS_MAX):
            async with gate:
                _, socket = await loop.create_connection(
                    lambda: ThinSocket(number, path, on_frame), "127.0.0.1", port
                )
                try:
                    await asyncio.wait_for(socket.welcomed, CONNECT_TIMEOUT_S)
                    return socket
                except OSError:
                    if socket.close_code != TRY_LATER:
                        raise
            connected.came_back += 1
            await asyncio.sleep(BACK_AFTER_S * (attempt + 1))
        raise ConnectionError(f"told {ATTEMPTS_MAX} times to try again later")

    joining = (one(number, ticket) for number, ticket in enumerate(tickets))
    connected.sockets = list(await asyncio.gather(*joining))
    return connected
