"""A client on a socket that acts unhurriedly, and notes how long it was without the room."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter

from loadtests.faults.http_visitor import PAUSE_S
from loadtests.faults.worker import Worker
from loadtests.wire import ApiClient
from loadtests.wire.messages import Welcome


class Visitor(Worker):
    """A client that notes how long it was without the room.

    Args:
        edits: whether it edits the setlist as well.
    """

    def __init__(self, name: str, api: ApiClient, show_id: str, seed: int, *, edits: bool) -> None:
        self.absences_s: list[float] = []
        self.acknowledged: Counter[str] = Counter()
        self._edits = edits
        self._heard_at = (0.0, 0.0)
        super().__init__(name, api, show_id, seed, on_frame=self._heard)

    async def act(self) -> None:
        """Acts until `stop`, one thing after the other; what was begun is waited for."""
        kinds = [("votes", self._vote), ("chat lines", self._chat)]
        kinds += [("edits", self._edit)] if self._edits else []
        while not self._stopping.is_set():
            what, action = self.rng.choice(kinds)
            await action()
            self.acknowledged[what] += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self.rng.uniform(*PAUSE_S))

    def _heard(self, frame: str | bytes) -> None:
        del frame
        self._heard_at = (self._heard_at[1], time.monotonic())

    def _welcomed(self, welcome: Welcome) -> None:
        # A room with so many people says something all the time: the frame before this welcome
        # was the last one of the socket before.
        before, now = self._heard_at
        if before:
            self.absences_s.append(now - before)
        super()._welcomed(welcome)
