"""``python -m loadtests.faults.rolling``: every node is restarted in turn, under load.

Real nodes behind the deployment's nginx, and clients that follow the protocol, at all three doors:
sockets that chat, vote and edit, and people who hear by an event stream or by long polls and act by
HTTP calls. They are sent away when their node stops, and come back through the proxy. Nothing that
was acknowledged may be lost or be there twice, and in the end everybody has the same log, tally and
setlist. Printed: how long each restart took, and how long anybody was without the room at most.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import click
import msgspec

from loadtests.faults import processes, setting
from loadtests.faults.agreement import SETTLE_TIMEOUT_S, compare, same_tally
from loadtests.faults.balanced import Balanced, balanced
from loadtests.faults.http_visitor import HttpVisitor
from loadtests.faults.listeners import Listener, PollListener, StreamListener
from loadtests.faults.processes import Command, ServerFailed
from loadtests.faults.sightings import Sightings
from loadtests.faults.visitor import Visitor

OPTIONS = 4
EDITORS_MAX = 40
"""Their own entries stay below the document's 300."""

JOINS_AT_ONCE = 20
DOORS: dict[str, type[Listener]] = {"stream": StreamListener, "poll": PollListener}
LEAD_S = 1.0
"""Undisturbed seconds before and after."""


@dataclass(slots=True)
class Restart:
    """One node's. Seconds.

    Attributes:
        sent_away: clients that lost their socket and came back while it went on.
    """

    node: int
    stopped_s: float
    started_s: float
    exit_code: int | None
    sent_away: int


@dataclass(slots=True)
class Findings:
    """What a run has shown.

    Attributes:
        absences_s: by door, for each time that a client lost its connection, how long until it
            heard again; sorted.
        acknowledged: by door, what was.
    """

    problems: list[str] = field(default_factory=list)
    restarts: list[Restart] = field(default_factory=list)
    absences_s: dict[str, list[float]] = field(default_factory=dict)
    acknowledged: dict[str, Counter[str]] = field(default_factory=dict)
    events: int = 0


async def play(
    deployment: Balanced,
    clients: int,
    seconds: float,
    seed: int,
    say: Callable[[str], None],
    listeners: int = 0,
) -> Findings:
    """Loads one room through the proxy while each node is restarted in turn.

    Args:
        clients: on sockets.
        seconds: that the restarts are spread over, at least.
        listeners: on streams, and as many on polls.
    """
    findings, rng = Findings(), random.Random(seed)
    crew = await setting.new_crew(deployment.url, deployment.session)
    show_id = str((await setting.live_show(crew, "Rolling"))["id"])
    round_id = await setting.open_round(crew, show_id, setting.single_choice(OPTIONS))
    async with AsyncExitStack() as stack:
        visitors = await _come_in(stack, deployment, show_id, clients, rng)
        others = await _listen(stack, deployment, show_id, listeners, rng)
        everybody: list[Visitor | HttpVisitor] = [*visitors, *others]
        for one in everybody:
            one.begin(round_id, OPTIONS)
        acting = [asyncio.create_task(one.act()) for one in everybody]
        for task in acting:
            stack.push_async_callback(_end, task)  # Before anybody leaves, whatever went wrong.
        await asyncio.sleep(LEAD_S)
        for number, node in enumerate(deployment.nodes):
            next_at = time.monotonic() + seconds / len(deployment.nodes)
            restart = await _restart(number, node, visitors)
            findings.restarts.append(restart)
            say(_told(restart))
            await asyncio.sleep(max(LEAD_S, next_at - time.monotonic()))
        for one in everybody:
            one.stop()
        await asyncio.wait_for(asyncio.gather(*acting), SETTLE_TIMEOUT_S)
        findings.problems += await same_tally(visitors, others)
        result = await setting.close_round(crew, round_id)
        findings.problems += await compare(visitors, result, others)
        findings.events = len(visitors[0].events)
    for restart in findings.restarts:
        if restart.exit_code != 0:
            findings.problems.append(f"node {restart.node} ended with {restart.exit_code}")
    _sum_up(findings, visitors, others)
    return findings


def _sum_up(findings: Findings, visitors: Sequence[Visitor], others: Sequence[HttpVisitor]) -> None:
    doors: list[tuple[str, Counter[str], list[float]]] = [
        *(("socket", one.acknowledged, one.absences_s) for one in visitors),
        *((one.door, one.acknowledged, one.listener.absences_s) for one in others),
    ]
    for door, acknowledged, absences_s in doors:
        findings.acknowledged.setdefault(door, Counter()).update(acknowledged)
        findings.absences_s.setdefault(door, []).extend(absences_s)
    for absences_s in findings.absences_s.values():
        absences_s.sort()


