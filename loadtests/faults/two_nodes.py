"""``python -m loadtests.faults.two_nodes``: one room on two nodes, through outages.

Clients on both nodes edit, vote and chat while something is taken away: the carrier between the
nodes (Valkey stopped, then started empty), or a node itself (SIGSTOP in the middle of what it
does). Afterwards everybody must have the same log in the same order, the same tally and list.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import aiohttp
import click
import psutil

from loadtests.faults import setting
from loadtests.faults.agreement import SETTLE_TIMEOUT_S, compare, same_tally
from loadtests.faults.pair import running_pair
from loadtests.faults.processes import Command
from loadtests.faults.worker import Worker
from loadtests.wire import RoomClient

CLIENTS_PER_NODE = 10
OPTIONS = 4
PROBE_INTERVAL_S = 0.1
LEAD_S = 1.0
"""Undisturbed seconds before and after."""
Disturbance = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Findings:
    """What a run has shown. Latencies are seconds from a command to its ack, by node."""

    problems: list[str] = field(default_factory=list)
    events: int = 0
    latencies_s: dict[int, list[float]] = field(default_factory=dict)

    def slowest_s(self, node: int) -> float:
        """The longest that anybody on this node waited for an answer."""
        return max(self.latencies_s.get(node, [0.0]))


class Probe:
    """Says something every tenth of a second and notes how long the answer took."""

    def __init__(self, room: RoomClient, latencies_s: list[float]) -> None:
        self._room = room
        self._latencies_s = latencies_s

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                tasks.create_task(self._one())
                await asyncio.sleep(PROBE_INTERVAL_S)

    async def _one(self) -> None:
        began = time.monotonic()
        await self._room.command("post_chat", {"text": f"probe {began}"}, timeout_s=60.0)
        self._latencies_s.append(time.monotonic() - began)


async def play(
    nodes: Sequence[str], disturb: Disturbance, seed: int, session: aiohttp.ClientSession
) -> Findings:
    """Loads one room through all nodes while ``disturb`` does its worst.

    Args:
        nodes: addresses; clients are spread over them.
        disturb: begins after `LEAD_S` of load and returns when it is over.
    """
    findings = Findings()
    rng = random.Random(seed)
    crew = await setting.new_crew(nodes[0], session)
    show_id = str((await setting.live_show(crew, "On two nodes"))["id"])
    round_id = await setting.open_round(crew, show_id, setting.single_choice(OPTIONS))
    async with AsyncExitStack() as stack:
        workers = []
        for number in range(CLIENTS_PER_NODE * len(nodes)):
            node = nodes[number % len(nodes)]
            guest = await setting.new_guest(node, session, f"w{number}")
            worker = Worker(f"w{number}", guest, show_id, rng.getrandbits(64))
            worker.begin(round_id, OPTIONS)
            await stack.enter_async_context(worker.room)
            workers.append(worker)
        probing = []
        for number, node in enumerate(nodes):
            guest = await setting.new_guest(node, session, f"probe{number}")
            room = await stack.enter_async_context(RoomClient(guest, show_id))
            await room.entered()
            probe = Probe(room, findings.latencies_s.setdefault(number, []))
            probing.append(asyncio.create_task(probe.run()))
        for worker in workers:
            await worker.room.entered()
        acting = [asyncio.create_task(worker.act()) for worker in workers]
        await asyncio.sleep(LEAD_S)
        await disturb()
        await asyncio.sleep(LEAD_S)
        for task in probing:
            task.cancel()
        await asyncio.gather(*probing, return_exceptions=True)
        for worker in workers:
            worker.stop()
        await asyncio.wait_for(asyncio.gather(*acting), SETTLE_TIMEOUT_S)
        findings.problems = await same_tally(workers)
        result = await setting.close_round(crew, round_id)
        findings.problems += await compare(workers, result)
        findings.events = len(workers[0].events)
    return findings


# --- disturbances -------------------------------------------------------------------------


def stopped_node(node: Command, stops: int, stop_s: float, rng: random.Random) -> Disturbance:
    """SIGSTOP and SIGCONT of a node, a number of times at random moments."""

    async def disturb() -> None:
        for _ in range(stops):
            await asyncio.sleep(rng.uniform(0.1, 0.5))
            node.pause()
            try:
                await asyncio.sleep(stop_s)
            finally:
                node.resume()

    return disturb


def hung_then_killed(process: psutil.Process, hang_s: float) -> Disturbance:
    """A store that answers nobody for a while and then dies; whoever minds it starts it again."""

    async def disturb() -> None:
        process.send_signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(hang_s)
        finally:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        await asyncio.sleep(2.0)

    return disturb


async def run(outage_s: float, stops: int, seed: int) -> dict[str, Findings]:
    """Both disturbances on two nodes."""
    rng = random.Random(seed)
    async with running_pair("setroom-two-nodes-") as pair:
        (valkey,) = [p for p in pair.first.family() if "valkey" in p.name()]
        disturbances = {
            "undisturbed": _nothing,
            "Valkey away": hung_then_killed(valkey, outage_s),
            "node stopped": stopped_node(pair.second, stops, 1.5, rng),
        }
        return {
            name: await play(pair.urls, disturb, rng.getrandbits(32), pair.session)
            for name, disturb in disturbances.items()
        }


async def _nothing() -> None:
    await asyncio.sleep(2.0)


@click.command()
@click.option("--outage", "outage_s", default=10.0, show_default=True, help="Seconds.")
@click.option("--stops", default=20, show_default=True, help="SIGSTOPs of the second node.")
@click.option("--seed", type=int)
def main(outage_s: float, stops: int, seed: int | None) -> None:
    """One room on two nodes while the carrier, then a node, is taken away."""
    chosen = random.SystemRandom().getrandbits(32) if seed is None else seed
    click.echo(f"seed {chosen}")
    broken = False
    for name, findings in asyncio.run(run(outage_s, stops, chosen)).items():
        slowest = ", ".join(
            f"node {node + 1}: {findings.slowest_s(node):.2f} s" for node in findings.latencies_s
        )
        click.echo(f"{name:<14} {findings.events} events, slowest answers {slowest}")
        for problem in findings.problems[:20]:
            click.echo(f"    {problem}")
        broken = broken or bool(findings.problems)
    if broken:
        raise click.ClickException(f"clients disagree, seed {chosen}")


if __name__ == "__main__":
    main()
