"""Which awaits of the product a process died at.

A node dies between two steps of its tasks, so at whatever they wait for just then. Here every
task of a mortal process is watched: each line at which one of its coroutines was ever suspended
counts as an await that waits, and each at which one was suspended when its process died as a crash
point. Awaits are taken from the source of the modules that run in a night, so that those which
no night waits at are named as well: nobody can die there.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Coroutine, Generator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

from tests.simulation.loop import Process

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = tuple(f"{ROOT}/{package}/" for package in ("rooms", "server", "crdt"))
WAITED, MAY_DIE, DIED = "waited at ", "may die at ", "died at "

_AWAITS = (ast.Await, ast.AsyncFor, ast.AsyncWith)


@dataclass(frozen=True)
class DieAt:
    """Where a process is to die: when one of its tasks waits at a place for the so-manieth time."""

    place: str
    wait: int

    def __str__(self) -> str:
        return f"{self.place}@{self.wait}"


def die_at(text: str) -> DieAt:
    """Reads ``rooms/turns.py:205@3``."""
    place, _, wait = text.partition("@")
    return DieAt(place, int(wait or 1))


class CrashPoints:
    """Watches the tasks of one night. What it finds goes into the night's counts alone: neither
    its digest nor its order knows of it.

    Args:
        die_at: where a process shall die, if anywhere.

    Attributes:
        doomed: it dies at its next step.
        over: everything has healed, or nothing fails yet: nothing dies.
    """

    def __init__(self, counts: Counter[str], die_at: DieAt | None = None) -> None:
        self.doomed: Process | None = None
        self.over = True
        self._counts = counts
        self._die_at = die_at
        self._alive: dict[Process, dict[Watched, None]] = {}

    def watch(self, coroutine: Any, process: Process) -> Any:
        """The coroutine, watched, where its process may die."""
        if not process.mortal:
            return coroutine
        return Watched(coroutine, self, process, self._alive.setdefault(process, {}))

    def waits(self, watched: Watched) -> None:
        """A task waits for something."""
        end = self._die_at
        for place in places_of(watched.coroutine):
            self._counts[WAITED + place] += 1
            if self.over:
                continue
            self._counts[MAY_DIE + place] += 1
            if end and place == end.place and self._counts[MAY_DIE + place] == end.wait:
                self.doomed = watched.process

    def died(self, process: Process) -> None:
        """A process is dead, and its tasks stay where they are."""
        for watched in self._alive.pop(process, {}):
            for place in places_of(watched.coroutine):
                self._counts[DIED + place] += 1


class Watched(Coroutine[Any, Any, Any]):
    """A coroutine that tells where it waits, each time it does."""

    def __init__(
        self, coroutine: Any, points: CrashPoints, process: Process, alive: dict[Watched, None]
    ) -> None:
        self.coroutine = coroutine
        self.process = process
        self._points = points
        self._alive = alive
        alive[self] = None

    def send(self, value: Any) -> Any:
        try:
            waits_for = self.coroutine.send(value)
        except BaseException:
            self._alive.pop(self, None)
            raise
        self._points.waits(self)
        return waits_for

    def throw(self, *error: Any) -> Any:
        try:
            waits_for = self.coroutine.throw(*error)
        except BaseException:
            self._alive.pop(self, None)
            raise
        self._points.waits(self)
        return waits_for

    def close(self) -> None:
        self.coroutine.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        raise TypeError("a task's coroutine is awaited by nobody")


def places_of(coroutine: Any) -> list[str]:
    """Where a suspended coroutine and those it waits for stand, in the product alone."""
    found = []
    while coroutine is not None:
        frame: FrameType | None = getattr(coroutine, "cr_frame", None)
        if frame is not None and frame.f_code.co_filename.startswith(PRODUCT):
            place = await_at(frame.f_code.co_filename, frame.f_lineno)
            if place is not None:
                found.append(place)
        coroutine = getattr(coroutine, "cr_await", None)
    return found


@cache
def await_at(filename: str, line: int) -> str | None:
    """The await that a line belongs to, by its first line."""
    around = [one for one in awaits_in(filename) if one[0] <= line <= one[1]]
    if not around:
        return None
    first, _ = min(around, key=lambda one: one[1] - one[0])
    return f"{filename.removeprefix(f'{ROOT}/')}:{first}"


@cache
def awaits_in(filename: str) -> tuple[tuple[int, int], ...]:
    """First and last line of every await in a file; of what has a body, those of its head."""
    found = []
    for node in ast.walk(ast.parse(Path(filename).read_text())):
        if isinstance(node, ast.Await):
            found.append((node.lineno, node.end_lineno or node.lineno))
        elif isinstance(node, _AWAITS):
            found.append((node.lineno, node.body[0].lineno - 1))
    return tuple(dict.fromkeys(found))


def all_awaits() -> set[str]:
    """Every await of the product's modules that are loaded here and are part of a night."""
    names = {
        module.__file__
        for name, module in list(sys.modules.items())
        if name.startswith(PARTS) and getattr(module, "__file__", None)
    }
    return {
        f"{name.removeprefix(f'{ROOT}/')}:{first}"
        for name in names
        if name is not None and name.startswith(PRODUCT)
        for first, _ in awaits_in(name)
    }


PARTS = (
    *("rooms.admissions", "rooms.fanout", "rooms.healing", "rooms.inbox", "rooms.late_turns"),
    *("rooms.node", "rooms.room", "rooms.sessions", "rooms.tasks", "rooms.timers", "rooms.turns"),
    *("server.egress.inlet", "server.rooms.socket", "server.rooms.sessions"),
)
"""What a night runs of the product: what docs/simulation.md calls real."""


def report(counts: Counter[str]) -> list[str]:
    """What many nights came to, as lines."""
    waited = {key.removeprefix(WAITED) for key in counts if key.startswith(WAITED)}
    died = {key.removeprefix(DIED): n for key, n in counts.items() if key.startswith(DIED)}
    known = all_awaits() | waited
    lines = [
        f"awaits in what a night runs: {len(known)}; waited at: {len(waited)}; "
        f"a process died at: {len(died)}"
    ]
    lines += [
        f"  {died.get(place, 0):>6} deaths of {counts[WAITED + place]:>8} waits  {place}"
        for place in sorted(waited, key=lambda place: (died.get(place, 0), place))
    ]
    lines += [f"  never waited at: {place}" for place in sorted(known - waited)]
    return lines
