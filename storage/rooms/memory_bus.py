"""Publications in memory, for tests and simulations: several nodes' buses on one hub."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

Lose = Callable[[str, bytes], bool]


class MemoryBusHub:
    """What Redis is to real nodes.

    Args:
        lose: asked for every delivery; True loses it.
    """

    def __init__(self, lose: Lose = lambda show_id, message: False) -> None:
        self.lose = lose
        self.buses: list[MemoryRoomBus] = []


class MemoryRoomBus:
    """One node's bus. Messages arrive in order, in a later step of the event loop."""

    def __init__(self, hub: MemoryBusHub) -> None:
        self._hub = hub
        self._subscribed: set[str] = set()
        self._handler: Callable[[str, bytes], None] = lambda show_id, message: None
        hub.buses.append(self)

    def publish(self, show_id: str, message: bytes) -> None:
        """Hands a message to every bus that subscribes to the room, this one included."""
        asyncio.get_running_loop().call_soon(self._deliver, show_id, message)

    async def subscribe(self, show_id: str) -> None:
        """From now on, messages of this room are delivered."""
        self._subscribed.add(show_id)

    async def unsubscribe(self, show_id: str) -> None:
        """No more messages of this room."""
        self._subscribed.discard(show_id)

    def on_message(self, handler: Callable[[str, bytes], None]) -> None:
        """Sets the one handler."""
        self._handler = handler

    async def start(self) -> None:
        """Nothing to start."""

    async def stop(self) -> None:
        """Hears nothing any longer."""
        self._subscribed.clear()

    def _deliver(self, show_id: str, message: bytes) -> None:
        for bus in self._hub.buses:
            if show_id in bus._subscribed and not self._hub.lose(show_id, message):
                bus._handler(show_id, message)
