"""The log as nodes reach it: over a network, from a server that may be slow, away or cut off.

The server is `storage.rooms.memory.MemoryRoomLog`, which passes the contract suite that the
PostgreSQL log passes. A call travels there, is carried out in the server's own process, and its
answer travels back; either way may break. What a caller does not learn may have happened, or may
happen yet: a statement that waits at the server survives the connection it came by.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, Any

from rooms.ports import (
    AlreadyAnswered,
    AppendOutcome,
    Delta,
    Head,
    LockedRoom,
    LogUnavailable,
    Lost,
    OutcomeUnknown,
    Turn,
)
from storage.rooms.memory import MemoryRoomLog
from tests.simulation.database_session import Session
from tests.simulation.loop import CURRENT, Process, SeededLoop
from tests.simulation.story import Story

if TYPE_CHECKING:
    from tests.simulation.plan import Plan

HOT_STEPS = 40
"""Steps after the beginning of an append at which a node is most likely to die."""

DAWDLES = 0.25
DAWDLES_S_MAX = 0.4

GIVES_UP_S = 0.5
"""How long a caller waits at most before it sees that a connection is dead."""


class Database:
    """The server, and the network around it.

    Attributes:
        log: what is stored.
        away: nobody reaches it.
        cut_off: nodes that do not reach it, by name.
        faulty: whether faults of single calls happen.
    """

    def __init__(self, loop: SeededLoop, plan: Plan, dice: Random, story: Story) -> None:
        self.loop = loop
        self.plan = plan
        self.dice = dice
        self.story = story
        self.process = Process("database")
        self.away = False
        self.cut_off: set[str] = set()
        self.faulty = True
        self.slow_s = plan.slow_s
        self.log: MemoryRoomLog

    def travel_s(self) -> float:
        """One way."""
        return float(self.dice.random() ** 3) * self.slow_s

    def dawdles_s(self) -> float:
        """How much later than others the answer to a read gets back: old by then."""
        if not self.faulty or self.plan.calm or self.dice.random() > DAWDLES:
            return 0.0
        return float(self.dice.random()) * DAWDLES_S_MAX

    def reaches(self, node: str) -> bool:
        """Whether a node's packets arrive."""
        return not self.away and node not in self.cut_off

    def run(self, work: Callable[[], Any]) -> None:
        """Does something in the server's process, after the way there."""
        self.loop.call_later(self.travel_s(), work, context=self.process.context)


class LogAccess:
    """One node's `rooms.ports.RoomLog`.

    Attributes:
        database: where calls go.
        node: the name of whose calls they are.
    """

    def __init__(self, database: Database, node: str) -> None:
        self.database = database
        self.node = node

    def __getattr__(self, name: str) -> Any:
        async def call(*arguments: Any) -> Any:
            return await self._read(name, arguments)

        return call

    async def read_since(self, show_id: str, head: Head, participants: Collection[str]) -> Delta:
        """Everything after ``head``."""
        delta: Delta = await self._read("read_since", (show_id, head, list(participants)))
        return delta

    async def append(self, turn: Turn) -> AppendOutcome:
        """Appends a turn, if it gets there; and tells, if the answer gets back."""
        _heat()
        return await self.write(lambda: self.database.log.append(turn))

    async def hold_round(self, show_id: str, round_id: str, until: datetime) -> None:
        """Holds a round, wherever the head is."""
        await self.write(lambda: self.database.log.hold_round(show_id, round_id, until))

    def locked(self, show_id: str) -> AbstractAsyncContextManager[LockedRoom]:
        """A transaction that holds the room's lock."""
        return self._locked(show_id)

    # --- reads ------------------------------------------------------------------------------

    async def _read(self, name: str, arguments: tuple[Any, ...]) -> Any:
        database = self.database
        if not database.reaches(self.node):
            await self._give_up()
            raise LogUnavailable("cut off")
        answer: asyncio.Future[Any] = database.loop.create_future()
        here = CURRENT.get()

        def serve() -> None:
            if database.reaches(self.node):
                try:
                    outcome = _at_once(getattr(database.log, name)(*arguments))
                except Exception as error:
                    outcome = error
                self.tell(answer, outcome, here, database.dawdles_s())
            else:
                self.tell(answer, LogUnavailable("broke off"), here, GIVES_UP_S)

        database.run(serve)
        return await answer

    # --- writes -----------------------------------------------------------------------------

    async def write(self, work: Callable[[], Any]) -> AppendOutcome:
        """Carries out an append at the server, with everything that may go wrong on the way."""
        database, dice = self.database, self.database.dice
        if not database.reaches(self.node):
            await self._give_up()
            raise LogUnavailable("cut off")
        answer: asyncio.Future[Any] = database.loop.create_future()
        here = CURRENT.get()
        breaks = database.faulty and dice.random() < database.plan.unknown
        fault = dice.choice(("before", "after", "late")) if breaks else ""
        if fault:
            self._note(f"unknown_{fault}")
        if fault in ("before", "late"):
            self.tell(answer, OutcomeUnknown("the connection broke"), here, 0.01)
        if fault != "before":
            patience = dice.random() * GIVES_UP_S if fault == "late" else 0.0
            database.loop.call_later(
                database.travel_s() + patience,
                self._carry_out,
                work,
                answer,
                here,
                fault,
                context=database.process.context,
            )
        outcome: AppendOutcome = await answer
        if isinstance(outcome, Lost):
            self._note("lost_race")
        elif isinstance(outcome, AlreadyAnswered):
            self._note("already_answered")
        return outcome

    def _carry_out(
        self, work: Callable[[], Any], answer: asyncio.Future[Any], here: Process, fault: str
    ) -> None:
        database = self.database
        if not fault and not database.reaches(self.node):
            self.tell(answer, OutcomeUnknown("broke off on the way"), here, GIVES_UP_S)
            return

        async def carry_out() -> None:
            try:
                outcome = await work()
            except Exception as error:
                outcome = error
            if fault == "after" or not database.reaches(self.node):
                outcome = OutcomeUnknown("the answer did not come")
            self.tell(answer, outcome, here)

        database.loop.create_task(carry_out(), context=database.process.context)

    # --- under the lock ---------------------------------------------------------------------

    @asynccontextmanager
    async def _locked(self, show_id: str) -> AsyncIterator[LockedRoom]:
        database = self.database
        if not database.reaches(self.node):
            await self._give_up()
            raise LogUnavailable("cut off")
        self._note("locked_turn")
        _heat()
        session = Session(self, show_id)
        await session.begin()
        try:
            yield session
        finally:
            session.say(None)

    # --- inside -----------------------------------------------------------------------------

    def _note(self, kind: str) -> None:
        self.database.story.tell(self.database.loop.now, kind, self.node)

    async def _give_up(self) -> None:
        await asyncio.sleep(self.database.dice.random() * GIVES_UP_S)

    def tell(
        self, answer: asyncio.Future[Any], outcome: Any, here: Process, later_s: float = 0.0
    ) -> None:
        delay = self.database.travel_s() + later_s
        self.database.loop.call_later(delay, _settle, answer, outcome, context=here.context)


def _settle(answer: asyncio.Future[Any], outcome: Any) -> None:
    if answer.done():
        return
    if isinstance(outcome, Exception):
        answer.set_exception(outcome)
    else:
        answer.set_result(outcome)


def _at_once(work: Any) -> Any:
    """The result of a coroutine that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    raise RuntimeError("a read of the log waited")


def _heat() -> None:
    process = CURRENT.get()
    if process.mortal:
        process.hot = HOT_STEPS
