"""When each state last changed, so that whoever asks now and then is told what moved since."""

from __future__ import annotations

from rooms.fanout.conflation import Key
from rooms.ports import Head

RIDES_ALONG = frozenset({"head_count", "pulse"})
"""States that come with other news: by themselves they would end every poll once a second."""


class StateChanges:
    """The head at which each state moved last, as far as this node knows.

    Heads are the same on all nodes, so a place taken from one node means the same on another.

    Args:
        floor: the head at which the room was loaded; what moved before it is not known.
    """

    def __init__(self, floor: Head) -> None:
        self._floor = floor
        self._moved_at: dict[Key, Head] = {}

    def note(self, key: Key, head: Head) -> None:
        """A state moved with the turn that ended at ``head``."""
        self._moved_at[key] = head

    def since(self, place: Head) -> list[Key] | None:
        """What moved after a place; ``None``: that is not known, so perhaps everything."""
        if place.seq < self._floor.seq or place.state_version < self._floor.state_version:
            return None
        return [
            key
            for key, head in self._moved_at.items()
            if head.seq > place.seq or head.state_version > place.state_version
        ]
