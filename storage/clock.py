"""Time as the database has it: `rooms.ports.Clock`.

Nodes must agree on when a round ends. Each measures how far its own clock is from the
database's and corrects by that; between measurements the steady clock counts, so a step of the
machine's clock (NTP, a suspended laptop) moves nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import structlog

from rooms.ports import LogUnavailable
from rooms.tasks import end

INTERVAL_S = 30.0
"""Between measurements. Clocks drift apart by a few ms in this time at most."""

SAMPLES = 5
"""Readings per measurement; the quickest one is the most exact."""

log = structlog.get_logger()


class DatabaseClock:
    """Until the first measurement it is the machine's own clock.

    Args:
        database_time: reads the database's clock (`rooms.ports.RoomLog.database_time`).
    """

    def __init__(self, database_time: Callable[[], Awaitable[datetime]]) -> None:
        self._database_time = database_time
        self._base = datetime.now(UTC)
        self._base_at = time.monotonic()
        self._task: asyncio.Task[None] | None = None

    def now(self) -> datetime:
        """UTC, corrected to the database's clock."""
        return self._base + timedelta(seconds=time.monotonic() - self._base_at)

    def monotonic(self) -> float:
        """Seconds, for durations."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Waits."""
        await asyncio.sleep(seconds)

    async def measure(self) -> timedelta:
        """Reads the database's clock and corrects this one.

        Returns:
            By how much this clock moved.

        Raises:
            LogUnavailable: the database could not be reached; the clock goes on as it was.
        """
        best: tuple[float, datetime, float] | None = None
        for _ in range(SAMPLES):
            before = time.monotonic()
            at = await self._database_time()
            after = time.monotonic()
            if best is None or after - before < best[0]:
                best = (after - before, at, (before + after) / 2)
        assert best is not None, "there is at least one sample"
        _, at, middle = best
        moved = at - (self._base + timedelta(seconds=middle - self._base_at))
        self._base, self._base_at = at, middle
        return moved

    async def start(self) -> None:
        """Measures once, and from then on every `INTERVAL_S`."""
        await self.measure()
        self._task = asyncio.create_task(self._measure_forever(), name="clock")

    async def stop(self) -> None:
        """Ends the measuring."""
        if self._task is not None:
            await end([self._task])
            self._task = None

    async def _measure_forever(self) -> None:
        while True:
            await asyncio.sleep(INTERVAL_S)
            try:
                moved = await self.measure()
            except LogUnavailable:
                log.warning("clock_not_measured")
                continue
            if abs(moved) > timedelta(milliseconds=100):
                log.warning("clock_corrected", moved_ms=round(moved.total_seconds() * 1000))
