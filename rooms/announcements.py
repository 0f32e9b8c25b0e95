"""Tells the other nodes which tickets came in here: a ticket's older socket may be on one of them.

Those of one turn of the loop go in one message: a thousand who come at once would otherwise be a
thousand publications.
"""

from __future__ import annotations

import asyncio

from rooms import limits, publication
from rooms.ports import RoomBus
from rooms.publication import SocketOpened, SocketsOpened


class Announcements:
    """Of one room on this node."""

    def __init__(self, show_id: str, node_id: str, bus: RoomBus) -> None:
        self._show_id = show_id
        self._node_id = node_id
        self._bus = bus
        self._waiting: list[tuple[str, str]] = []

    def opened(self, ticket_id: str, participant_id: str) -> None:
        """A ticket opened a connection here; said at the end of this turn of the loop."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._tell)
        self._waiting.append((ticket_id, participant_id))

    def _tell(self) -> None:
        waiting, self._waiting = self._waiting, []
        if len(waiting) == 1:
            ((ticket_id, participant_id),) = waiting
            self._publish(SocketOpened(self._node_id, ticket_id, participant_id))
            return
        most = limits.ANNOUNCED_TOGETHER_MAX
        for start in range(0, len(waiting), most):
            tickets = tuple(ticket_id for ticket_id, _ in waiting[start : start + most])
            self._publish(SocketsOpened(self._node_id, tickets))

    def _publish(self, message: SocketOpened | SocketsOpened) -> None:
        self._bus.publish(self._show_id, publication.encode(message))
