"""The bus between nodes, which may lose anything: dropped, doubled, late, cut off, restarted."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

from tests.simulation.loop import Process, SeededLoop
from tests.simulation.story import Story

if TYPE_CHECKING:
    from tests.simulation.plan import Plan

HOP_S = 0.004
LATE_S = 1.5


class Carrier:
    """What Redis is to nodes.

    Attributes:
        away: it is down, or just restarted: nobody hears anything.
        cut_off: nodes that do not reach it, by name.
        faulty: whether faults of single messages happen.
    """

    def __init__(self, loop: SeededLoop, plan: Plan, dice: Random, story: Story) -> None:
        self.loop = loop
        self.plan = plan
        self.dice = dice
        self.story = story
        self.away = False
        self.cut_off: set[str] = set()
        self.faulty = True
        self.buses: list[Bus] = []

    def reaches(self, node: str) -> bool:
        """Whether a node's packets arrive."""
        return not self.away and node not in self.cut_off

    def return_to(self, node: str | None = None) -> None:
        """It is back, for one node or for all; each is told that it may have missed something."""
        if node is None:
            self.away = False
        else:
            self.cut_off.discard(node)
        for bus in self.buses:
            if node in (None, bus.node):
                bus.return_soon()

    def pass_on(self, show_id: str, message: bytes) -> None:
        """To everybody who subscribes, in order unless the seed says otherwise."""
        dice, plan = self.dice.random, self.plan
        for bus in self.buses:
            if show_id not in bus.subscribed or not self.reaches(bus.node):
                continue
            if self.faulty and dice() < plan.loses:
                self.story.counts["bus_dropped"] += 1
                continue
            bus.expect(show_id, message, dice() * HOP_S)
            if self.faulty and dice() < plan.doubles:
                self.story.counts["bus_doubled"] += 1
                bus.expect(show_id, message, dice() * HOP_S)
            if self.faulty and dice() < plan.delays:
                self.story.counts["bus_late"] += 1
                bus.expect_late(show_id, message, dice() * LATE_S)


class Bus:
    """One node's `rooms.ports.RoomBus`."""

    def __init__(
        self, carrier: Carrier, node: str, process: Process, lapsed: Callable[[str], None]
    ) -> None:
        self._lapsed = lapsed
        self.node = node
        self.subscribed: set[str] = set()
        self._carrier = carrier
        self._process = process
        self._handler: Callable[[str, bytes], None] = lambda _show, _message: None
        self._arrives_at = 0.0
        self._coming: deque[tuple[str, bytes]] = deque()
        carrier.buses.append(self)

    def publish(self, show_id: str, message: bytes) -> None:
        """Sends; nobody waits."""
        if self._carrier.reaches(self.node):
            self._carrier.pass_on(show_id, message)

    async def subscribe(self, show_id: str) -> None:
        """From now on."""
        await asyncio.sleep(self._carrier.dice.random() * HOP_S)
        self.subscribed.add(show_id)

    async def unsubscribe(self, show_id: str) -> None:
        """No longer."""
        self.subscribed.discard(show_id)
        await asyncio.sleep(0)

    def on_message(self, handler: Callable[[str, bytes], None]) -> None:
        """The one handler."""
        self._handler = handler

    def gone(self) -> None:
        """Its node is no more."""
        self._carrier.buses.remove(self)
        self.subscribed.clear()

    def expect(self, show_id: str, message: bytes, after_s: float) -> None:
        """A message is on its way, behind those before it."""
        loop = self._carrier.loop
        self._arrives_at = max(self._arrives_at, loop.now + after_s)
        self._coming.append((show_id, message))
        loop.call_at(self._arrives_at, self._arrive_next, context=self._process.context)

    def expect_late(self, show_id: str, message: bytes, after_s: float) -> None:
        """The same message once more, overtaken by others."""
        loop = self._carrier.loop
        loop.call_later(after_s, self._arrive, show_id, message, context=self._process.context)

    def return_soon(self) -> None:
        """What is subscribed to is heard again."""
        loop = self._carrier.loop
        for show_id in sorted(self.subscribed):
            loop.call_later(HOP_S, self._lapsed, show_id, context=self._process.context)

    def _arrive_next(self) -> None:
        self._arrive(*self._coming.popleft())

    def _arrive(self, show_id: str, message: bytes) -> None:
        if show_id in self.subscribed and self._carrier.reaches(self.node):
            self._handler(show_id, message)
