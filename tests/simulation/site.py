"""A node's process: the product's own node and door, on a simulated machine that may die."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from rooms.commands import AnyCommand, Envelope
from rooms.messages import Ack, Reject
from rooms.node import Node
from rooms.participants import Participant
from rooms.ports import Clock
from rooms.sessions.allowance import Allowances
from server.rooms.sessions import SessionWatch
from server.rooms.socket import SocketDoor
from tests.simulation.carrier import Bus
from tests.simulation.database import LogAccess
from tests.simulation.loop import Process, SeededLoop
from tests.simulation.wires import Wire
from tests.simulation.world import SHOW, T0

if TYPE_CHECKING:
    from tests.simulation.night import Night


DRAIN_S_MAX = 8.0
"""A process that has not ended by itself by then is killed."""


class SiteClock(Clock):
    """A machine's clock: the loop's time, and how wrong this one is."""

    def __init__(self, loop: SeededLoop, skew_s: float) -> None:
        self._loop = loop
        self.skew_s = skew_s

    def now(self) -> datetime:
        return T0 + timedelta(seconds=self._loop.now + self.skew_s)

    def monotonic(self) -> float:
        return self._loop.now

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class _Grant:
    """`server.rooms.socket.Grant`."""

    def __init__(self, participant: Participant, ticket_id: str) -> None:
        self.participant = participant
        self.ticket_id = ticket_id
        self.session_id = f"session-{participant.participant_id}"


class _Tickets:
    """Every ticket is good; it names whom it belongs to."""

    def __init__(self, people: dict[str, Participant]) -> None:
        self._people = people

    async def redeem(self, ticket: str, show_id: str) -> Any:
        del show_id
        await asyncio.sleep(0)
        return _Grant(self._people[ticket.partition(".")[0]], ticket)


class _Sessions:
    """No login is ever over."""

    async def revoked_among(self, session_ids: Collection[str], now: datetime) -> set[str]:
        del session_ids, now
        return set()


class Site:
    """One machine; after a crash another process runs on it.

    Attributes:
        up: takes connections.
        draining: ends by itself, and is started again afterwards.
    """

    def __init__(self, night: Night, number: int, dice: Random) -> None:
        self.night = night
        self.number = number
        self.name = f"node{number}"
        self.up = False
        self.draining = False
        self.process: Process
        self.node: Node
        self.wires: dict[Wire, None] = {}
        self.clock = SiteClock(night.loop, dice.uniform(-1.0, 1.0) * night.plan.skew_s)
        self._dice = dice
        self._lives = 0
        self._door: SocketDoor
        self._bus: Bus

    @property
    def fast(self) -> bool:
        """Whether its server has the fast egress."""
        return self.number not in self.night.plan.fallback

    # --- life -------------------------------------------------------------------------------

    def start(self) -> None:
        """Boots a process with an empty memory, where none runs."""
        if self._lives and not self.process.dead:
            return
        self._lives += 1
        night = self.night
        self.process = Process(f"{self.name}.{self._lives}", mortal=True)
        self._bus = Bus(night.carrier, self.name, self.process, self._lapsed)
        night.loop.create_task(self._boot(), context=self.process.context)

    def crash(self) -> None:
        """``kill -9``: nothing of it runs again, and its sockets break."""
        self.up = False
        self.night.loop.kill(self.process)
        self._bus.gone()
        for wire in self.wires:
            wire.node_died(silently=self._dice.random() < 0.3)
        self.wires.clear()

    async def drain(self) -> None:
        """What a rolling restart does before a process ends by itself."""
        self.up = False
        self.draining = True
        process = self.process
        draining = self.night.loop.create_task(self._drain(), context=process.context)
        ends_at = self.night.loop.now + DRAIN_S_MAX
        while not draining.done() and not process.dead and self.night.loop.now < ends_at:
            await asyncio.sleep(0.05)
        if not process.dead:
            self.crash()
        self.draining = False

    async def _drain(self) -> None:
        await self._door.drain()
        await self.node.stop()

    def _lapsed(self, show_id: str) -> None:
        """The bus is heard again after it was not."""
        self.node.lapsed(show_id)

    async def _boot(self) -> None:
        night = self.night
        self.node = Node(
            node_id=self.process.name,
            room_log=LogAccess(night.database, self.name),
            bus=self._bus,
            clock=self.clock,
            new_id=night.new_id,
        )
        self._door = SocketDoor(
            rooms=self.node,
            tickets=_Tickets(night.people),
            watch=SessionWatch(_Sessions(), self.node, self.clock),
            clock=self.clock,
            allowances=Allowances(),
        )
        await self.node.start()
        self.up = True

    # --- doors ------------------------------------------------------------------------------

    def connect(self, wire: Wire, query: str, *, text: bool = True) -> bool:
        """Lets a socket in; whether there was anybody to do so."""
        if not self.up:
            return False
        self.wires = {one: None for one in self.wires if not one.node_gone}
        self.wires[wire] = None
        scope = wire.scope(query, text=text, fast=self.fast)
        task = self.night.loop.create_task(self._serve(wire, scope), context=self.process.context)
        del task
        return True

    async def _serve(self, wire: Wire, scope: dict[str, Any]) -> None:
        try:
            await self._door(scope, wire.receive, wire.send, SHOW.show_id)
        except OSError:
            pass  # the socket was gone already; a server writes that down and goes on
        finally:
            wire.served()

    async def ask(self, who: Participant, command: AnyCommand) -> Ack | Reject:
        """A command by the HTTP door."""
        room = await self.node.enter(SHOW.show_id)
        try:
            made = Envelope(
                command_id=self.night.new_id(),
                participant=who,
                received_at=self.clock.now(),
                command=command,
                payload_hash=b"hash",
            )
            answer = await room.ask(made)
        finally:
            self.node.leave(room)
        assert isinstance(answer, Ack | Reject)
        return answer
