"""The names of those who drive a show or perform at it, which nobody in its audience has."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Final

from rooms.participants import SYSTEM
from rooms.ports import Clock
from rooms.shows.ports import CrewStore
from server.shows.look_alikes import looks

KEPT_S: Final = 10.0
"""Everybody who comes in asks, and a crew is named once an evening."""

SHOWS_MAX: Final = 2_000

_Names = asyncio.Task[frozenset[str]]


class StageNames:
    """Knows whether a name looks like one of a show's crew or artists, or like Setroom's own."""

    def __init__(self, crew: CrewStore, clock: Clock) -> None:
        self._crew = crew
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, _Names]] = OrderedDict()

    async def have(self, show_id: str, name: str) -> bool:
        """Whether somebody of the audience would be taken for one of them."""
        return not looks(name).isdisjoint(await asyncio.shield(self._names(show_id)))

    def _names(self, show_id: str) -> _Names:
        """One read for all who ask at once."""
        now = self._clock.monotonic()
        until, reading = self._known.get(show_id, (0.0, None))
        if reading is None or now >= until or _has_failed(reading):
            reading = asyncio.create_task(self._read(show_id))
            self._known[show_id] = (now + KEPT_S, reading)
            self._known.move_to_end(show_id)
            while len(self._known) > SHOWS_MAX:
                self._known.popitem(last=False)
        return reading

    async def _read(self, show_id: str) -> frozenset[str]:
        names = [SYSTEM.display_name, *await self._crew.stage_names(show_id)]
        return frozenset().union(*map(looks, names))


def _has_failed(reading: _Names) -> bool:
    return reading.done() and (reading.cancelled() or reading.exception() is not None)
