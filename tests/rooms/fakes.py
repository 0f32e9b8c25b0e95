"""A scheduler that only moves when told to, and connections that keep what they get."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from typing import Any

from rooms.fanout.framing import split_frames
from rooms.fanout.speech import Speech
from rooms.participants import Participant
from tests.rooms.builders import person


class FakeHandle:
    def __init__(self, callback: Callable[[], Any]) -> None:
        self.callback: Callable[[], Any] | None = callback

    def cancel(self) -> None:
        self.callback = None


class FakeScheduler:
    """Turns of a loop, one at a time, and time that passes by hand.

    Attributes:
        turns: turns made so far.
    """

    def __init__(self) -> None:
        self._now = 100.0
        self._soon: list[FakeHandle] = []
        self._later: list[tuple[float, int, FakeHandle]] = []
        self._numbers = itertools.count()
        self.turns = 0

    def time(self) -> float:
        return self._now

    def call_soon(self, callback: Callable[[], Any], /) -> FakeHandle:
        handle = FakeHandle(callback)
        self._soon.append(handle)
        return handle

    def call_later(self, delay: float, callback: Callable[[], Any], /) -> FakeHandle:
        handle = FakeHandle(callback)
        heapq.heappush(self._later, (self._now + delay, next(self._numbers), handle))
        return handle

    def turn(self) -> bool:
        """One turn of the loop; whether there was anything to do."""
        self.turns += 1
        while self._later and self._later[0][0] <= self._now:
            self._soon.append(heapq.heappop(self._later)[2])
        ready, self._soon = self._soon, []
        for handle in ready:
            if handle.callback is not None:
                handle.callback()
        return bool(ready)

    def settle(self) -> None:
        """Turns until nothing is left to do at this moment."""
        while self.turn():
            pass

    def advance(self, seconds: float) -> None:
        """Lets time pass, timer by timer."""
        until = self._now + seconds
        self.settle()
        while self._later and self._later[0][0] <= until:
            self._now = max(self._now, self._later[0][0])
            self.settle()
        self._now = until
        self.settle()


class FakeConnection:
    """Keeps what is written.

    Attributes:
        writes: one item per write.
        stuck: takes nothing any more: the backlog grows.
    """

    def __init__(
        self,
        participant: Participant | str = "dana",
        *,
        ticket: str | None = None,
        session: str = "s",
        text: bool = True,
    ) -> None:
        self.participant = person(participant) if isinstance(participant, str) else participant
        self.session_id = session
        self.ticket_id = ticket or f"ticket-{id(self)}"
        self.speech = Speech.ROOM if text else Speech.YJS
        self.writes: list[bytes] = []
        self.stuck = False
        self.queued = 0
        self.closed: tuple[int, str] | None = None
        self.aborted = False

    def write(self, frames: bytes) -> int:
        if self.closed is not None:
            return 0
        self.writes.append(frames)
        if self.stuck:
            self.queued += len(frames)
        return self.queued

    def backlog(self) -> int:
        return self.queued

    def close(self, code: int, reason: str = "") -> None:
        if self.closed is None:
            self.closed = (code, reason)

    def abort(self) -> None:
        self.aborted = True

    @property
    def messages(self) -> list[bytes]:
        """Payloads in order."""
        return [payload for frames in self.writes for _, payload in split_frames(frames)]

    @property
    def texts(self) -> list[str]:
        """Text payloads in order."""
        return [
            payload.decode()
            for frames in self.writes
            for is_text, payload in split_frames(frames)
            if is_text
        ]
