"""The sides of the comparison: each sends lines to so many receivers and says what CPU it used."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Protocol

import msgspec

from loadtests.bench.rig import Rig
from loadtests.fanout import bare_loop, transport_loop
from loadtests.fanout.cpu import cpu_s
from loadtests.fanout.crowd import Crowd
from loadtests.wire.ids import uuid7

SENDERS = 64
"""Receivers that take turns in posting: each stays under its own rate limit."""

TICKETS_AT_ONCE = 500
"""They are good for a minute."""

PACE_PER_SECOND = 20
"""Lines a second where they are paced: a lively chat."""

TEXT = "What a night! This is the best second set I ever heard, and I was there in May."


class Side(Protocol):
    """One way to send the same lines to as many receivers."""

    crowd: Crowd
    pid: int

    def say(self, lines: int) -> None:
        """Asks for so many lines at once."""
        ...


async def send(side: Side, lines: int, in_flight: int, paced: bool) -> float:
    """Sends lines in waves of so many at once, each after the last has arrived everywhere.

    Args:
        side: who sends.
        lines: how many in all.
        in_flight: how many at once.
        paced: no more than `PACE_PER_SECOND`; otherwise the next wave begins when one is over.

    Returns:
        CPU seconds of the sending process.
    """
    crowd = side.crowd
    began, due = cpu_s(side.pid), time.perf_counter()
    for wave in range(0, lines, in_flight):
        size = min(in_flight, lines - wave)
        crowd.aim(size * len(crowd.receivers))
        crowd.sent_at = time.perf_counter()
        side.say(size)
        await crowd.reached()
        if paced:
            due += in_flight / PACE_PER_SECOND
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
    return cpu_s(side.pid) - began


class Room:
    """The product: a live show and receivers in its room."""

    def __init__(self, port: int, pid: int, show_id: str) -> None:
        self.crowd = Crowd()
        self.pid = pid
        self._port = port
        self._show_id = show_id
        self._turn = 0

    async def join(self, tickets: list[str]) -> None:
        """One socket per ticket."""
        paths = [f"/rooms/{self._show_id}?ticket={ticket}" for ticket in tickets]
        await self.crowd.join(self._port, list(paths))

    async def fill(self, running: Rig, count: int, first: int = 0) -> None:
        """So many distinct guests, the ``first`` of them not being here yet."""
        for start in range(first, first + count, TICKETS_AT_ONCE):
            size = min(TICKETS_AT_ONCE, first + count - start)
            await self.join(await running.admit(self._show_id, size, start))

    def say(self, lines: int) -> None:
        """Chat lines of as many participants in turn."""
        receivers = self.crowd.receivers
        for _ in range(lines):
            self._turn = (self._turn + 1) % min(SENDERS, len(receivers))
            receivers[self._turn].send(_line())


class Child:
    """A loop in a process of its own."""

    def __init__(self, process: Process, crowd: Crowd) -> None:
        self.crowd = crowd
        self.pid = process.pid
        self._process = process

    def say(self, lines: int) -> None:
        """The same frame again and again."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"go {lines}\n".encode())


Start = Callable[[int, bytes], list[str]]
"""The command of a loop for so many connections and this frame."""


def transport_command(connections: int, frame: bytes) -> list[str]:
    """Of ``transport.write`` alone."""
    return [sys.executable, "-m", transport_loop.__name__, str(connections), frame.hex()]


bare_command = bare_loop.command


@asynccontextmanager
async def loop_process(start: Start, receivers: int, frame: bytes) -> AsyncIterator[Child]:
    """A child process with so many connections."""
    process = await asyncio.create_subprocess_exec(
        *start(receivers, frame), stdin=PIPE, stdout=PIPE
    )
    crowd = Crowd()
    try:
        assert process.stdout is not None
        port = int((await process.stdout.readline()).split()[1])
        await crowd.join(port, [None] * receivers)
        await process.stdout.readline()
        yield Child(process, crowd)
    finally:
        crowd.leave()
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _line() -> bytes:
    args = {"text": TEXT}
    return msgspec.json.encode(
        {"t": "command", "command_id": uuid7(), "name": "post_chat", "args": args}
    )