async def _come_in(
    stack: AsyncExitStack, deployment: Balanced, show_id: str, clients: int, rng: random.Random
) -> list[Visitor]:
    gate = asyncio.Semaphore(JOINS_AT_ONCE)

    async def one(number: int) -> Visitor:
        async with gate:
            name = f"v{number}"
            guest = await setting.new_guest(deployment.url, deployment.session, name)
            edits = number < EDITORS_MAX
            visitor = Visitor(name, guest, show_id, rng.getrandbits(64), edits=edits)
            await stack.enter_async_context(visitor.room)
            await visitor.room.entered()
            return visitor

    return list(await asyncio.gather(*map(one, range(clients))))


async def _listen(
    stack: AsyncExitStack, deployment: Balanced, show_id: str, count: int, rng: random.Random
) -> list[HttpVisitor]:
    """``count`` people on streams, and as many on polls."""
    seen, others = Sightings(), []
    for door, kind in DOORS.items():
        for number in range(count):
            guest = await setting.new_guest(deployment.url, deployment.session, f"{door}{number}")
            listener = kind(f"{door}{number}", guest, show_id, seen)
            others.append(HttpVisitor(door, guest, listener, show_id, rng.getrandbits(64)))
            stack.push_async_callback(_end, asyncio.create_task(listener.run()))
    for other in others:
        await other.listener.signal.until(partial(_has_come, other.listener), SETTLE_TIMEOUT_S)
    return others


def _has_come(listener: Listener) -> bool:
    return listener.place.epoch is not None


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _restart(number: int, node: Command, visitors: Sequence[Visitor]) -> Restart:
    absences = sum(len(visitor.absences_s) for visitor in visitors)
    began = time.monotonic()
    exit_code = await node.stop()
    stopped_s = time.monotonic() - began
    started_s = await node.start()
    back = sum(len(visitor.absences_s) for visitor in visitors)
    return Restart(number + 1, stopped_s, started_s, exit_code, back - absences)


def _told(restart: Restart) -> str:
    return (
        f"node {restart.node}: {restart.sent_away} sockets sent away and back, stopped in "
        f"{restart.stopped_s:.1f} s, started in {restart.started_s:.1f} s"
    )


def report(findings: Findings) -> list[str]:
    """What a run has shown, in lines."""
    lines = [f"{findings.events} events in the log"]
    for door, counts in findings.acknowledged.items():
        said = ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
        absences = findings.absences_s[door]
        away = f"{len(absences)} times somebody was sent away"
        if absences:
            half = absences[len(absences) // 2]
            away += f", half of them for {half:.2f} s or less, {absences[-1]:.2f} s at most"
        lines.append(f"{door}s: acknowledged {said}; {away}")
    lost = f"{len(findings.problems)} differences" if findings.problems else "0 lost, 0 doubled"
    same = "" if findings.problems else "; every client ended with the same log, tally and setlist"
    return [*lines, lost + same]


async def run(
    nodes: int, clients: int, listeners: int, seconds: float, seed: int, pause_s: float
) -> Findings:
    """The whole of it, on stores of its own."""
    folder = processes.data_folder("setroom-rolling-")
    try:
        async with AsyncExitStack() as stack:
            stores = processes.up(folder, folder / "up.log")
            stack.push_async_callback(stores.stop)
            await stores.start()
            (addresses,) = folder.rglob("stores.json")
            urls: dict[str, Any] = msgspec.json.decode(addresses.read_bytes())
            deployment = await stack.enter_async_context(
                balanced(
                    folder,
                    nodes,
                    urls["database_url"],
                    urls["redis_url"],
                    {"SETROOM_DRAIN_PAUSE_S": str(pause_s)},
                )
            )
            return await play(deployment, clients, seconds, seed, click.echo, listeners)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@click.command()
@click.option("--nodes", default=3, show_default=True)
@click.option("--clients", default=200, show_default=True)
@click.option("--listeners", default=25, show_default=True, help="On streams, and on polls.")
@click.option("--seconds", default=60.0, show_default=True, help="Over which nodes restart.")
@click.option("--pause", "pause_s", default=1.0, show_default=True, help="SETROOM_DRAIN_PAUSE_S.")
@click.option("--seed", type=int)
def main(
    nodes: int, clients: int, listeners: int, seconds: float, pause_s: float, seed: int | None
) -> None:
    """Restarts every node in turn under load."""
    chosen = random.SystemRandom().getrandbits(32) if seed is None else seed
    click.echo(
        f"seed {chosen}: {clients} sockets, {listeners} streams and {listeners} polls "
        f"on {nodes} nodes behind nginx"
    )
    try:
        findings = asyncio.run(run(nodes, clients, listeners, seconds, chosen, pause_s))
    except ServerFailed as error:
        raise click.ClickException(str(error)) from None
    for line in report(findings):
        click.echo(line)
    for problem in findings.problems[:20]:
        click.echo(f"    {problem}")
    if findings.problems:
        raise click.ClickException(f"something was lost, seed {chosen}")


if __name__ == "__main__":
    main()
