"""Votes by text at a steady rate on one node: how long each waits, and what it costs.

Open loop: a text is due at its moment, whether the one before was answered or not, and its latency
counts from that moment. So a server that stands still for a second does not hide the hundreds who
wait behind it.
"""

from __future__ import annotations

import asyncio
import random
import shutil
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import aiohttp

from loadtests.bench.rig import Meter, Rig, Used
from loadtests.fanout.cpu import listener_pid
from loadtests.faults import processes, setting
from loadtests.sms.carrier import running_carrier
from loadtests.sms.crowd import PhoneCrowd, Plan
from loadtests.sms.network import GOOD, Network
from loadtests.sms.signing import INBOUND, inbound_form, settings
from loadtests.wire.api import open_session

OPTIONS = 6
AT_ONCE = 48
ROUNDS = 3
"""Whatever else a machine does can only make a number worse."""
WARM_S = 3.0
"""At the same rate, not measured."""


@dataclass(slots=True)
class Run:
    """One rate, for a while. Latencies in seconds, sorted, from the moment a text was due."""

    name: str
    rate: float
    latencies_s: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    used: Used = field(default_factory=Used)

    def quantile_ms(self, share: float) -> float:
        """Milliseconds below which that share of texts was answered."""
        place = min(len(self.latencies_s) - 1, int(share * len(self.latencies_s)))
        return 1000 * self.latencies_s[place] if self.latencies_s else 0.0

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of the web node's CPU for each text."""
        return 1000 * self.used.web_s / max(1, len(self.latencies_s))


def least_disturbed(runs: Sequence[Run]) -> list[Run]:
    """Of each kind the run with the shortest p99, in their order."""
    best: dict[str, Run] = {}
    for run in runs:
        if run.name not in best or run.quantile_ms(0.99) < best[run.name].quantile_ms(0.99):
            best[run.name] = run
    return list(best.values())


async def at_rate(run: Run, seconds: float, act: Callable[[int], Awaitable[int]]) -> None:
    """Calls ``act`` so many times a second; it answers with an HTTP status (0: none)."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    tasks: set[asyncio.Task[None]] = set()

    async def one(number: int, due: float) -> None:
        status = await act(number)
        run.statuses[status] += 1
        run.latencies_s.append(loop.time() - due)

    for number in range(int(run.rate * seconds)):
        due = began + number / run.rate
        wait_s = due - loop.time()
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        task = asyncio.create_task(one(number, due))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    while tasks:
        await asyncio.gather(*tasks)
    run.latencies_s.sort()


async def measure(
    rate: float, seconds: float, phones: int, seed: int, say: Callable[[str], None]
) -> list[Run]:
    """Votes at a rate, and forged texts at the same rate: those cost HTTP and a signature alone."""
    folder = processes.data_folder("setroom-texts-")
    async with running_carrier(seed) as carrier:
        command = processes.up(folder, folder / "up.log", environment=settings(carrier.url))
        try:
            await command.start()
            async with open_session() as session:
                crew = await setting.new_crew(command.url, session)
                pid = listener_pid(command.family(), command.port)
                rig = Rig(command, session, crew, pid)
                return await _measure(rig, session, rate, seconds, phones, seed, say)
        finally:
            await command.stop()
            shutil.rmtree(folder, ignore_errors=True)


async def _measure(
    rig: Rig,
    session: aiohttp.ClientSession,
    rate: float,
    seconds: float,
    phones: int,
    seed: int,
    say: Callable[[str], None],
) -> list[Run]:
    show = await setting.live_show(rig.crew, "By text", takes_sms=True)
    network = Network([rig.port])
    plan = Plan(OPTIONS, 0.0, str(show["join_code"]), duplicates=0.0, forged=0.0)
    crowd = PhoneCrowd(network, plan, phones, seed)
    meter = Meter(rig)
    say(f"{phones} phones join and confirm, {AT_ONCE} at a time")
    for body in (f"JOIN {plan.join_code}", "CONFIRM"):
        meter.start()
        await _everybody(crowd, body)
        used = meter.stop()
        say(
            f"{body.split()[0]}: {phones / used.wall_s:.0f} a second; web node"
            f" {1000 * used.web_s / phones:.2f} ms CPU each, postgres"
            f" {1000 * used.postgres_s / phones:.2f} ms"
        )
    config = setting.single_choice(OPTIONS, channels=("web", "sms"))
    await setting.open_round(rig.crew, str(show["id"]), config)
    rng = random.Random(seed)

    async def vote(number: int) -> int:
        phone = crowd.phones[number % phones]
        form = inbound_form(crowd.new_sid(), phone.number, str(rng.randint(1, OPTIONS)))
        answer = await network.deliver(INBOUND, form)
        return answer.status if answer is not None else 0

    async def forge(number: int) -> int:
        form = inbound_form(crowd.new_sid(), crowd.phones[number % phones].number, "1")
        answer = await network.deliver(INBOUND, form, signed="bm90IGEgc2lnbmF0dXJl")
        return answer.status if answer is not None else 0

    await at_rate(Run("warm", rate), WARM_S, vote)
    runs = []
    say(f"{ROUNDS} rounds of {seconds:.0f} s each, in turns; shown is the least disturbed")
    for name, act in (("forged, refused", forge), ("votes", vote)) * ROUNDS:
        run = Run(name, rate)
        meter.start()
        await at_rate(run, seconds, act)
        run.used = meter.stop()
        runs.append(run)
    await network.close()
    return runs


async def _everybody(crowd: PhoneCrowd, body: str) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(place: int) -> None:
        phone = crowd.phones[place]
        async with gate:
            text = await crowd.send(phone, body, phone.others)
        if text.messages is None:
            answers = [answer and answer.status for answer in text.answers]
            raise RuntimeError(f"{body} was answered {answers}, expected {GOOD}")

    await asyncio.gather(*(one(place) for place in range(len(crowd.phones))))
