"""``python -m loadtests.bench_idle``: what a connection that only listens costs the web node.

The real server (``setroom up``, authentication, log and limits on), one room whose setlist has 300
entries, and guests who come in with a ticket each and then say nothing. Counted is the resident
memory of the web node's process from one size of the room to the next; the first
`WARM_UP` connections are not, because the node's caches, pools and code fill with them. Then the
room is left alone, and the CPU that it still uses is counted: pings, heartbeats, upkeep.

What the system keeps per socket is not in a process's memory: some KiB of kernel memory more.

``python -m loadtests.bench --only connections`` fills a room in waves and times lines instead.
"""

from __future__ import annotations

import asyncio
import os
import time
from functools import partial
from pathlib import Path

import click
import msgspec
import uvloop
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from loadtests.bench.rig import Rig, rig
from loadtests.fanout.cpu import cpu_s, rss_bytes
from loadtests.fanout.sides import Room, send
from loadtests.faults.setting import live_show
from loadtests.wire import RoomClient, SetlistDocument

ENTRIES = 300
ENTRIES_PER_EDIT = 100
WARM_UP = 500
SETTLE_S = 3.0
IDLE_S = 30.0


class Idle(Struct):
    """A room of so many connections.

    Attributes:
        connections: in the room.
        rss_mib: of the web node.
        kib_per_connection: since the size before.
        idle_us: CPU of the node per connection and second, with nothing said.
        line_ms: CPU of one chat line to all of them.
    """

    connections: int
    rss_mib: float
    kib_per_connection: float
    idle_us: float
    line_ms: float


async def measure(running: Rig, sizes: list[int]) -> list[Idle]:
    """One size after the other, in one room."""
    show_id = str((await live_show(running.crew, "Idle"))["id"])
    async with RoomClient(running.crew, show_id) as crew:
        await crew.entered()
        for first in range(0, ENTRIES, ENTRIES_PER_EDIT):
            edit = await crew.edit(partial(_fill, me=crew.participant_id, first=first))
            await edit.saved()
    room = Room(running.port, running.web_pid, show_id)
    before, found = 0.0, []
    for size in [WARM_UP, *sizes]:
        present = len(room.crowd.receivers)
        click.echo(f"{size:,} connections", err=True)
        await room.fill(running, size - present, present)
        await send(room, 8, 1, paced=False)
        await asyncio.sleep(SETTLE_S)
        rss = float(rss_bytes(running.web_pid))
        if size != WARM_UP:
            kib = (rss - before) / 1024 / (size - present)
            found.append(
                Idle(size, rss / 2**20, kib, await _idle_us(room, size), await _line_ms(room))
            )
        before = rss
    room.crowd.leave()
    return found


async def _idle_us(room: Room, connections: int) -> float:
    began, cpu = time.perf_counter(), cpu_s(room.pid)
    await asyncio.sleep(IDLE_S)
    return (cpu_s(room.pid) - cpu) / (time.perf_counter() - began) / connections * 1e6


async def _line_ms(room: Room) -> float:
    return min([await send(room, 1, 1, paced=False) for _ in range(10)]) * 1e3


def _fill(setlist: SetlistDocument, me: str, first: int) -> None:
    for number in range(first, first + ENTRIES_PER_EDIT):
        section = ("set1", "set2", "encore1")[number * 3 // ENTRIES]
        setlist.add(f"Song number {number} of the tour", section, me, note="as played")


def table(found: list[Idle]) -> Table:
    """All sizes."""
    made = Table(title=f"Connections that only listen, a setlist of {ENTRIES} entries")
    for name in (
        "connections",
        "node's memory, MiB",
        "KiB per connection",
        "idle: CPU µs per connection and second",
        "one line to all: CPU ms",
    ):
        made.add_column(name, justify="right")
    for one in found:
        made.add_row(
            f"{one.connections:,}",
            f"{one.rss_mib:.0f}",
            f"{one.kib_per_connection:.1f}",
            f"{one.idle_us:.1f}",
            f"{one.line_ms:.1f}",
        )
    return made


async def run(sizes: list[int]) -> list[Idle]:
    """With a server of its own."""
    async with rig() as running:
        return await measure(running, sizes)


@click.command(help=__doc__)
@click.option("--connections", default="2000,10000", show_default=True)
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Also write this.")
def main(connections: str, json_path: Path | None) -> None:
    """The command."""
    sizes = sorted(int(size) for size in connections.split(","))
    if sizes[0] <= WARM_UP:
        raise click.BadParameter(
            f"more than {WARM_UP}, which only warm up", param_hint="connections"
        )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(run(sizes))
    console = Console(width=max(120, Console().width))
    console.print(table(found))
    console.print(f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    if json_path is not None:
        json_path.write_bytes(msgspec.json.encode(found))


if __name__ == "__main__":
    main()
