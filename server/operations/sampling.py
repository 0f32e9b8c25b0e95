"""What is too dear to look at in a hot path or at every scrape: looked at every few seconds."""

from __future__ import annotations

import asyncio
from typing import Final

from rooms.meters import Window, quantile_s
from rooms.node import Node
from rooms.operations.nodes import ROOMS_REPORTED_MAX, RoomReport
from rooms.room import Room

SLICE_CONNECTIONS: Final = 1_000
"""Backlogs asked for in one go, some 0.2 ms; then others have their turn."""


class RoomSamples:
    """Backlogs and the newest minute's turns of a node's rooms.

    Attributes:
        queue_bytes: backlogs of all connections together.
        queue_bytes_max: the largest of one connection.
        turn_s_p50, turn_s_p99: of all rooms' turns in the newest minute; ``None``: none.
        busiest: the rooms with most connections.
    """

    def __init__(self, node: Node) -> None:
        self.queue_bytes = 0
        self.queue_bytes_max = 0
        self.turn_s_p50: float | None = None
        self.turn_s_p99: float | None = None
        self.busiest: tuple[RoomReport, ...] = ()
        self._node = node
        self._turns = Window()
        self._of_rooms: dict[Room, Window] = {}

    async def take(self) -> None:
        """Looks at everything, in slices. Once per `rooms.operations.nodes.REPORT_EVERY_S`."""
        rooms = self._node.rooms
        backlogs = {room: await _backlog(room) for room in rooms}
        self.queue_bytes = sum(total for total, _ in backlogs.values())
        self.queue_bytes_max = max((most for _, most in backlogs.values()), default=0)
        now = self._node.clock.monotonic()
        counts = self._turns.read(self._node.totals().turns, now)
        self.turn_s_p50, self.turn_s_p99 = quantile_s(counts, 0.5), quantile_s(counts, 0.99)
        windows = {room: self._of_rooms.get(room) or Window() for room in rooms}
        self._of_rooms = windows
        sizes = sorted(((_connections(room), room.show_id, room) for room in rooms), reverse=True)
        p99s = {
            room: quantile_s(window.read(room.meter.turns, now), 0.99)
            for room, window in windows.items()
        }
        self.busiest = tuple(
            RoomReport(
                show_id=show_id,
                connections=size,
                seq=room.head.seq,
                lag_events=room.lag,
                queue_bytes=backlogs[room][0],
                turn_ms_p99=milliseconds(p99s[room]),
            )
            for size, show_id, room in sizes[:ROOMS_REPORTED_MAX]
        )


def milliseconds(seconds: float | None) -> float | None:
    """To a hundredth."""
    return None if seconds is None else round(seconds * 1000, 2)


async def _backlog(room: Room) -> tuple[int, int]:
    """All connections' backlogs, and the largest, in bytes."""
    total = most = 0
    for place, connection in enumerate(room.hub.connections(), start=1):
        backlog = connection.backlog()
        total += backlog
        most = max(most, backlog)
        if place % SLICE_CONNECTIONS == 0:
            await asyncio.sleep(0)
    return total, most


def _connections(room: Room) -> int:
    doors = room.hub.doors()
    return doors.socket + doors.stream + doors.poll
