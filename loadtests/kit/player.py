"""What a scenario's crowd has in a generator process: the server, a recorder, the start."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import psutil

from loadtests.kit.address import Address
from loadtests.kit.link import Closed, End, Finish, Go, Note, Progress, Ready, Tell
from loadtests.kit.pacing import open_loop
from loadtests.kit.recorder import Recorder
from loadtests.wire.signal import Signal

REPORT_EVERY_S = 1.0
LAG_PROBE_S = 0.02
"""So often a process looks how late it wakes up."""


class Player:
    """One generator process.

    Attributes:
        number: of the process, from 0.
        address: the server.
        recorder: takes measurements.
        rng: seeded for this process.
        started_at: moment of the start on the monotonic clock; before it is known, infinite.
        told: what the crew's side has said, by topic.
        finishing: whether nothing more is to be begun.
    """

    def __init__(self, number: int, address: Address, seed: int, end: End) -> None:
        self.number = number
        self.address = address
        self.recorder = Recorder()
        self.rng = random.Random(f"{seed}/{number}")
        self.started_at = float("inf")
        self.told: dict[str, str] = {}
        self.finishing = False
        self.signal = Signal()
        self._end = end

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start; negative before it."""
        return time.monotonic() - self.started_at

    async def ready(self) -> float:
        """Says that this crowd is in place, and waits until all are; returns the start."""
        self._end.send(Ready())
        await self.signal.until(lambda: self.started_at != float("inf"), 3600)
        await asyncio.sleep(self.started_at - time.monotonic())
        return self.started_at

    async def finished(self, timeout_s: float = 24 * 3600) -> None:
        """Waits until nothing more is to be begun."""
        await self.signal.until(lambda: self.finishing, timeout_s)

    async def finished_or(self, timeout_s: float) -> None:
        """Waits until the crew's side says ``finish``, but no longer than that."""
        with contextlib.suppress(TimeoutError):
            await self.signal.until(lambda: self.finishing or "finish" in self.told, timeout_s)

    async def topic(self, name: str, timeout_s: float = 3600) -> str:
        """Waits for what the crew's side says about something."""
        await self.signal.until(lambda: name in self.told, timeout_s)
        return self.told[name]

    async def pace(self, due_s: Iterable[float], send: object) -> int:
        """`open_loop` from the start on."""
        assert callable(send)
        return await open_loop(self.recorder, self.started_at, due_s, send)

    def say(self, text: str) -> None:
        """A line for whoever watches."""
        self._end.send(Note(text))

    @asynccontextmanager
    async def reporting(self) -> AsyncIterator[None]:
        """Listens to the run, reports every second, and probes this process's own loop."""
        tasks = [
            asyncio.create_task(work)
            for work in (self._listen(), self._report_always(), self._probe())
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self) -> None:
        while True:
            try:
                message = await self._end.receive()
            except Closed:
                self.finishing = True
                self.signal.changed()
                return
            match message:
                case Go(at=at):
                    self.started_at = at
                case Finish():
                    self.finishing = True
                case Tell(topic=topic, body=body):
                    self.told[topic] = body
                case _:
                    pass
            self.signal.changed()

    async def _probe(self) -> None:
        while True:
            due = time.monotonic() + LAG_PROBE_S
            await asyncio.sleep(LAG_PROBE_S)
            self.recorder.lag.record(time.monotonic() - due)

    async def _report_always(self) -> None:
        process = psutil.Process()
        wall, cpu = time.monotonic(), time.process_time()
        try:
            while True:
                # On the beat of the start, so that the intervals of all processes are the same.
                begun = self.started_at != float("inf")
                phase = (time.monotonic() - self.started_at) % REPORT_EVERY_S if begun else 0.0
                await asyncio.sleep(REPORT_EVERY_S - phase)
                wall, cpu = self._report(process, wall, cpu)
        finally:
            self._report(process, wall, cpu)

    def _report(self, process: psutil.Process, wall: float, cpu: float) -> tuple[float, float]:
        now, used = time.monotonic(), time.process_time()
        delta = self.recorder.drain(
            self.number,
            now - self.started_at if self.started_at != float("inf") else -1.0,
            now - wall,
            used - cpu,
            process.memory_info().rss,
        )
        self._end.send(Progress(delta))
        return now, used
