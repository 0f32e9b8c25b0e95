"""``python -m loadtests.faults.rolling``: every node is restarted in turn, under load.

Real nodes behind the deployment's nginx, and clients that follow the protocol: they chat, vote
and edit, are sent away when their node stops, and come back through the proxy. Nothing that was
acknowledged may be lost or be there twice, and in the end everybody has the same log, tally and
setlist. Printed: how long each restart took, and how long a client was without the room at most.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import click
import msgspec

from loadtests.faults import processes, setting
from loadtests.faults.agreement import SETTLE_TIMEOUT_S, compare, same_tally
from loadtests.faults.balanced import Balanced, balanced
from loadtests.faults.processes import Command, ServerFailed
from loadtests.faults.worker import Worker
from loadtests.wire import ApiClient
from loadtests.wire.messages import Welcome

OPTIONS = 4
EDITORS_MAX = 40
"""Their own entries stay below the document's 300."""

PAUSE_S = (0.5, 2.0)
"""Between two actions of one client."""

JOINS_AT_ONCE = 20
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
        absences_s: for each time that a client lost its socket, how long until it was welcomed
            again; sorted.
    """

    problems: list[str] = field(default_factory=list)
    restarts: list[Restart] = field(default_factory=list)
    absences_s: list[float] = field(default_factory=list)
    acknowledged: Counter[str] = field(default_factory=Counter)
    events: int = 0


class Visitor(Worker):
    """A client that notes how long it was without the room.

    Args:
        edits: whether it edits the setlist as well.
    """

    def __init__(self, name: str, api: ApiClient, show_id: str, seed: int, *, edits: bool) -> None:
        self.absences_s: list[float] = []
        self.acknowledged: Counter[str] = Counter()
        self._edits = edits
        self._heard_at = (0.0, 0.0)
        super().__init__(name, api, show_id, seed, on_frame=self._heard)

    async def act(self) -> None:
        """Acts until `stop`, one thing after the other; what was begun is waited for."""
        kinds = [("votes", self._vote), ("chat lines", self._chat)]
        kinds += [("edits", self._edit)] if self._edits else []
        while not self._stopping.is_set():
            what, action = self.rng.choice(kinds)
            await action()
            self.acknowledged[what] += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self.rng.uniform(*PAUSE_S))

    def _heard(self, frame: str | bytes) -> None:
        del frame
        self._heard_at = (self._heard_at[1], time.monotonic())

    def _welcomed(self, welcome: Welcome) -> None:
        # A room with so many people says something all the time: the frame before this welcome
        # was the last one of the socket before.
        before, now = self._heard_at
        if before:
            self.absences_s.append(now - before)
        super()._welcomed(welcome)


async def play(
    deployment: Balanced, clients: int, seconds: float, seed: int, say: Callable[[str], None]
) -> Findings:
    """Loads one room through the proxy while each node is restarted in turn.

    Args:
        seconds: that the restarts are spread over, at least.
    """
    findings, rng = Findings(), random.Random(seed)
    crew = await setting.new_crew(deployment.url, deployment.session)
    show_id = str((await setting.live_show(crew, "Rolling"))["id"])
    round_id = await setting.open_round(crew, show_id, setting.single_choice(OPTIONS))
    async with AsyncExitStack() as stack:
        visitors = await _come_in(stack, deployment, show_id, clients, rng)
        for visitor in visitors:
            visitor.begin(round_id, OPTIONS)
        acting = [asyncio.create_task(visitor.act()) for visitor in visitors]
        await asyncio.sleep(LEAD_S)
        for number, node in enumerate(deployment.nodes):
            next_at = time.monotonic() + seconds / len(deployment.nodes)
            restart = await _restart(number, node, visitors)
            findings.restarts.append(restart)
            say(_told(restart))
            await asyncio.sleep(max(LEAD_S, next_at - time.monotonic()))
        for visitor in visitors:
            visitor.stop()
        await asyncio.wait_for(asyncio.gather(*acting), SETTLE_TIMEOUT_S)
        findings.problems += await same_tally(visitors)
        result = await setting.close_round(crew, round_id)
        findings.problems += await compare(visitors, result)
        findings.events = len(visitors[0].events)
    for restart in findings.restarts:
        if restart.exit_code != 0:
            findings.problems.append(f"node {restart.node} ended with {restart.exit_code}")
    findings.absences_s = sorted(one for visitor in visitors for one in visitor.absences_s)
    for visitor in visitors:
        findings.acknowledged.update(visitor.acknowledged)
    return findings


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
    absences = findings.absences_s
    acknowledged = ", ".join(f"{n} {what}" for what, n in sorted(findings.acknowledged.items()))
    lines = [f"acknowledged: {acknowledged}; {findings.events} events in the log"]
    if absences:
        half = absences[len(absences) // 2]
        lines.append(
            f"{len(absences)} times somebody was sent away: without the room for {half:.2f} s "
            f"(half of them), {absences[-1]:.2f} s at most"
        )
    lost = f"{len(findings.problems)} differences" if findings.problems else "0 lost, 0 doubled"
    same = "" if findings.problems else "; every client ended with the same log, tally and setlist"
    return [*lines, lost + same]


async def run(nodes: int, clients: int, seconds: float, seed: int, pause_s: float) -> Findings:
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
            return await play(deployment, clients, seconds, seed, click.echo)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@click.command()
@click.option("--nodes", default=3, show_default=True)
@click.option("--clients", default=200, show_default=True)
@click.option("--seconds", default=60.0, show_default=True, help="Over which nodes restart.")
@click.option("--pause", "pause_s", default=1.0, show_default=True, help="SETROOM_DRAIN_PAUSE_S.")
@click.option("--seed", type=int)
def main(nodes: int, clients: int, seconds: float, pause_s: float, seed: int | None) -> None:
    """Restarts every node in turn under load."""
    chosen = random.SystemRandom().getrandbits(32) if seed is None else seed
    click.echo(f"seed {chosen}: {clients} clients on {nodes} nodes behind nginx")
    try:
        findings = asyncio.run(run(nodes, clients, seconds, chosen, pause_s))
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
