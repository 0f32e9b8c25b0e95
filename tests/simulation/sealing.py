"""Nothing from outside a night gets into it: ids, draws, logs and the garbage collector."""

from __future__ import annotations

import asyncio
import gc
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any
from unittest.mock import patch

import pycrdt
import structlog

import crdt.document
import crdt.past
import rooms.rounds.seeds
import server.rooms.connection
import server.rooms.socket
from rooms import limits
from rooms.ahead import Ahead
from rooms.fanout.speech import FrameWording
from rooms.replica import Replica
from tests.simulation.sockets import Outlets
from tests.simulation.story import Story, Violation

FORBIDDEN_LEVELS = frozenset({"error", "critical", "exception"})
"""A room that logs an error in a night has met a fault of its own."""

CLOSE_TRIES = 10

HEARTBEAT_S = 1.0
"""A quiet room's heartbeat, so that a short night is long enough to find a dead socket."""


class SeededDocs:
    """Makes Yjs documents whose client ids follow from the seed, each used once."""

    def __init__(self, dice: Random) -> None:
        self._dice = dice
        self._used: set[int] = set()

    def __call__(self, *arguments: Any, **given: Any) -> pycrdt.Doc[Any]:
        client_id = self._dice.getrandbits(32)
        while client_id in self._used:
            client_id = self._dice.getrandbits(32)
        self._used.add(client_id)
        return pycrdt.Doc(*arguments, client_id=client_id, **given)

    def __getitem__(self, _item: object) -> SeededDocs:
        return self


class _Secrets:
    def __init__(self, dice: Random) -> None:
        self._dice = dice

    def token_hex(self, count: int) -> str:
        return f"{self._dice.getrandbits(8 * count):0{2 * count}x}"


class _Listener:
    """Takes what the product logs: counted, and an error is a violation."""

    def __init__(self, story: Story, broken: list[Violation]) -> None:
        self._story = story
        self._broken = broken

    def __call__(self, _logger: Any, method: str, event: dict[str, Any]) -> Any:
        name = str(event.get("event"))
        self._story.counts[f"log:{name}"] += 1
        if self._story.keeps:
            detail = " ".join(f"{key}={event[key]}" for key in event if key != "exc_info")
            self._story.lines.append(f"          log: {method} {detail}")
        if method in FORBIDDEN_LEVELS:
            error = event.get("exc_info")
            if error is True:
                error = sys.exc_info()[1]
            violation = Violation(f"the product logged an error: {name} {event.get('error', '')}")
            if isinstance(error, BaseException):
                violation.__cause__ = error
            self._broken.append(violation)
        raise structlog.DropEvent


def _counted(holds: Callable[[Ahead, Replica], bool], story: Story) -> Any:
    """Says how often a turn that was decided ahead was taken, and how often decided again."""

    def counted(ahead: Ahead, replica: Replica) -> bool:
        held = holds(ahead, replica)
        story.counts["decided_ahead" if held else "decided_again"] += 1
        return held

    return counted


@contextmanager
def sealed(
    dice: Random,
    story: Story,
    broken: list[Violation],
    bounds: dict[str, float],
    outlets: Outlets,
) -> Iterator[SeededDocs]:
    """Closes a night off from the process that it runs in.

    Args:
        dice: what ids and draws come from.
        broken: receives what the product logs as an error.
        bounds: limits that are others in this night, by name.
        outlets: the sockets that the operating system knows.
    """
    docs = SeededDocs(dice)
    level = structlog.get_config()
    was_collecting = gc.isenabled()
    gc.disable()
    structlog.configure(
        processors=[_Listener(story, broken)],
        wrapper_class=structlog.make_filtering_bound_logger(30),
        cache_logger_on_first_use=False,
    )
    patches = [
        patch.object(crdt.document, "Doc", docs),
        patch.object(crdt.past, "Doc", docs),
        patch.object(server.rooms.connection, "write_to_all", outlets.write_to_all),
        patch.object(rooms.rounds.seeds, "secrets", _Secrets(dice)),
        patch.object(server.rooms.socket, "Random", lambda: Random(dice.getrandbits(64))),
        # Read from the limits when the module was imported.
        patch.object(FrameWording, "silence_s_max", HEARTBEAT_S),
        # A night's rush is of a handful, and votes are decided ahead in it as well.
        patch.object(limits, "TURN_AHEAD_FROM", 1),
        patch.object(Ahead, "holds", _counted(Ahead.holds, story)),
        *(patch.object(limits, name, value) for name, value in bounds.items()),
    ]
    for one in patches:
        one.start()
    try:
        yield docs
    finally:
        for one in reversed(patches):
            one.stop()
        structlog.configure(**level)
        if was_collecting:
            gc.enable()


def bury(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Ends what was abandoned, inside `sealed`; what it says to that is heard by nobody.

    Left alone, the garbage collector would do it in the middle of another night.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for task in tasks:
            coroutine: Any = task.get_coro()
            for _ in range(CLOSE_TRIES):  # each ``finally`` that awaits swallows one
                try:
                    coroutine.close()
                except BaseException:
                    continue
                break
