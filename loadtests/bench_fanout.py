"""``python -m loadtests.bench_fanout``: server CPU per delivered message, beside a bare loop.

The real server (``setroom up``: PostgreSQL with fsync, Valkey, authentication, log and limits),
real accounts, tickets and sockets; one room. A chat line is posted over a socket, becomes
durable, and goes to every receiver. Beside it a process that sends the very same frame to the
same number of sockets by ``socket.send`` and does nothing else. Rounds of both are interleaved,
and the least of each counts: what disturbs a measurement only ever adds to it.

``total`` is all CPU of the web node's process, the turn and its commit included, per delivered
message; ``fan-out`` is without what the same lines cost with a single receiver.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import click
import msgspec
import uvloop
from rich.console import Console
from rich.table import Table

from loadtests.fanout.cpu import cpu_s, listener_pid, rss_bytes
from loadtests.fanout.crowd import Crowd
from loadtests.faults.processes import data_folder, up
from loadtests.faults.setting import live_show, new_crew, new_guest
from loadtests.wire.api import open_session
from loadtests.wire.ids import uuid7

SENDERS = 64
"""Receivers that take turns in posting: each stays under its own rate limit."""

JOINING_AT_ONCE = 32
TEXT = "What a night! This is the best second set I ever heard, and I was there in May."


class Measured(msgspec.Struct):
    """CPU µs per delivered message, one number per round."""

    receivers: int
    in_flight: int
    product: list[float] = []
    bare: list[float] = []
    alone_us: float = 0.0
    frame_bytes: int = 0
    rss_kib_per_connection: float = 0.0

    @property
    def total_us(self) -> float:
        """The least of all rounds, everything included."""
        return min(self.product)

    @property
    def fanout_us(self) -> float:
        """Without what a line costs that one receiver gets."""
        return self.total_us - self.alone_us / self.receivers

    @property
    def bare_us(self) -> float:
        """The least of all rounds of the bare loop."""
        return min(self.bare)


class Room:
    """The product's side: a live show and receivers in its room."""

    def __init__(self, url: str, port: int, pid: int, show_id: str) -> None:
        self.url = url
        self.port = port
        self.pid = pid
        self.show_id = show_id
        self.crowd = Crowd()
        self._sender = 0

    async def join(self, count: int) -> None:
        """So many guests, each with a ticket and a socket of its own."""
        gate = asyncio.Semaphore(JOINING_AT_ONCE)
        async with open_session() as session:

            async def path(number: int) -> str:
                async with gate:
                    guest = await new_guest(self.url, session, f"Fan {number}")
                    ticket = await guest.ticket(self.show_id)
                    return f"/rooms/{self.show_id}?ticket={ticket}"

            paths = await asyncio.gather(*(path(number) for number in range(count)))
        await self.crowd.join(self.port, list(paths))

    async def post(self, lines: int, in_flight: int) -> float:
        """Posts lines, so many at once, each wave after the last arrived; CPU seconds used."""
        receivers = self.crowd.receivers
        began = cpu_s(self.pid)
        for wave in range(0, lines, in_flight):
            size = min(in_flight, lines - wave)
            self.crowd.aim(size * len(receivers))
            for _ in range(size):
                self._sender = (self._sender + 1) % min(SENDERS, len(receivers))
                receivers[self._sender].send(_command())
            await self.crowd.reached()
        return cpu_s(self.pid) - began


class Bare:
    """The bare loop's side."""

    def __init__(self, process: Process, crowd: Crowd) -> None:
        self._process = process
        self._crowd = crowd

    async def send(self, lines: int, in_flight: int) -> float:
        """Sends as many frames in waves as large; CPU seconds used."""
        assert self._process.stdin is not None
        began = cpu_s(self._process.pid)
        for wave in range(0, lines, in_flight):
            size = min(in_flight, lines - wave)
            self._crowd.aim(size * len(self._crowd.receivers))
            self._process.stdin.write(f"go {size}\n".encode())
            await self._crowd.reached()
        return cpu_s(self._process.pid) - began


def _command() -> bytes:
    message = {
        "t": "command",
        "command_id": uuid7(),
        "name": "post_chat",
        "args": {"text": TEXT},
    }
    return msgspec.json.encode(message)


@asynccontextmanager
async def bare_loop(receivers: int, frame: bytes) -> AsyncIterator[Bare]:
    """A child process with so many connections."""
    command = [sys.executable, "-m", "loadtests.fanout.bare_loop", str(receivers), frame.hex()]
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    crowd = Crowd()
    try:
        assert process.stdout is not None
        port = int((await process.stdout.readline()).split()[1])
        await crowd.join(port, [None] * receivers)
        await process.stdout.readline()
        yield Bare(process, crowd)
    finally:
        crowd.leave()
        process.kill()
        await process.wait()


