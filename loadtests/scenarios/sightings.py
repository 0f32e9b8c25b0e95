"""When each replica saw each edit, told from Yjs' own clocks.

An edit that writes anything moves its author's clock, and a replica whose state vector has reached
that clock has the edit, whatever frames it came in and whatever was written over it since. (Edits
that only delete move no clock: they are measured by ``edit saved`` alone.)
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from loadtests.kit.recorder import Recorder
from loadtests.wire import ApiClient, RoomClient, framing


def clocks(state_vector: bytes) -> dict[int, int]:
    """A Yjs state vector: the clock of each client.

    Raises:
        FramingError: it is none.
    """
    count, at = framing.read_varuint(state_vector, 0)
    found = {}
    for _ in range(count):
        client, at = framing.read_varuint(state_vector, at)
        found[client], at = framing.read_varuint(state_vector, at)
    return found


@dataclass(slots=True)
class _Made:
    """An edit, and how many replicas have not seen it."""

    clock: int
    due: float
    missing: int


class EditSightings:
    """All edits of one room.

    Args:
        recorder: measures.
        others: replicas beside an edit's author.
    """

    def __init__(self, recorder: Recorder, others: int) -> None:
        self._recorder = recorder
        self._others = others
        self._made: dict[int, list[_Made]] = {}

    @property
    def unseen(self) -> int:
        """Edits that not everybody has seen."""
        return sum(edit.missing > 0 for edits in self._made.values() for edit in edits)

    def made(self, room: RoomClient, due: float) -> None:
        """Somebody has just edited."""
        client = room.setlist.client_id
        clock = clocks(room.setlist.state_vector()).get(client, 0)
        edits = self._made.setdefault(client, [])
        if clock > (edits[-1].clock if edits else 0):
            edits.append(_Made(clock, due, self._others))

    def saw(self, replica: Replica) -> None:
        """A replica has taken something in."""
        now = time.monotonic()
        own = replica.setlist.client_id
        reached = clocks(replica.setlist.state_vector())
        for client, edits in self._made.items():
            if client == own:
                continue
            at, clock = replica.places.get(client, 0), reached.get(client, 0)
            while at < len(edits) and edits[at].clock <= clock:
                edit = edits[at]
                at += 1
                edit.missing -= 1
                self._recorder.took("edit to replica", now - edit.due)
                if not edit.missing:
                    self._recorder.took("edit to everybody", now - edit.due)
            replica.places[client] = at


class Replica(RoomClient):
    """A full copy of a room's setlist that says what it sees.

    Attributes:
        places: of each author's edits, how many were seen.
    """

    def __init__(self, api: ApiClient, show_id: str, sightings: EditSightings, **rest: Any) -> None:
        super().__init__(api, show_id, **rest)
        self.places: dict[int, int] = {}
        self._sightings = sightings

    async def _binary(self, data: bytes) -> None:
        await super()._binary(data)
        self._sightings.saw(self)
