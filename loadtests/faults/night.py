"""One fault in the middle of a night: what clients saw, when all was well again, what was lost.

Editors, voters and talkers on sockets of both nodes, an event stream, a long poll and phones that
vote by text, all in one room. What each was promised is written down; once everything is over it
is compared with what everybody has and with the tables.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import aiohttp

from loadtests.faults import judging, setting
from loadtests.faults.judging import Findings
from loadtests.faults.listeners import Listener, PollListener, StreamListener, Texters
from loadtests.faults.sightings import watch_ready, watch_unsaved
from loadtests.faults.stage import Stage
from loadtests.faults.worker import Worker
from loadtests.wire import ApiClient, RoomClient
from loadtests.wire.api import ApiProblem

WORKERS_PER_NODE = 6
PHONES = 4
OPTIONS = 4
LEAD_S = 1.5
"""Undisturbed seconds before a fault."""
AFTER_S = 1.0
"""Of load after everything is well again."""
QUIET_S = 30.0
"""As stock providers do: a socket that says nothing for so long is given up."""
RECOVERY_TIMEOUT_S = 120.0
SETTLE_TIMEOUT_S = 90.0

Disturbance = Callable[[Stage], Awaitable[float]]
"""Does its worst, and returns when it was over, on the monotonic clock. From there on nobody
lends a hand."""


class Night:
    """One room under load on a stage. Use `play`."""

    def __init__(self, stage: Stage, name: str, seed: int, workers: int, phones: int) -> None:
        self.stage = stage
        self.findings = Findings(name)
        self._rng = random.Random(seed)
        self._workers_per_node = workers
        self._phones = phones
        self._stack = AsyncExitStack()
        self._workers: list[Worker] = []
        self._listeners: list[Listener] = []
        self._probes: list[RoomClient] = []

    async def play(self, disturb: Disturbance, *, another_log: bool) -> Findings:
        """Everybody comes, the fault happens, everybody leaves."""
        async with self._stack:
            await self._enter()
            seen = self.findings.sightings
            before = self._workers[0].room.place.epoch
            watching = [
                asyncio.create_task(watch_ready([s.node.url for s in self.stage.seats], seen)),
                asyncio.create_task(watch_unsaved(self._unsaved, seen)),
            ]
            acting = [asyncio.create_task(worker.act()) for worker in self._workers]
            texting = asyncio.create_task(self._texters.run())
            probing = [asyncio.create_task(self._probe(room)) for room in self._probes]
            await asyncio.sleep(LEAD_S)
            began = time.monotonic()
            over = await disturb(self.stage)
            self.findings.lasted_s = over - began
            await self._recovered(over)
            await asyncio.sleep(AFTER_S)
            for task in (*probing, *watching):
                task.cancel()
            await asyncio.gather(*probing, *watching, return_exceptions=True)
            await self._end(acting, texting)
            judging.judge_epochs(self.findings, before, self._workers, self._listeners, another_log)
        return self.findings

    # --- coming -------------------------------------------------------------------------------

    async def _enter(self) -> None:
        stage, seen = self.stage, self.findings.sightings
        self._crew = await setting.new_crew(stage.seats[0].node.url, stage.session)
        show = await setting.live_show(self._crew, "Faults", takes_sms=True)
        self._show_id = str(show["id"])
        config = setting.single_choice(OPTIONS, channels=("web", "sms"))
        self._round_id = await setting.open_round(self._crew, self._show_id, config)
        ports = [seat.clients.port for seat in stage.seats]
        self._texters = Texters(ports, self._phones, OPTIONS, self._rng.getrandbits(31), seen)
        self._stack.push_async_callback(self._texters.close)
        stage.texts.network = self._texters.network
        await self._texters.join(str(show["join_code"]))
        for number, seat in enumerate(stage.seats):
            for place in range(self._workers_per_node):
                name = f"w{number}{place}"
                guest = await self._guest(seat.url, name)
                worker = Worker(
                    name,
                    guest,
                    self._show_id,
                    self._rng.getrandbits(64),
                    on_frame=seen.frame,
                    quiet_timeout_s=QUIET_S,
                )
                worker.begin(self._round_id, OPTIONS)
                self._workers.append(worker)
            guest = await self._guest(seat.url, f"probe{number}")
            probe = RoomClient(guest, self._show_id, quiet_timeout_s=QUIET_S)
            self._probes.append(probe)
            for name, kind in LISTENERS.items():
                guest = await self._guest(seat.url, f"{name}{number}")
                listener = kind(name, guest, self._show_id, seen)
                self._listeners.append(listener)
                task = asyncio.create_task(listener.run())
                self._stack.push_async_callback(_end, task)
        for room in self._rooms:
            await self._stack.enter_async_context(room)
        for room in self._rooms:
            await room.entered()
        for listener in self._listeners:
            await listener.signal.until(partial(_has_come, listener), 30.0)

    async def _guest(self, url: str, name: str) -> ApiClient:
        return await setting.new_guest(url, self.stage.session, name)

    @property
    def _rooms(self) -> list[RoomClient]:
        return [*(worker.room for worker in self._workers), *self._probes]

    def _unsaved(self) -> int:
        return max(worker.room.ledger.unsaved for worker in self._workers)

    async def _probe(self, room: RoomClient) -> None:
        """Reacts every tenth of a second, and notes how long the answer took."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                tasks.create_task(self._one_probe(room))
                await asyncio.sleep(0.1)

    async def _one_probe(self, room: RoomClient) -> None:
        began = time.monotonic()
        await room.command("react", {"kind": "clap"}, timeout_s=RECOVERY_TIMEOUT_S)
        seen = self.findings.sightings
        seen.waited_s = max(seen.waited_s, time.monotonic() - began)

    # --- well again ---------------------------------------------------------------------------

    async def _recovered(self, over: float) -> None:
        """A new line of each node is acknowledged and has reached everybody."""
        lines = [f"after {self._rng.getrandbits(64):x}" for _ in self._probes]
        async with asyncio.timeout(RECOVERY_TIMEOUT_S):
            said = [
                room.command("post_chat", {"text": line}, timeout_s=RECOVERY_TIMEOUT_S)
                for room, line in zip(self._probes, lines, strict=True)
            ]
            heads = [ack.seq for ack in await asyncio.gather(*said)]
            head = max(heads)
            try:
                for worker in self._workers:
                    await worker.room.until(partial(_is_at, worker.room, head), RECOVERY_TIMEOUT_S)
                for listener in self._listeners:
                    await listener.signal.until(partial(_is_at, listener, head), RECOVERY_TIMEOUT_S)
            except TimeoutError:
                self.findings.problems.append(f"not everybody came to {head}: {self._places()}")
        self.findings.recovery_s = max(0.0, time.monotonic() - over)

    def _places(self) -> str:
        workers = {worker.name: worker.room.place.seq for worker in self._workers}
        others = {listener.name: listener.place.seq for listener in self._listeners}
        return f"{workers}, {others}"

    # --- leaving ------------------------------------------------------------------------------

    async def _end(self, acting: Sequence[asyncio.Task[None]], texting: asyncio.Task[None]) -> None:
        for worker in self._workers:
            worker.stop()
        self._texters.stop()
        await asyncio.wait_for(asyncio.gather(*acting, texting), SETTLE_TIMEOUT_S)
        await self._texters.settle()
        seen = self.findings.sightings
        for room in self._rooms:
            seen.closes.update(room.closes)
        closed = await self._closed()
        head = max(worker.room.place.seq for worker in self._workers)
        await self._settled(head)
        for worker in self._workers:
            worker.settle()
        judging.judge(self.findings, self._workers, self._listeners, self._texters.votes(), closed)
        await judging.recount(self.findings, self.stage.database_url)

    async def _closed(self) -> dict[str, Any]:
        for _ in range(20):
            try:
                return await setting.close_round(self._crew, self._round_id)
            except (ApiProblem, aiohttp.ClientError, TimeoutError):
                await asyncio.sleep(0.5)
        return await setting.close_round(self._crew, self._round_id)

    async def _settled(self, head: int) -> None:
        for worker in self._workers:
            try:
                await worker.room.until(partial(_has_all, worker, head), SETTLE_TIMEOUT_S)
            except TimeoutError:
                self.findings.problems.append(f"{worker.name} is at {worker.room.place.seq}")
        for listener in self._listeners:
            with contextlib.suppress(TimeoutError):
                await listener.signal.until(partial(_heard_the_end, listener), SETTLE_TIMEOUT_S)


LISTENERS: Mapping[str, type[Listener]] = {"stream": StreamListener, "poll": PollListener}


def _has_come(listener: Listener) -> bool:
    return listener.place.epoch is not None


def _is_at(one: RoomClient | Listener, head: int) -> bool:
    return one.place.seq >= head


def _heard_the_end(one: Worker | Listener) -> bool:
    return any(event.name == "round_closed" for event in one.events[-20:])


def _has_all(worker: Worker, head: int) -> bool:
    saved = worker.room.ledger.unsaved == 0
    return saved and _is_at(worker.room, head) and _heard_the_end(worker)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def play(
    stage: Stage,
    name: str,
    disturb: Disturbance,
    seed: int,
    *,
    workers: int = WORKERS_PER_NODE,
    phones: int = PHONES,
    another_log: bool = False,
) -> Findings:
    """Plays one fault on a stage that stands.

    Args:
        another_log: the room's epoch has to change; otherwise it must not.
    """
    night = Night(stage, name, seed, workers, phones)
    return await night.play(disturb, another_log=another_log)
