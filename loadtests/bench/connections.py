"""Ten thousand connections to one room of one node, which gets two cores.

They come in waves of a thousand at the same moment, everybody with a ticket of their own; then the
crew posts lines, and each line's way to every single connection is timed by the generator, which
reads all of them in one process: its own time is in these numbers, and is printed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import time
from dataclasses import dataclass, field

import psutil
from rich.table import Table

from loadtests.bench.latency import quantile
from loadtests.bench.rig import Meter, Rig, Used, rig
from loadtests.bench.sockets import Connected, connect_all
from loadtests.fanout.cpu import rss_bytes
from loadtests.faults import setting
from loadtests.wire import RoomClient
from loadtests.wire.thin_socket import TEXT, ThinSocket

CONNECTIONS = 10_000
WAVE = 1_000
LINES = 20
LINE_INTERVAL_S = 1.0
NODE_CORES = 2
TIMEOUT_S = 60.0
_LINE = b"line number "


@dataclass(slots=True)
class ManyConnections:
    """What was seen.

    Attributes:
        wave_s: seconds until all of a wave were welcomed, per wave.
        joined: what the waves used.
        line_s: seconds from posting a line to its arrival, one per line and connection.
        lines: what the lines used.
    """

    connections: int
    kib_each: float = 0.0
    came_back: int = 0
    wave_s: list[float] = field(default_factory=list)
    joined: Used = field(default_factory=Used)
    line_s: list[float] = field(default_factory=list)
    lines: Used = field(default_factory=Used)

    def table(self) -> Table:
        """For people."""
        title = f"{self.connections:,} connections to one room, node on {NODE_CORES} cores"
        table = Table(title=title, title_justify="left")
        for name in ("what", "result", "CPU µs each: web / PostgreSQL / generator"):
            table.add_column(name)
        table.add_row("memory of a connection", f"{self.kib_each:.1f} KiB resident", "")
        waves = (min(self.wave_s), quantile(self.wave_s, 0.5), max(self.wave_s))
        table.add_row(
            f"{len(self.wave_s)} waves of {WAVE:,} at once, all welcomed",
            "least {:.2f} s, median {:.2f} s, most {:.2f} s".format(*waves)
            + f"; {self.came_back} told to try later",
            _cpu(self.joined, self.connections),
        )
        shares = ", ".join(f"p{n} {quantile(self.line_s, n / 100) * 1e3:.0f} ms" for n in (50, 99))
        table.add_row(
            f"a chat line to all, one a {LINE_INTERVAL_S:.0f} s, {len(self.line_s):,} arrivals",
            shares,
            _cpu(self.lines, len(self.line_s)),
        )
        return table


def _cpu(used: Used, count: int) -> str:
    each = (used.web_s, used.postgres_s, used.generator_s)
    return " / ".join(f"{seconds / max(1, count) * 1e6:,.1f}" for seconds in each)


class _Arrivals:
    def __init__(self, connections: int) -> None:
        self.sent_at: dict[int, float] = {}
        self.seconds: list[float] = []
        self.all_of_line = asyncio.Event()
        self._connections = connections
        self._of_line = 0

    def line(self, number: int) -> str:
        """The text of the next line, sent now."""
        self._of_line = 0
        self.all_of_line.clear()
        self.sent_at[number] = time.perf_counter()
        return f"{_LINE.decode()}{number:04}."

    def frame(self, socket: ThinSocket, opcode: int, payload: bytes) -> None:
        at = payload.find(_LINE) if opcode == TEXT and payload.startswith(b'{"t":"event"') else -1
        if at < 0:
            return
        at += len(_LINE)
        self.seconds.append(time.perf_counter() - self.sent_at[int(payload[at : at + 4])])
        self._of_line += 1
        if self._of_line == self._connections:
            self.all_of_line.set()


async def measure(connections: int = CONNECTIONS) -> ManyConnections:
    """Starts a server, fills one room, and speaks in it."""
    _allow_many_sockets()
    seen = ManyConnections(connections)
    async with rig() as running:
        _pin(running)
        show_id = str((await setting.live_show(running.crew, "Full house"))["id"])
        arrivals = _Arrivals(connections)
        await running.admit(show_id, connections)  # guests; tickets that are used last a minute
        crowds: list[Connected] = []
        before = rss_bytes(running.web_pid)
        try:
            for first in range(0, connections, WAVE):
                size = min(WAVE, connections - first)
                tickets = await running.admit(show_id, size, first=first)
                meter, began = Meter(running), time.perf_counter()
                meter.start()
                crowd = await connect_all(running.port, show_id, tickets, arrivals.frame)
                seen.wave_s.append(time.perf_counter() - began)
                seen.joined = _sum(seen.joined, meter.stop())
                seen.came_back += crowd.came_back
                crowds.append(crowd)
            seen.kib_each = (rss_bytes(running.web_pid) - before) / 1024 / connections
            await _speak(running, show_id, arrivals, seen)
        finally:
            for crowd in crowds:
                crowd.leave()
    return seen


async def _speak(rig: Rig, show_id: str, arrivals: _Arrivals, seen: ManyConnections) -> None:
    async with RoomClient(rig.crew, show_id) as crew:
        await crew.entered()
        meter = Meter(rig)
        meter.start()
        for number in range(LINES):
            began = time.perf_counter()
            path = f"/api/shows/{show_id}/commands"
            text = arrivals.line(number)
            body = {"command_id": f"line-{number}", "name": "post_chat", "args": {"text": text}}
            await rig.crew.post(path, body)
            await asyncio.wait_for(arrivals.all_of_line.wait(), TIMEOUT_S)
            await asyncio.sleep(max(0.0, began + LINE_INTERVAL_S - time.perf_counter()))
        seen.lines = meter.stop()
        seen.line_s = arrivals.seconds


def _sum(one: Used, other: Used) -> Used:
    return Used(
        one.wall_s + other.wall_s,
        one.web_s + other.web_s,
        one.postgres_s + other.postgres_s,
        one.generator_s + other.generator_s,
    )


def _allow_many_sockets() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _pin(rig: Rig) -> None:
    """The server and its stores on two cores, the generator on the others, where there are any."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) <= NODE_CORES:
        return
    for process in rig.command.family():
        with contextlib.suppress(psutil.Error):
            process.cpu_affinity(cores[:NODE_CORES])
    os.sched_setaffinity(0, cores[NODE_CORES:])
