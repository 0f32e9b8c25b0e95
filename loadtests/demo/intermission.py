"""How long the stage stays dark between two nights.

A demo that runs for days must not fill a disk. After `FREE_NIGHTS` nights the next one begins
only while somebody who is not of the cast is in the room, and the breaks between nights grow;
a newcomer who walks in shortens the wait.
"""

from __future__ import annotations

import asyncio

import structlog

from loadtests.demo.newcomers import Newcomers

logger = structlog.get_logger(__name__)

BREAKS_S = (20.0, 20.0, 60.0, 180.0, 600.0, 1800.0)
"""Between two nights: longer the longer nobody new came in."""
FREE_NIGHTS = 3
"""Nights that are played for nobody."""
GREETING_S = 8.0
"""A newcomer who walks into a finished night sees it this long before the next begins."""


class Intermission:
    """Waits for the next night.

    Args:
        pace: seconds that a second of a break takes.
    """

    def __init__(self, newcomers: Newcomers, pace: float = 1.0) -> None:
        self._newcomers = newcomers
        self._pace = pace

    async def between(self, nights: int) -> None:
        """Returns when the next night is to begin, after so many were played."""
        if nights == 0:
            return
        pause_s = BREAKS_S[min(nights - 1, len(BREAKS_S) - 1)] * self._pace
        if nights < FREE_NIGHTS:
            await asyncio.sleep(pause_s)
        elif not self._newcomers.present.is_set():
            logger.info("demo_waits_for_a_visitor", nights=nights)
            await self._newcomers.present.wait()
            await asyncio.sleep(GREETING_S * self._pace)
        else:
            await self._newcomers.arrived(pause_s)
