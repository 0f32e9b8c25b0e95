"""Gates: so many at a time, so many waiting, and everybody else is told to come again.

What anybody may ask for and what takes its time must not take every connection to the database or
every core: rooms need them too.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from server.problems import ApiError

COME_AGAIN_S = 2.0


class Gate:
    """One gate, on one node.

    Args:
        at_once: how many are let through at a time.
        waiting_max: how many wait for their turn; with it a wait has a bound, too.
    """

    def __init__(self, at_once: int, waiting_max: int) -> None:
        self._turns = asyncio.Semaphore(at_once)
        self._inside_max = at_once + waiting_max
        self._inside = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Waits for a turn, and holds it for as long as the block lasts.

        Raises:
            ApiError: ``busy``: too many wait already.
        """
        if self._inside >= self._inside_max:
            raise ApiError(503, "busy", "Many ask for this now.", retry_after_s=COME_AGAIN_S)
        self._inside += 1
        try:
            async with self._turns:
                yield
        finally:
            self._inside -= 1
