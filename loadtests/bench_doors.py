"""``python -m loadtests.bench_doors``: what one event costs the server at each door of a room.

The real server, real guests, one room per door with as many receivers. Chat lines are posted by
a few sockets, become durable, and go to every receiver. Rounds of all doors are interleaved and
the least of each counts; beside it stands the ratio to the socket's of the same run.

CPU is all that the web node's process uses, per delivered event, the turn and its commit
included. A poll's share holds the whole call that fetches the event: HTTP, authentication, the
answer.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import click
import msgspec
import uvloop
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from loadtests.bench.rig import Rig, rig
from loadtests.fanout.cpu import cpu_s, rss_bytes
from loadtests.fanout.crowd import Crowd, Receiver
from loadtests.fanout.other_doors import PollReceiver, StreamReceiver
from loadtests.faults import setting
from loadtests.wire.ids import uuid7

SENDERS = 16
TEXT = "What a night! This is the best second set I ever heard, and I was there in May."
DOORS = ("socket", "stream", "poll")


class Measured(Struct):
    """CPU µs per delivered event, one number per round."""

    door: str
    in_flight: int
    rounds: list[float] = []
    rss_kib: float = 0.0

    @property
    def best_us(self) -> float:
        """The least disturbed round."""
        return min(self.rounds)


class House:
    """One room whose receivers are all at one door, and a few senders at sockets."""

    def __init__(self, door: str, rig: Rig, show_id: str) -> None:
        self.door = door
        self.rss_kib = 0.0
        self._rig = rig
        self._show_id = show_id
        self._crowd = Crowd()
        self._senders: list[Receiver] = []
        self._turn = 0

    async def fill(self, receivers: int) -> None:
        """Everybody comes in."""
        tickets = await self._rig.admit(self._show_id, receivers + SENDERS)
        sockets = [f"/rooms/{self._show_id}?ticket={ticket}" for ticket in tickets]
        await self._crowd.join(self._rig.port, [*sockets[:SENDERS]])
        self._senders = list(self._crowd.receivers)
        before = rss_bytes(self._rig.web_pid)
        base = f"/api/shows/{self._show_id}"
        makers = [
            self._maker(number, sockets[number], tickets[number], base)
            for number in range(SENDERS, receivers + SENDERS)
        ]
        await self._crowd.join_as(self._rig.port, makers)
        self.rss_kib = (rss_bytes(self._rig.web_pid) - before) / 1024 / receivers

    def _maker(self, number: int, socket: str, ticket: str, base: str) -> Callable[[], Receiver]:
        match self.door:
            case "socket":
                return lambda: Receiver(self._crowd, socket)
            case "stream":
                return lambda: StreamReceiver(self._crowd, f"{base}/stream?ticket={ticket}")
            case _:
                credentials = self._rig.guests[number].credentials
                assert credentials is not None
                token = credentials.access_token
                return lambda: PollReceiver(self._crowd, f"{base}/poll", token)

    async def post(self, lines: int, in_flight: int) -> float:
        """Posts lines, so many at once, each wave after the last arrived; CPU µs per delivery."""
        began = cpu_s(self._rig.web_pid)
        size = len(self._crowd.receivers)
        for _ in range(lines // in_flight):
            self._crowd.aim(in_flight * size)
            for _ in range(in_flight):
                self._turn = (self._turn + 1) % SENDERS
                self._senders[self._turn].send(_line())
            await self._crowd.reached()
        return (cpu_s(self._rig.web_pid) - began) / (lines * size) * 1e6

    def leave(self) -> None:
        """Everybody goes."""
        self._crowd.leave()


def _line() -> bytes:
    args = {"text": TEXT}
    return msgspec.json.encode(
        {"t": "command", "command_id": uuid7(), "name": "post_chat", "args": args}
    )


async def measure(receivers: int, rounds: int, lines: int) -> list[Measured]:
    """All doors, one and eight lines in flight."""
    async with rig() as running:
        houses = []
        for door in DOORS:
            show = await setting.live_show(running.crew, f"Doors {door}")
            house = House(door, running, str(show["id"]))
            await house.fill(receivers)
            houses.append(house)
        measured = {
            (house.door, flight): Measured(house.door, flight, rss_kib=house.rss_kib)
            for house in houses
            for flight in (1, 8)
        }
        for _ in range(rounds):
            for house in random.sample(houses, len(houses)):
                for flight in (1, 8):
                    used = await house.post(lines, flight)
                    measured[house.door, flight].rounds.append(used)
        for house in houses:
            house.leave()
        return list(measured.values())


def table(results: list[Measured], receivers: int) -> Table:
    """What was measured, against the socket."""
    made = Table(title=f"Web CPU µs per delivery, {receivers} receivers")
    for name in ("door", "in flight", "µs", "× socket", "KiB/receiver"):
        made.add_column(name, justify="right")
    sockets = {one.in_flight: one.best_us for one in results if one.door == "socket"}
    for one in results:
        made.add_row(
            one.door,
            str(one.in_flight),
            f"{one.best_us:.2f}",
            f"{one.best_us / sockets[one.in_flight]:.2f}",
            f"{one.rss_kib:.1f}",
        )
    return made


@click.command(help=__doc__)
@click.option("--receivers", default=1_000, show_default=True)
@click.option("--rounds", default=3, show_default=True)
@click.option("--lines", default=16, show_default=True, help="Per round and door.")
def main(receivers: int, rounds: int, lines: int) -> None:
    """The command."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        Console().print(table(runner.run(measure(receivers, rounds, lines)), receivers))


if __name__ == "__main__":
    main()
