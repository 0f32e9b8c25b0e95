"""An event loop without a world around it: a seed chooses what runs next, and time jumps.

There is no selector, no thread and no clock. Everything that may run waits in the queue of the
process that it belongs to; the seed picks a process, and mostly its oldest work, as a real loop
would. A loop with nothing to do goes to its next timer. So a whole night of several machines is
one order of steps, and the same seed gives the same order again.

After FoundationDB's simulator (`Zhou et al., SIGMOD 2021 <https://doi.org/10.1145/3448016.3457559>`_,
section 4) and TigerBeetle's VOPR; see ``docs/simulation.md``.
"""

from __future__ import annotations

import asyncio
import contextvars
import heapq
import itertools
import math
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context, ContextVar
from random import Random
from typing import Any

SHUFFLE_REACH = 3
"""So far down its queue a process may reach where the seed shuffles its steps."""


class Process:
    """A machine's process, or the world around them. What it started belongs to it.

    Attributes:
        dead: nothing of it runs any more, for ever.
        stalled_until: it gets no processor before that time.
        hot: its next so many steps are worth dying at (a commit is under way).
    """

    __slots__ = ("context", "dead", "grave", "hot", "mortal", "name", "ready", "stalled_until")

    def __init__(self, name: str, *, mortal: bool = False) -> None:
        self.name = name
        self.mortal = mortal
        self.dead = False
        self.stalled_until = 0.0
        self.hot = 0
        self.ready: list[Job] = []
        self.grave: list[object] = []
        self.context = contextvars.copy_context()
        self.context.run(CURRENT.set, self)

    def __repr__(self) -> str:
        return self.name


CURRENT: ContextVar[Process] = ContextVar("simulated_process")


class Job:
    """One call that was asked for: ``asyncio.Handle``, as far as anybody uses it."""

    __slots__ = ("_cancelled", "arguments", "callback", "context", "process", "time")

    def __init__(
        self,
        callback: Callable[..., Any],
        arguments: tuple[Any, ...],
        context: Context,
        process: Process,
        time: float = 0.0,
    ) -> None:
        self.callback = callback
        self.arguments = arguments
        self.context = context
        self.process = process
        self.time = time
        self._cancelled = False

    def cancel(self) -> None:
        """Calls it off."""
        self._cancelled = True

    def cancelled(self) -> bool:
        """Whether it was called off."""
        return self._cancelled

    def when(self) -> float:
        """The time of a timer."""
        return self.time


