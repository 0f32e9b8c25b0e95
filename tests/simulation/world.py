"""A small world in pretended time: nodes of one show, a log that breaks, a bus that loses.

Time does not pass here, it jumps: a loop with nothing to do goes to its next timer. A seed decides
every delay and every fault, so a run can be had again.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar
from uuid import UUID

from rooms.moderation.matching import WordMatcher
from rooms.node import Node
from rooms.participants import Participant, Role
from rooms.ports import AppendOutcome, Clock, LogUnavailable, Turn
from rooms.show import Access, ShowFacts, ShowStatus
from storage.rooms.memory import MemoryRoomLog
from tests.rooms.builders import T0

T = TypeVar("T")
RUDE = "darn"
"""What the word lists of this world hold."""

SHOW = ShowFacts(
    show_id=str(UUID(int=1)),
    slug="barton-hall",
    title="Barton Hall",
    status=ShowStatus.LIVE,
    access=Access.PUBLIC,
    starts_at=T0,
)


class _Jump(selectors.SelectSelector):
    """Waits for nothing; the loop's time goes forward by as much instead."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        if timeout:
            self.now += timeout
        return super().select(0)


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop whose time jumps."""

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.now


def run(main: Coroutine[Any, Any, T]) -> T:
    """Runs a simulation to its end."""
    loop = JumpingLoop()
    try:
        return loop.run_until_complete(main)
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


class JumpingClock(Clock):
    """The loop's time as the room's; ``skew_s`` is how wrong this node is."""

    def __init__(self, skew_s: float = 0.0) -> None:
        self.skew_s = skew_s

    def now(self) -> datetime:
        return T0 + timedelta(seconds=self.monotonic() + self.skew_s)

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class SlowLog:
    """One node's way to the log: each call takes a while to get there, and a while back."""

    def __init__(self, log: MemoryRoomLog, random: Random, slow_s: float) -> None:
        self._log = log
        self._random = random
        self._slow_s = slow_s

    async def _travel(self) -> None:
        await asyncio.sleep(self._random.random() ** 3 * self._slow_s)

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._log, name)
        if name == "locked":
            return call

        async def slowly(*arguments: Any) -> Any:
            await self._travel()
            answer = await call(*arguments)
            await self._travel()
            return answer

        return slowly

    async def append(self, turn: Turn) -> AppendOutcome:
        await self._travel()
        outcome = await self._log.append(turn)
        await self._travel()
        return outcome


class LossyBus:
    """One node's bus. What arrives, arrives in the order in which it was published."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._handler: Callable[[str, bytes], None] = lambda _show, _message: None
        self._arrives_at = 0.0
        self.subscribed: set[str] = set()

    def publish(self, show_id: str, message: bytes) -> None:
        for bus in self._world.buses:
            bus._receive(show_id, message)

    def _receive(self, show_id: str, message: bytes) -> None:
        if self._world.random.random() < self._world.loses:
            return
        loop = asyncio.get_running_loop()
        delay = self._world.random.random() ** 3 * 0.05
        self._arrives_at = max(self._arrives_at, loop.time() + delay)
        loop.call_at(self._arrives_at, self._deliver, show_id, message)

    def _deliver(self, show_id: str, message: bytes) -> None:
        if show_id in self.subscribed:
            self._handler(show_id, message)

    async def subscribe(self, show_id: str) -> None:
        await asyncio.sleep(0)
        self.subscribed.add(show_id)

    async def unsubscribe(self, show_id: str) -> None:
        self.subscribed.discard(show_id)
        await asyncio.sleep(0)

    def on_message(self, handler: Callable[[str, bytes], None]) -> None:
        self._handler = handler


class World:
    """One show, its people and its nodes.

    Attributes:
        loses: share of bus messages that are lost.
        breaks: share of appends whose outcome stays unknown, before or after the commit.
    """

    def __init__(self, seed: int, *, loses: float, breaks: float, fans: int = 4) -> None:
        self.random = Random(seed)
        self.loses = loses
        self.breaks = breaks
        self.buses: list[LossyBus] = []
        self.nodes: list[Node] = []
        self.log = MemoryRoomLog(now=lambda: JumpingClock().now())
        self.log.before_commit = self._may_break
        self.log.after_commit = self._may_break
        self._ids = 100
        self.people = [
            self._person("Jerry", Role.ARTIST),
            self._person("Mo", Role.MODERATOR),
            *(self._person(f"Fan {number}", Role.FAN) for number in range(fans)),
        ]
        self.log.add_show(SHOW, {who.participant_id: who.role.value for who in self.people})

    def new_id(self) -> str:
        """The next id."""
        self._ids += 1
        return str(UUID(int=self._ids))

    async def add_nodes(self, count: int) -> None:
        """Starts nodes."""
        for number in range(count):
            bus = LossyBus(self)
            self.buses.append(bus)
            node = Node(
                node_id=f"node-{number}",
                room_log=SlowLog(self.log, self.random, 0.03),
                bus=bus,
                clock=JumpingClock(number * 0.05),
                new_id=self.new_id,
                words=WordMatcher((RUDE,)),
            )
            self.nodes.append(node)
            await node.start()

    async def outages(self) -> None:
        """The log goes away and comes back, until cancelled."""
        while True:
            await asyncio.sleep(self.random.uniform(0.5, 4.0))
            self.log.available = False
            await asyncio.sleep(self.random.uniform(0.0, 0.5))
            self.log.available = True

    def heal(self) -> None:
        """From now on nothing fails."""
        self.loses = self.breaks = 0.0
        self.log.available = True

    def _person(self, name: str, role: Role) -> Participant:
        return Participant(self.new_id(), self.new_id(), role, name)

    def _may_break(self, turn: Turn) -> None:
        del turn
        if self.random.random() < self.breaks / 2:
            raise LogUnavailable("the connection broke")
