"""Writes down how many people are in the rooms of this node, by the minute."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import structlog

from rooms.node import Node
from rooms.ports import Clock
from rooms.show import ShowStatus
from rooms.timeline.ports import HeadCountAt, HeadCounts

EVERY_S: Final = 10.0
"""People come and go within a minute; the highest of six looks is kept."""

_log = structlog.get_logger(__name__)

Key = tuple[str, datetime]
"""(show_id, minute)."""


class HeadCountRecording:
    """Looks at the rooms that are live, and keeps what is more than was kept for the minute."""

    def __init__(self, node: Node, counts: HeadCounts, clock: Clock) -> None:
        self._node = node
        self._counts = counts
        self._clock = clock
        self._kept: dict[Key, int] = {}

    async def run(self) -> None:
        """Looks again and again, until it is cancelled."""
        while True:
            await self._clock.sleep(EVERY_S)
            try:
                await self.look()
            except Exception as error:
                # A minute without a number is no reason to end a night.
                _log.warning("head_counts_not_kept", error=type(error).__name__)

    async def look(self) -> None:
        """One look."""
        minute = self._clock.now().replace(second=0, microsecond=0)
        self._kept = {key: most for key, most in self._kept.items() if key[1] == minute}
        fresh = [
            HeadCountAt(room.show_id, minute, count)
            for room in self._node.rooms
            if room.facts.status is ShowStatus.LIVE
            and (count := room.head_count()) > self._kept.get((room.show_id, minute), -1)
        ]
        await self._counts.record(fresh)
        self._kept.update({(row.show_id, row.minute): row.participants for row in fresh})
