"""Pings to all sockets of a server from one timer, instead of one timer for each.

Sockets are spread over the interval by the moment of their coming; a round goes through those
whose turn it is.
"""

from __future__ import annotations

import asyncio
from typing import Final, Protocol

ROUNDS: Final = 40
"""Rounds in one interval: at 20 s one each half a second, a fortieth of all sockets in each."""


class Pinged(Protocol):
    """A socket, as seen from here. Hashable by identity."""

    def ping(self, now: float) -> None:
        """Says ping, or ends the socket whose peer did not answer the last one."""
        ...


Place = dict[Pinged, None]


class Keepalive:
    """Of one server.

    Args:
        loop: where the rounds take place.
        interval_s: between two pings to one socket.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, interval_s: float) -> None:
        self._loop = loop
        self._step_s = interval_s / ROUNDS
        self._places: list[Place] = [{} for _ in range(ROUNDS)]
        self._at = 0
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None

    def add(self, one: Pinged) -> Place:
        """Pings it from now on, for the first time in one interval; what comes back is for
        `remove`."""
        place = self._places[self._at]
        place[one] = None
        self._count += 1
        if self._timer is None:
            self._timer = self._loop.call_later(self._step_s, self._round)
        return place

    def remove(self, one: Pinged, place: Place) -> None:
        """No more pings."""
        if place.pop(one, self) is None:
            self._count -= 1

    def _round(self) -> None:
        if not self._count:
            self._timer = None  # `add` begins again
            return
        self._timer = self._loop.call_later(self._step_s, self._round)
        self._at = (self._at + 1) % ROUNDS
        now = self._loop.time()
        for one in list(self._places[self._at]):
            one.ping(now)