class SeededLoop(asyncio.AbstractEventLoop):
    """See the module.

    Args:
        random: chooses what runs next.
        shuffles: share of a process's own steps that run out of their order.
        tick_s: timers come at multiples of it, so that more of them come together; 0: whenever.

    Attributes:
        steps: steps run so far.
        before_step: asked before each step of a mortal process; True: it dies instead.
        after_step: called after each step with its job.
        errors: what nobody caught.
        watch: what makes a watched coroutine of a new task's (`tests.simulation.crash_points`).
        killed: called with each process that dies.
    """

    def __init__(self, random: Random, *, shuffles: float = 0.0, tick_s: float = 0.0) -> None:
        self._tick_s = tick_s
        self.world = Process("world")
        self.now = 0.0
        self.steps = 0
        self.errors: list[dict[str, Any]] = []
        self.before_step: Callable[[Process], bool] = lambda _process: False
        self.after_step: Callable[[Job], None] = lambda _job: None
        self.watch: Callable[[Any, Process], Any] | None = None
        self.killed: Callable[[Process], None] = lambda _process: None
        self._random = random.random
        self._shuffles = shuffles
        self._busy: list[Process] = []
        self._timers: list[tuple[float, int, Job]] = []
        self._numbers = itertools.count()
        self._tasks: list[asyncio.Task[Any]] = []
        self._closed = False

    # --- what asyncio asks of a loop --------------------------------------------------------

    def time(self) -> float:
        return self.now

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return not self._closed

    def is_closed(self) -> bool:
        return self._closed

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(
        self,
        coro: Generator[Any, None, Any] | Coroutine[Any, Any, Any],
        *,
        name: str | None = None,
        context: Context | None = None,
    ) -> asyncio.Task[Any]:
        if self.watch is not None:
            process = (context or contextvars.copy_context()).get(CURRENT, self.world)
            coro = self.watch(coro, process)
        task: asyncio.Task[Any] = asyncio.Task(
            coro,
            loop=self,
            name=name or "task",
            context=context,  # type: ignore[arg-type]
        )
        # Kept to the end: a task that nobody holds would be ended by the garbage collector.
        self._tasks.append(task)
        return task

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> Job:
        if context is None:
            context = contextvars.copy_context()
        process = context.get(CURRENT, self.world)
        job = Job(callback, args, context, process)
        self._enqueue(job)
        return job

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> Job:
        if context is None:
            context = contextvars.copy_context()
        if self._tick_s:
            when = math.ceil(when / self._tick_s) * self._tick_s
        job = Job(callback, args, context, context.get(CURRENT, self.world), when)
        heapq.heappush(self._timers, (when, next(self._numbers), job))
        return job

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> Job:
        return self.call_at(self.now + delay, callback, *args, context=context)

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        if not self._closed:
            self.errors.append(context)

    # --- running ----------------------------------------------------------------------------

    def run(self, main: Coroutine[Any, Any, None]) -> None:
        """Runs until ``main`` is over.

        Raises:
            RuntimeError: nothing is left to do, and it still waits.
        """
        before = asyncio._get_running_loop()
        asyncio._set_running_loop(self)
        try:
            task = self.create_task(main, context=self.world.context)
            while not task.done():
                self._step()
            task.result()
        finally:
            asyncio._set_running_loop(before)

    def kill(self, process: Process) -> None:
        """Nothing of it runs again. What it was at stays as it was, half done."""
        process.dead = True
        self.killed(process)
        process.grave.extend(process.ready)
        process.ready.clear()
        if process in self._busy:
            self._busy.remove(process)

    def close(self) -> list[asyncio.Task[Any]]:  # type: ignore[override]
        """Lets go of everything; returns what was abandoned, not to be heard of any more."""
        self._closed = True
        self._timers.clear()
        self._busy.clear()
        abandoned = [task for task in self._tasks if not task.done()]
        for task in abandoned:
            task._log_destroy_pending = False  # type: ignore[attr-defined]
        self._tasks.clear()
        return abandoned

    def _enqueue(self, job: Job) -> None:
        process = job.process
        if process.dead:
            process.grave.append(job)
            return
        if not process.ready:
            self._busy.append(process)
        process.ready.append(job)

    def _step(self) -> None:
        timers = self._timers
        while timers and timers[0][0] <= self.now:
            self._ripen(heapq.heappop(timers)[2])
        process = self._pick()
        if process is None:
            self._jump()
            return
        ready = process.ready
        place = 0
        if self._shuffles and len(ready) > 1 and self._random() < self._shuffles:
            place = int(self._random() * min(SHUFFLE_REACH, len(ready)))
        job = ready.pop(place)
        if not ready:
            self._busy.remove(process)
        if job._cancelled:
            return
        self.steps += 1
        if process.mortal and self.before_step(process):
            process.grave.append(job)
            return
        if process.hot:
            process.hot -= 1
        job.context.run(job.callback, *job.arguments)
        self.after_step(job)

    def _pick(self) -> Process | None:
        busy = self._busy
        if not busy:
            return None
        process = busy[0] if len(busy) == 1 else busy[int(self._random() * len(busy))]
        if process.stalled_until <= self.now:
            return process
        awake = [one for one in busy if one.stalled_until <= self.now]
        return awake[int(self._random() * len(awake))] if awake else None

    def _jump(self) -> None:
        """Nobody has anything to do now."""
        ahead = [one.stalled_until for one in self._busy]
        if self._timers:
            ahead.append(self._timers[0][0])
        if not ahead:
            raise RuntimeError("everybody waits for ever")
        self.now = max(self.now, min(ahead))

    def _ripen(self, job: Job) -> None:
        if not job._cancelled:
            self._enqueue(job)
