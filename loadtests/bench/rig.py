"""The server under measurement, its processes' CPU, and a crowd of guests with tickets."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import psutil

from loadtests.fanout.cpu import cpu_s, listener_pid
from loadtests.faults import processes, setting
from loadtests.faults.processes import Command
from loadtests.wire import ApiClient
from loadtests.wire.api import open_session

ADMITTED_AT_ONCE = 24
BOTTLENECK = 0.9
"""A generator that used more than this share of one core is what was measured."""


@dataclass(slots=True)
class Rig:
    """A running server and its crew."""

    command: Command
    session: aiohttp.ClientSession
    crew: ApiClient
    web_pid: int
    tickets: dict[str, list[str]] = field(default_factory=dict)
    guests: list[ApiClient] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The node's address."""
        return self.command.url

    @property
    def port(self) -> int:
        """The node's port."""
        return self.command.port

    async def admit(self, show_id: str, count: int, first: int = 0) -> list[str]:
        """Tickets of so many distinct guests for a show; guests are used again.

        Tickets are good for a minute: for thousands, take some, use them, and go on from ``first``.
        """
        gate = asyncio.Semaphore(ADMITTED_AT_ONCE)

        async def guest(number: int) -> ApiClient:
            async with gate:
                return await setting.new_guest(self.url, self.session, f"Guest {number}")

        async def ticket(api: ApiClient) -> str:
            async with gate:
                return await api.ticket(show_id)

        missing = range(len(self.guests), first + count)
        self.guests += await asyncio.gather(*(guest(number) for number in missing))
        admitted = self.guests[first : first + count]
        return list(await asyncio.gather(*(ticket(api) for api in admitted)))


@asynccontextmanager
async def rig() -> AsyncIterator[Rig]:
    """``setroom up`` in a folder of its own, fsync on."""
    folder = processes.data_folder("setroom-bench-")
    command = processes.up(folder, folder / "up.log")
    try:
        command.launch()
        await command.ready()
        for process in command.family():
            _share_priority(process.pid)
        async with open_session() as session:
            crew = await setting.new_crew(command.url, session)
            pid = listener_pid(command.family(), command.port)
            yield Rig(command, session, crew, pid)
    finally:
        await command.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _share_priority(pid: int) -> None:
    """Runs a process of the server with the generator's priority on a machine that has other work.

    ``nice`` is inherited, but says nothing across sessions where the kernel groups processes by
    them (autogroup, sched(7)): the node, the worker and each store are sessions of their own.
    """
    with contextlib.suppress(OSError, ValueError):
        nice = Path("/proc/self/autogroup").read_text().rpartition(" ")[2].strip()
        Path(f"/proc/{pid}/autogroup").write_text(nice)


@dataclass(slots=True)
class Used:
    """Wall and CPU seconds of one measurement."""

    wall_s: float = 0.0
    web_s: float = 0.0
    postgres_s: float = 0.0
    generator_s: float = 0.0

    @property
    def generator_is_bottleneck(self) -> bool:
        """Whether the load generator had no time left."""
        return self.generator_s > BOTTLENECK * self.wall_s


class Meter:
    """Measures between `start` and `stop`."""

    def __init__(self, rig: Rig) -> None:
        self._web_pid = rig.web_pid
        self._postgres = [
            process.pid for process in rig.command.family() if "postgres" in process.name()
        ]

    def start(self) -> None:
        """From now on."""
        self._from = self._now()

    def stop(self) -> Used:
        """Until now."""
        before, after = self._from, self._now()
        return Used(*(b - a for a, b in zip(before, after, strict=True)))

    def _now(self) -> tuple[float, float, float, float]:
        postgres_s = 0.0
        for pid in self._postgres:
            try:
                postgres_s += cpu_s(pid)
            except psutil.NoSuchProcess:
                continue
        return time.perf_counter(), cpu_s(self._web_pid), postgres_s, time.process_time()
