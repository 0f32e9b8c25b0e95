"""``python -m loadtests.bench_fanout``: server CPU per delivered message, beside a bare loop.

The real server (``setroom up``: PostgreSQL with fsync, Valkey, authentication, log and limits),
real accounts, tickets and sockets; one room. A chat line is posted over a socket, becomes
durable, and goes to every receiver. Beside it two processes that send the very same frame to as
many sockets and do nothing else: a loop in C with one ``send`` per receiver (the bare loop), and a
loop in Python with one ``transport.write`` of uvloop. Rounds of all are interleaved, and the least
of each counts: what disturbs a measurement only ever adds to it. Whoever sends has a core of its
own, the receivers have another, the stores the rest (`loadtests.fanout.placing`).

``total`` is all CPU of the web node's process, the turn and its commit included, per delivered
message; ``fan-out`` is what each further receiver costs, from the same lines in a room of eight.
"""

from __future__ import annotations

import asyncio
import os
import random
import statistics
from array import array
from collections.abc import Mapping
from pathlib import Path

import click
import msgspec
import uvloop
from rich.console import Console

from loadtests.bench.rig import Rig, rig
from loadtests.fanout import bare_loop
from loadtests.fanout.measured import FEW, Measured, table
from loadtests.fanout.placing import Places
from loadtests.fanout.sides import (
    PACE_PER_SECOND,
    Room,
    Side,
    bare_command,
    loop_process,
    send,
    transport_command,
)
from loadtests.faults.setting import live_show

FLIGHTS = (1, 8)
WARM_UP_LINES = 64
LINES_MAX = 64
"""Of a round: in a small room no sender comes over its rate, and the least of many short rounds is
compared with the least of rounds as short."""

PACED_S = 1.0
"""A paced round."""


async def measure(
    running: Rig, receivers: list[int], rounds: int, deliveries: int
) -> list[Measured]:
    """All sizes, paced and saturated, one and eight lines in flight.

    Args:
        running: the server.
        receivers: sizes of the room.
        rounds: interleaved rounds of each.
        deliveries: about so many messages are delivered per saturated round.
    """
    places = Places.here()
    places.aside(running.command.family())
    places.send(running.web_pid)
    places.receive()
    few = await _room(running, FEW)
    results: list[Measured] = []
    for size in receivers:
        click.echo(f"{size} receivers come in", err=True)
        room = await _room(running, size)
        for one in (few, room):
            await send(one, WARM_UP_LINES, 8, paced=False)
        frame = room.crowd.sample
        async with (
            loop_process(bare_command, size, frame) as bare,
            loop_process(transport_command, size, frame) as transport,
        ):
            for process in (bare, transport):
                places.send(process.pid)
            sides: dict[str, Side] = {
                "bare": bare,
                "transport": transport,
                "few": few,
                "product": room,
            }
            for paced in (True, False):
                for flight in FLIGHTS:
                    measured = Measured(size, flight, paced, frame_bytes=len(frame))
                    await _rounds(measured, sides, rounds, deliveries)
                    results.append(measured)
                    click.echo(f"  {measured.summary}", err=True)
        room.crowd.leave()
    few.crowd.leave()
    return results


async def _room(running: Rig, size: int) -> Room:
    show = await live_show(running.crew, "Fan-out")
    room = Room(running.port, running.web_pid, str(show["id"]))
    await room.fill(running, size)
    return room


async def _rounds(
    measured: Measured, sides: Mapping[str, Side], rounds: int, deliveries: int
) -> None:
    flight, paced = measured.in_flight, measured.paced
    if paced:
        lines = round(PACE_PER_SECOND * PACED_S)
    else:
        lines = min(LINES_MAX, max(flight * 4, deliveries // measured.receivers))
    lines -= lines % flight
    crowd = sides["product"].crowd
    latencies = crowd.latencies = array("d") if paced else None
    for _ in range(rounds):
        for name in random.sample(list(sides), len(sides)):
            used = await send(sides[name], lines, flight, paced)
            getattr(measured, name).append(used / lines * 1e6)
    crowd.latencies = None
    if latencies:
        percents = statistics.quantiles(latencies, n=100)
        measured.latencies_ms = (percents[49] * 1e3, percents[98] * 1e3)


async def run(receivers: list[int], rounds: int, deliveries: int) -> list[Measured]:
    """Starts a server of its own, measures, and ends it."""
    async with rig() as running:
        return await measure(running, receivers, rounds, deliveries)


@click.command(help=__doc__)
@click.option("--receivers", default="100,1000,5000", show_default=True)
@click.option("--rounds", default=10, show_default=True)
@click.option("--deliveries", default=40_000, show_default=True, help="Per round and side.")
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Also write this.")
def main(receivers: str, rounds: int, deliveries: int, json_path: Path | None) -> None:
    """The command."""
    sizes = [int(size) for size in receivers.split(",")]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        results = runner.run(run(sizes, rounds, deliveries))
    console = Console(width=max(150, Console().width))
    console.print(table(results, bare_loop.kind()))
    console.print(
        f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; "
        f"frames of {results[0].frame_bytes} bytes"
    )
    if json_path is not None:
        json_path.write_bytes(msgspec.json.encode(results))


if __name__ == "__main__":
    main()
