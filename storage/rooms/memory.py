"""The in-memory twins of the room's log and bus, for tests and simulations only."""

from storage.rooms.memory_bus import MemoryBusHub, MemoryRoomBus
from storage.rooms.memory_log import MemoryRoomLog

__all__ = ["MemoryBusHub", "MemoryRoomBus", "MemoryRoomLog"]
