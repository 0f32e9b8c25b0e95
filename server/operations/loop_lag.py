"""How late things come on the event loop: a timer that looks when it was called."""

from __future__ import annotations

import asyncio
from typing import Final

PROBE_EVERY_S: Final = 0.1
"""Ten callbacks a second find any stall of a tenth; a shorter one delays nobody noticeably."""

SPAN_S: Final = 5.0


class LoopLag:
    """The latest that the probe came, in the newest five to ten seconds.

    Nobody resets it by reading it: two scrapers and a report see the same.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._turns_at = 0.0
        self._now_s = 0.0
        self._before_s = 0.0

    @property
    def seconds(self) -> float:
        """The largest lag of the newest five to ten seconds."""
        return max(self._now_s, self._before_s)

    def start(self) -> None:
        """Begins, on the running loop."""
        self._loop = asyncio.get_running_loop()
        self._turns_at = self._loop.time() + SPAN_S
        self._arm(self._loop)

    def stop(self) -> None:
        """Ends."""
        if self._timer is not None:
            self._timer.cancel()
        self._loop = self._timer = None

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        self._due = loop.time() + PROBE_EVERY_S
        self._timer = loop.call_at(self._due, self._look)

    def _look(self) -> None:
        loop = self._loop
        if loop is None:
            return
        now = loop.time()
        if now >= self._turns_at:
            self._before_s, self._now_s = self._now_s, 0.0
            self._turns_at = now + SPAN_S
        self._now_s = max(self._now_s, now - self._due)
        self._arm(loop)
