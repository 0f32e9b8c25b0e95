"""``python -m loadtests.bench_fairness``: what a room of thousands does to a small one beside it.

One node (``setroom up``: PostgreSQL with fsync, authentication, log and limits), two rooms. In the
small one twenty lines a second are posted; each delivery is timed by a process of its own. Phases
take turns within one run: the large room is silent; lines are posted there one after the other, as
fast as everybody has them; eight at once; and people come in there, all at once.
"""

from __future__ import annotations

import asyncio
import os
import statistics
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import click
import msgspec
import uvloop
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from loadtests.bench.rig import Rig, rig
from loadtests.fanout.placing import Places
from loadtests.fanout.sides import Room, send
from loadtests.fanout.small_room import small_room
from loadtests.faults.setting import live_show

SMALL = 10
LINES = 100
"""Of the small room per phase and round: five seconds."""

Phase = Callable[[], AbstractAsyncContextManager[None]]


class Found(Struct):
    """Seconds that the small room's deliveries took in one phase, all rounds."""

    phase: str
    seconds: list[float] = []

    def quantile_ms(self, percent: int) -> float:
        """Of all deliveries, in milliseconds."""
        return statistics.quantiles(self.seconds, n=100)[percent - 1] * 1e3


class LargeRoom:
    """What goes on in the large room."""

    def __init__(self, running: Rig, show_id: str, receivers: int, late: int) -> None:
        self.room = Room(running.port, running.web_pid, show_id)
        self._running = running
        self._show_id = show_id
        self._receivers = receivers
        self._late = late

    @asynccontextmanager
    async def silence(self) -> AsyncIterator[None]:
        """Nothing."""
        yield

    def storm(self, in_flight: int) -> Phase:
        """Lines without a pause."""

        async def wave() -> None:
            await send(self.room, in_flight, in_flight, paced=False)

        return lambda: _again_and_again(wave)

    @asynccontextmanager
    async def arrivals(self) -> AsyncIterator[None]:
        """Others come in, again and again with the same tickets, so that the room does not grow."""
        tickets = await self._running.admit(self._show_id, self._late, self._receivers)
        rooms: list[Room] = []

        async def arrive() -> None:
            rooms.append(Room(self._running.port, self._running.web_pid, self._show_id))
            await rooms[-1].join(tickets)

        try:
            async with _again_and_again(arrive):
                yield
        finally:
            for room in rooms:
                room.crowd.leave()


@asynccontextmanager
async def _again_and_again(work: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Meanwhile. What has been begun is finished."""
    goes_on = True

    async def repeat() -> None:
        while goes_on:
            await work()

    task = asyncio.ensure_future(repeat())
    try:
        yield
    finally:
        goes_on = False
        await task


async def measure(running: Rig, receivers: int, late: int, rounds: int) -> list[Found]:
    """All phases, in turns."""
    places = Places.here()
    places.aside(running.command.family())
    places.send(running.web_pid)
    places.receive()
    large_show = str((await live_show(running.crew, "Large"))["id"])
    small_show = str((await live_show(running.crew, "Small"))["id"])
    large = LargeRoom(running, large_show, receivers, late)
    await large.room.fill(running, receivers)
    phases: dict[str, Phase] = {
        "the large room is silent": large.silence,
        "lines there, one at a time": large.storm(1),
        "lines there, eight at a time": large.storm(8),
        f"{late:,} come in there at once": large.arrivals,
    }
    found = [Found(name) for name in phases]
    tickets = await running.admit(small_show, SMALL)
    async with small_room(running.port, small_show, tickets) as small:
        places.aside([small.process])
        await small.post(LINES // 5)
        for number in range(rounds):
            click.echo(f"round {number + 1} of {rounds}", err=True)
            for one, phase in zip(found, phases.values(), strict=True):
                # A wave of the phase before is still on its way to the large crowd.
                await asyncio.sleep(0.5)
                async with phase():
                    seconds = await small.post(LINES)
                worst_ms = max(seconds) * 1e3
                click.echo(f"  {one.phase}: at worst {worst_ms:.1f} ms", err=True)
                one.seconds += seconds
    large.room.crowd.leave()
    return found


def table(found: list[Found], receivers: int) -> Table:
    """The small room's figures, phase by phase."""
    made = Table(title=f"A room of {SMALL} beside one of {receivers:,}: delivery, ms")
    for name in ("meanwhile", "p50", "p95", "p99"):
        made.add_column(name, justify="left" if name == "meanwhile" else "right")
    for one in found:
        made.add_row(one.phase, *(f"{one.quantile_ms(percent):.1f}" for percent in (50, 95, 99)))
    return made


async def run(receivers: int, late: int, rounds: int) -> list[Found]:
    """With a server of its own."""
    async with rig() as running:
        return await measure(running, receivers, late, rounds)


@click.command(help=__doc__)
@click.option("--receivers", default=8_000, show_default=True)
@click.option("--late", default=500, show_default=True, help="Who come in at once, repeatedly.")
@click.option("--rounds", default=3, show_default=True)
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Also write this.")
def main(receivers: int, late: int, rounds: int, json_path: Path | None) -> None:
    """The command."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(run(receivers, late, rounds))
    console = Console(width=max(100, Console().width))
    console.print(table(found, receivers))
    console.print(f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    if json_path is not None:
        json_path.write_bytes(msgspec.json.encode(found))


if __name__ == "__main__":
    main()
