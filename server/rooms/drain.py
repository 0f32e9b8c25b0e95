"""Leaving, in this order: nobody is let in, balancers notice, then every socket is told when to
come back, in batches, spread over some seconds."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, Protocol

from rooms.fanout.connection import Connection
from rooms.messages import CloseCode
from rooms.ports import Clock

BATCH_SOCKETS = 200
BATCH_PAUSE_S = 0.05
"""4,000 sockets a second: ten thousand are away in under three seconds."""

SPREAD_S_MIN = 1.0
SPREAD_SOCKETS_PER_SECOND = 1_000
"""Reconnects are spread so that the other nodes get about this many joins a second."""


RETRY_AFTER_S = 1
"""A balancer asks another node at once; whoever came directly waits a moment."""


async def turn_away(send: Any, scope: Any) -> bool:
    """Refuses a handshake with 503, which a balancer answers by asking another node.

    Returns:
        False: the server cannot refuse so.
    """
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        return False
    headers = [(b"retry-after", b"%d" % RETRY_AFTER_S), (b"content-type", b"text/plain")]
    await send({"type": "websocket.http.response.start", "status": 503, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": b"restarting", "more_body": False})
    return True


class HubOfDrain(Protocol):
    """The part of a hub that is needed here."""

    def connections(self) -> list[Connection]: ...
    def close(self, connection: Connection, code: int, reason: str = "") -> None: ...


async def drain(hubs: Sequence[HubOfDrain], clock: Clock, random: Random) -> int:
    """Closes all sockets with 1012 and a reason such as ``reconnect_in=3.2s``.

    Returns:
        How many were closed.
    """
    waiting = [(hub, one) for hub in hubs for one in hub.connections()]
    spread_s = max(SPREAD_S_MIN, len(waiting) / SPREAD_SOCKETS_PER_SECOND)
    for number, (hub, connection) in enumerate(waiting, start=1):
        wait_s = random.uniform(0.0, spread_s)
        hub.close(connection, CloseCode.RESTARTING, f"reconnect_in={wait_s:.1f}s")
        if number % BATCH_SOCKETS == 0:
            await clock.sleep(BATCH_PAUSE_S)
    return len(waiting)
