"""The generator processes of a run: started, begun at one moment, heard out, ended."""

from __future__ import annotations

import asyncio
import importlib
import multiprocessing
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

import msgspec
import uvloop

from loadtests.kit.address import Address
from loadtests.kit.link import (
    Closed,
    End,
    Failed,
    Finish,
    Finished,
    Go,
    Note,
    PipeEnd,
    Progress,
    Ready,
    Tell,
    local_pair,
)
from loadtests.kit.player import Player
from loadtests.kit.scenario import Scenario
from loadtests.kit.timeline import Timeline

START_IN_S = 0.3
"""From everybody's readiness to the start: long enough for all to hear of it."""

ENDED_S = 5.0


class GeneratorFailed(Exception):
    """A generator process could not go on; the message holds its traceback."""


class Orders(msgspec.Struct, frozen=True):
    """What a generator process needs to begin."""

    module: str
    scenario: str
    options: bytes
    share: bytes
    address: Address
    seed: int
    number: int


class Fleet:
    """All generator processes of a run.

    Args:
        timeline: takes what they measure.
        say: takes what they have to say.
    """

    def __init__(self, timeline: Timeline, say: Callable[[str], None]) -> None:
        self._timeline = timeline
        self._say = say
        self._ends: list[End] = []
        self._processes: list[BaseProcess] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._ready = 0
        self._all_ready = asyncio.Event()
        self._findings: dict[int, bytes] = {}
        self._over = asyncio.Event()
        self._failure = ""

    def launch(self, orders: list[Orders], *, inside: bool) -> None:
        """Starts all; ``inside``: in this process, for small runs."""
        for one in orders:
            if inside:
                ours, theirs = local_pair()
                self._ends.append(ours)
                self._tasks.append(asyncio.create_task(generate(one, theirs)))
            else:
                context = multiprocessing.get_context("spawn")
                mine, child = context.Pipe()
                process = context.Process(target=_main, args=(one, child), daemon=True)
                process.start()
                child.close()
                self._processes.append(process)
                self._ends.append(PipeEnd(mine))
        for number, end in enumerate(self._ends):
            self._tasks.append(asyncio.create_task(self._hear(number, end)))

    async def ready(self) -> None:
        """Waits until everybody's crowd is in place.

        Raises:
            GeneratorFailed: a process could not go on.
        """
        await self._all_ready.wait()
        self._check()

    def go(self) -> float:
        """Lets everybody begin; returns the moment, on the monotonic clock."""
        at = time.monotonic() + START_IN_S
        for end in self._ends:
            end.send(Go(at))
        return at

    def tell(self, topic: str, body: str) -> None:
        """Something from the crew's side to every process."""
        for end in self._ends:
            end.send(Tell(topic, body))

    def finish(self) -> None:
        """Asks everybody to come to an end."""
        for end in self._ends:
            end.send(Finish())

    async def findings(self) -> list[bytes]:
        """Waits until everybody has finished.

        Raises:
            GeneratorFailed: a process could not go on.
        """
        await self._over.wait()
        self._check()
        return [self._findings[number] for number in range(len(self._ends))]

    async def end(self) -> None:
        """Ends whatever still runs."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for end in self._ends:
            if isinstance(end, PipeEnd):
                end.close()
        for process in self._processes:
            await asyncio.to_thread(process.join, ENDED_S)
            if process.is_alive():
                process.kill()
                await asyncio.to_thread(process.join, ENDED_S)

    def _check(self) -> None:
        if self._failure:
            raise GeneratorFailed(self._failure)

    async def _hear(self, number: int, end: End) -> None:
        while True:
            try:
                message = await end.receive()
            except Closed:
                message = Failed(f"generator process {number} is gone")
            match message:
                case Ready():
                    self._ready += 1
                    if self._ready == len(self._ends):
                        self._all_ready.set()
                case Progress(delta=delta):
                    self._timeline.take(delta)
                case Note(text=text):
                    self._say(text)
                case Finished(finding=finding):
                    self._findings[number] = finding
                    if len(self._findings) == len(self._ends):
                        self._all_ready.set()
                        self._over.set()
                    return
                case Failed(text=text):
                    self._failure = self._failure or text
                    self._all_ready.set()
                    self._over.set()
                    return
                case _:
                    pass


def load(module: str, name: str) -> type[Scenario[Any, Any, Any]]:
    """A scenario's class."""
    found: type[Scenario[Any, Any, Any]] = getattr(importlib.import_module(module), name)
    return found


async def generate(orders: Orders, end: End) -> None:
    """One generator's whole life; what breaks it is reported."""
    try:
        kind = load(orders.module, orders.scenario)
        options = msgspec.msgpack.decode(orders.options, type=kind.options_type)
        share = msgspec.msgpack.decode(orders.share, type=kind.share_type)
        player = Player(orders.number, orders.address, orders.seed, end)
        async with player.reporting():
            finding = await kind(options).play(player, share)
        end.send(Finished(msgspec.msgpack.encode(finding)))
    except Exception:
        end.send(Failed(traceback.format_exc()))


def _main(orders: Orders, connection: Connection) -> None:
    """A generator process's own main function."""

    async def live() -> None:
        end = PipeEnd(connection)
        await generate(orders, end)

    with suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(live())
