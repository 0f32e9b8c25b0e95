"""The child processes of ``setroom up``: started, listened to, restarted, stopped in order."""

import asyncio
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from storage.embedded.process import ChildProcess

RESTARTS_MAX = 5
"""Restarts of one child within RESTART_WINDOW_S; beyond, something is broken for good."""

RESTART_WINDOW_S = 60.0
RESTART_PAUSE_S = 1.0
OUTPUT_LINE_BYTES_MAX = 64 * 1024
"""A longer line is cut: it comes from our own processes, but it is held in memory."""


@dataclass(slots=True)
class Child:
    """One kind of child process and the process that currently is it.

    Attributes:
        stop_s: what it may take to stop by itself after SIGTERM.
        essential: without it ``up`` makes no sense: given up on after RESTARTS_MAX.
    """

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    stop_s: float
    essential: bool = True
    pass_fds: Sequence[int] = ()
    process: ChildProcess | None = None
    output: asyncio.Task[None] | None = None
    watcher: asyncio.Task[None] | None = None
    ends: deque[float] = field(default_factory=lambda: deque(maxlen=RESTARTS_MAX))


class ChildFailedError(Exception):
    """A child ended again and again; the message is one line."""


class Supervisor:
    """Runs children, in the order given, until it is told to stop them, in reverse order.

    Args:
        say: called with every line that a child prints, its name before it.
    """

    def __init__(self, say: Callable[[str, str], None]) -> None:
        self._say = say
        self._children: list[Child] = []
        self._hurry = asyncio.Event()
        self._failed = asyncio.Event()
        self._failure: BaseException | None = None

    def start(self, child: Child, *, stops_last: bool = False) -> None:
        """Start ``child``; from now on it is started again when it ends unexpectedly.

        Args:
            stops_last: stop it after all others, not before those started earlier.
        """
        self._children.insert(0 if stops_last else len(self._children), child)
        self._spawn(child)
        child.watcher = asyncio.create_task(self._watch(child))
        child.watcher.add_done_callback(self._on_watched)

    def is_running(self, child: Child) -> bool:
        """Whether the child's process runs at this moment."""
        return child.process is not None and child.process.exit_code is None

    async def failure(self) -> None:
        """Wait for something that cannot be helped.

        Raises:
            ChildFailedError: an essential child keeps ending.
        """
        await self._failed.wait()
        assert self._failure is not None
        raise self._failure

    async def stop(self) -> None:
        """Stop every child, the last one started first, each with its own time to finish."""
        for child in reversed(self._children):
            if child.watcher is not None:
                child.watcher.cancel()
            if child.process is None:
                continue
            child.process.send(signal.SIGTERM)
            if not await self._ended(child, child.stop_s):
                child.process.send(signal.SIGKILL)
                await child.process.wait(5.0)
            if child.output is not None:
                await asyncio.wait([child.output], timeout=1.0)
                child.output.cancel()

    def hurry(self) -> None:
        """Stop waiting for children to finish what they are doing."""
        self._hurry.set()

    async def _ended(self, child: Child, timeout_s: float) -> bool:
        """Wait for the child's end; False after ``timeout_s``, or soon after a hurry."""
        assert child.process is not None
        waiting = asyncio.create_task(child.process.wait(timeout_s))
        hurrying = asyncio.create_task(self._hurry.wait())
        await asyncio.wait({waiting, hurrying}, return_when=asyncio.FIRST_COMPLETED)
        hurrying.cancel()
        if not waiting.done():
            waiting.cancel()
            return child.process.exit_code is not None
        return waiting.result()

    def _on_watched(self, watcher: asyncio.Task[None]) -> None:
        if not watcher.cancelled() and watcher.exception() is not None:
            self._failure = watcher.exception()
            self._failed.set()

    async def _watch(self, child: Child) -> None:
        loop = asyncio.get_running_loop()
        while True:
            assert child.process is not None
            if not await child.process.wait(0.5, poll_s=0.1):
                continue
            now = loop.time()
            child.ends.append(now)
            said = f"ended with {_how(child.process.exit_code)}"
            if len(child.ends) == RESTARTS_MAX and now - child.ends[0] < RESTART_WINDOW_S:
                if child.essential:
                    raise ChildFailedError(
                        f"{child.name} {said} for the {RESTARTS_MAX}th time within "
                        f"{RESTART_WINDOW_S:.0f} s; its last lines are above"
                    )
                self._say(child.name, f"{said}, and is not started again")
                return
            self._say(child.name, f"{said}, starting it again")
            await asyncio.sleep(RESTART_PAUSE_S)
            self._spawn(child)

    def _spawn(self, child: Child) -> None:
        read_end, write_end = os.pipe()
        try:
            child.process = ChildProcess.start(
                [sys.executable, *child.arguments],
                death_signal=signal.SIGKILL,
                output=write_end,
                environment=child.environment,
                pass_fds=child.pass_fds,
            )
        finally:
            os.close(write_end)
        child.output = asyncio.create_task(self._repeat(child.name, read_end))

    async def _repeat(self, name: str, descriptor: int) -> None:
        """Say what a child prints, line by line, until it closes its end."""
        reader = asyncio.StreamReader(limit=OUTPUT_LINE_BYTES_MAX)
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb", 0)
        )
        try:
            while True:
                try:
                    line = await reader.readuntil(b"\n")
                except asyncio.LimitOverrunError as error:
                    line = await reader.read(error.consumed)
                except asyncio.IncompleteReadError as error:
                    if error.partial:
                        self._say(name, error.partial.decode(errors="replace"))
                    return
                self._say(name, line.decode(errors="replace").rstrip("\n"))
        finally:
            transport.close()


def _how(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        return signal.Signals(-exit_code).name
    return f"exit code {exit_code}"
