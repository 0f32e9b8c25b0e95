"""What names a room's log; see `rooms.epoch`."""

from __future__ import annotations

from rooms.epoch import epoch_of

__all__ = ["epoch_of"]
