"""The server's memory and CPU while it is under load, from wherever they can be known.

An own server's processes are read from ``/proc``. Of somebody else's the node's ``/metrics`` is
asked, which says what that one web node uses; where a proxy keeps it to itself, nothing is known,
and the result says so.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import psutil
from msgspec import Struct

from loadtests.fanout.cpu import cpu_s, listener_pid
from loadtests.faults.processes import Command

SAMPLES_MAX = 1_200
"""Samples kept; beyond, every other is let go and they are taken half as often."""

METRICS_TIMEOUT_S = 3.0
ROLES = ("web", "worker", "postgres", "valkey")
_OWN = re.compile(r"^(?:Pss_Anon|SwapPss): +(\d+) kB$", re.M)
_METRIC = re.compile(
    r"^(?:setroom_)?process_(resident_memory_bytes|cpu_seconds_total)(?:\{[^}]*\})? (\S+)$", re.M
)


class Reading(Struct, frozen=True):
    """What one role uses: memory in bytes, CPU as a share of one core since the last reading, and
    the processes that it is."""

    memory_bytes: int
    cpu_share: float
    processes: int = 1


class Sample(Struct, frozen=True):
    """All roles at one moment, in seconds after the start."""

    at_s: float
    roles: dict[str, Reading]


@dataclass(slots=True)
class _Used:
    memory_bytes: int
    cpu_s: float
    processes: int = 1


Source = Callable[[], "dict[str, _Used]"]


class Watch:
    """Samples of a server.

    Attributes:
        samples: in order.
        known: where they come from; empty: nothing is known.
        why_not: why nothing is known.
        every_s: seconds between two samples.
    """

    def __init__(self, every_s: float = 1.0) -> None:
        self.samples: list[Sample] = []
        self.known = ""
        self.why_not = ""
        self.every_s = every_s
        self.started_at = float("inf")
        self._before: dict[str, tuple[float, float]] = {}

    async def own(self, command: Command) -> None:
        """Samples an own server until cancelled."""
        self.known = "its processes (/proc)"
        family = Family(command)
        while True:
            self._sampled(await asyncio.to_thread(family.read))
            await asyncio.sleep(self.every_s)

    async def other(self, url: str, session: aiohttp.ClientSession) -> None:
        """Samples another server by its ``/metrics`` until cancelled."""
        while True:
            used = await self._ask(url, session)
            if used:
                self.known = "the node's /metrics (one web node; behind a balancer any of them)"
                self._sampled(used)
            await asyncio.sleep(self.every_s if used else 10 * self.every_s)

    async def _ask(self, url: str, session: aiohttp.ClientSession) -> dict[str, _Used]:
        try:
            async with asyncio.timeout(METRICS_TIMEOUT_S), session.get(f"{url}/metrics") as answer:
                text = await answer.text() if answer.status == 200 else ""
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self.why_not = f"/metrics: {type(error).__name__}"
            return {}
        found = {name: float(value) for name, value in _METRIC.findall(text)}
        if "resident_memory_bytes" not in found:
            self.why_not = f"/metrics answered {answer.status} without the process's memory"
            return {}
        return {
            "web": _Used(int(found["resident_memory_bytes"]), found.get("cpu_seconds_total", 0.0))
        }

    def _sampled(self, used: dict[str, _Used]) -> None:
        now = time.monotonic()
        roles = {}
        for role, one in used.items():
            at, cpu = self._before.get(role, (now, one.cpu_s))
            # Processes come and go (PostgreSQL's backends): their time goes with them.
            share = max(0.0, one.cpu_s - cpu) / (now - at) if now > at else 0.0
            self._before[role] = (now, one.cpu_s)
            roles[role] = Reading(one.memory_bytes, share, max(1, one.processes))
        at_s = now - self.started_at if self.started_at != float("inf") else -1.0
        self.samples.append(Sample(at_s, roles))
        if len(self.samples) > SAMPLES_MAX:
            del self.samples[1::2]
            self.every_s *= 2

    @property
    def latest(self) -> dict[str, Reading]:
        """The last sample."""
        return self.samples[-1].roles if self.samples else {}


class Family:
    """The processes of ``setroom up``, by role."""

    def __init__(self, command: Command) -> None:
        self._command = command
        self._web_pid: int | None = None

    def read(self) -> dict[str, _Used]:
        """What each role uses now of memory of its own, see `_memory`."""
        family = self._command.family()
        if self._web_pid is None or not psutil.pid_exists(self._web_pid):
            try:
                self._web_pid = listener_pid(family, self._command.port)
            except LookupError:
                self._web_pid = None
        found: dict[str, _Used] = {}
        for process in family:
            try:
                role = self._role(process)
                if role is None:
                    continue
                one = found.setdefault(role, _Used(0, 0.0, 0))
                one.memory_bytes += _memory(process)
                one.cpu_s += cpu_s(process.pid)
                one.processes += 1
            except psutil.Error:
                continue
        return found

    def _role(self, process: psutil.Process) -> str | None:
        if process.pid == self._web_pid:
            return "web"
        name = process.name()
        if name.startswith("postgres"):
            return "postgres"
        if name.startswith("valkey"):
            return "valkey"
        return "worker" if "worker" in process.cmdline()[1:] else None


def _memory(process: psutil.Process) -> int:
    """Anonymous memory in bytes, each page once however many processes share it (PSS), swapped
    out or not: what a process has asked for itself.

    Not the files that it maps, nor memory that processes share on purpose: PostgreSQL's buffers
    have a fixed size, and fill with whatever is read for as long as they have room.
    """
    try:
        text = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
    except OSError:  # gone, another account's, or an older kernel
        resident: int = process.memory_info().rss
        return resident
    return 1024 * sum(int(kib) for kib in _OWN.findall(text))