async def measure(
    url: str, port: int, pid: int, receivers: list[int], rounds: int, deliveries: int
) -> list[Measured]:
    """All sizes, one and eight messages in flight.

    Args:
        url: the node's address.
        port: the node's port.
        pid: the web node's process.
        receivers: sizes of the room.
        rounds: interleaved rounds of each.
        deliveries: about so many messages are delivered per round.
    """
    async with open_session() as session:
        crew = await new_crew(url, session)
        results = []
        for size in receivers:
            show = await live_show(crew, "Fan-out")
            room = Room(url, port, pid, str(show["id"]))
            await room.join(1)
            alone = {flight: await _alone(room, flight, rounds) for flight in (1, 8)}
            before = rss_bytes(pid)
            await room.join(size - 1)
            kib = (rss_bytes(pid) - before) / 1024 / max(1, size - 1)
            await room.post(SENDERS, 8)
            async with bare_loop(size, room.crowd.sample) as bare:
                for flight in (1, 8):
                    measured = Measured(size, flight, alone_us=alone[flight])
                    measured.frame_bytes = len(room.crowd.sample)
                    measured.rss_kib_per_connection = kib
                    await _rounds(measured, room, bare, rounds, deliveries)
                    results.append(measured)
            room.crowd.leave()
        return results


async def _alone(room: Room, in_flight: int, rounds: int) -> float:
    """CPU µs of one line with one receiver: decoding, the turn, its commit, the ack."""
    least = float("inf")
    for _ in range(rounds):
        # One participant: its burst must be enough.
        await asyncio.sleep(2.2)
        least = min(least, await room.post(32, in_flight) / 32)
    return least * 1e6


async def _rounds(measured: Measured, room: Room, bare: Bare, rounds: int, deliveries: int) -> None:
    lines = max(measured.in_flight * 4, deliveries // measured.receivers)
    lines -= lines % measured.in_flight
    delivered = lines * measured.receivers
    for _ in range(rounds):
        for side in random.sample(("product", "bare"), 2):
            if side == "product":
                used = await room.post(lines, measured.in_flight)
                measured.product.append(used / delivered * 1e6)
            else:
                used = await bare.send(lines, measured.in_flight)
                measured.bare.append(used / delivered * 1e6)


def table(results: list[Measured]) -> Table:
    """What was measured, against the bare loop."""
    made = Table(title="Fan-out: server CPU µs per delivered message (least of all rounds)")
    for name in (
        "receivers",
        "in flight",
        "bare loop",
        "fan-out",
        "× bare",
        "total",
        "× bare",
        "one line alone",
        "KiB/connection",
    ):
        made.add_column(name, justify="right")
    for one in results:
        made.add_row(
            str(one.receivers),
            str(one.in_flight),
            f"{one.bare_us:.2f}",
            f"{one.fanout_us:.2f}",
            f"{one.fanout_us / one.bare_us:.2f}",
            f"{one.total_us:.2f}",
            f"{one.total_us / one.bare_us:.2f}",
            f"{one.alone_us:.0f}",
            f"{one.rss_kib_per_connection:.1f}",
        )
    return made


async def run(receivers: list[int], rounds: int, deliveries: int) -> list[Measured]:
    """Starts a server of its own, measures, and ends it."""
    folder = data_folder("setroom-fanout-")
    command = up(folder, Path(folder) / "server.log")
    try:
        await command.start()
        pid = listener_pid(command.family(), command.port)
        return await measure(command.url, command.port, pid, receivers, rounds, deliveries)
    finally:
        await command.stop()
        shutil.rmtree(folder, ignore_errors=True)


@click.command(help=__doc__)
@click.option("--receivers", default="100,500,2000", show_default=True)
@click.option("--rounds", default=5, show_default=True)
@click.option("--deliveries", default=40_000, show_default=True, help="Per round and side.")
@click.option("--url", help="A node that runs on this machine already, instead of a fresh one.")
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Also write this.")
def main(
    receivers: str, rounds: int, deliveries: int, url: str | None, json_path: Path | None
) -> None:
    """The command."""
    sizes = [int(size) for size in receivers.split(",")]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        if url is None:
            work = run(sizes, rounds, deliveries)
        else:
            port = urlsplit(url).port or 80
            work = measure(url, port, listener_pid(None, port), sizes, rounds, deliveries)
        results = runner.run(work)
    Console().print(table(results))
    if json_path is not None:
        json_path.write_bytes(msgspec.json.encode(results))


if __name__ == "__main__":
    main()
