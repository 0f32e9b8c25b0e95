"""Doors open: a thousand join at once a room whose setlist has a hundred entries.

Each burst is followed by the same one to a door that knows nobody (`loadtests.bench.plain_door`).
"""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field

from loadtests.bench import plain_door
from loadtests.bench.plain_door import PlainDoor
from loadtests.bench.rig import Meter, Rig, Used
from loadtests.bench.sockets import connect_all
from loadtests.fanout.cpu import cpu_s, rss_bytes
from loadtests.faults import setting
from loadtests.wire import RoomClient, SetlistDocument, framing
from loadtests.wire.thin_socket import BINARY, TEXT, ThinSocket

JOINERS = 1_000
ENTRIES = 100
WARM_UP = 100
"""Sockets that a new process has let in before it is measured."""

TIMEOUT_S = 120.0
_STEP_2 = bytes((framing.SYNC, framing.STEP_2))


@dataclass(slots=True)
class JoinRun:
    """One burst.

    Attributes:
        seconds: from the first connect of all to each joiner's full picture.
        plain: what the door that knows nobody used for as many.
    """

    joined: int
    seconds: list[float]
    used: Used
    kib_per_connection: float
    came_back: int
    plain: Used = field(default_factory=Used)


@dataclass(slots=True)
class JoinBench:
    """All bursts."""

    runs: list[JoinRun] = field(default_factory=list)

    @property
    def best(self) -> JoinRun:
        """The least disturbed one."""
        return min(self.runs, key=lambda run: run.used.wall_s)

    @property
    def plain(self) -> Used:
        """The least disturbed one of the door that knows nobody."""
        return min((run.plain for run in self.runs), key=lambda used: used.wall_s)


class _Door:
    """Who has the welcome and the whole setlist."""

    def __init__(self, joiners: int) -> None:
        self.began = time.perf_counter()
        self.seconds: list[float] = []
        self.complete = asyncio.Event()
        self.welcome = self.document = b""
        self._joiners = joiners
        self._welcomed: set[int] = set()
        self._synced: set[int] = set()
        self._ask = framing.sync(framing.STEP_1, b"\x00")

    def frame(self, socket: ThinSocket, opcode: int, payload: bytes) -> None:
        number = socket.number
        if opcode == TEXT and number not in self._welcomed:
            self._welcomed.add(number)
            self.welcome = payload
            socket.send(BINARY, self._ask)
        elif opcode == BINARY and payload[:2] == _STEP_2 and number not in self._synced:
            self._synced.add(number)
            self.document = payload
            self.seconds.append(time.perf_counter() - self.began)
            if len(self.seconds) == self._joiners:
                self.complete.set()


async def measure(rig: Rig, rounds: int, joiners: int = JOINERS) -> JoinBench:
    """So many bursts into one room."""
    bench = JoinBench()
    show_id = str((await setting.live_show(rig.crew, "Doors"))["id"])
    async with RoomClient(rig.crew, show_id) as crew:
        await crew.entered()
        edit = await crew.edit(lambda s: _fill(s, crew.participant_id))
        await edit.saved()
        tickets = await rig.admit(show_id, joiners)
        for _ in range(rounds):
            bench.runs.append(await _burst(rig, show_id, tickets))
    return bench


def _fill(setlist: SetlistDocument, me: str) -> None:
    rng = random.Random(4)
    for number in range(ENTRIES):
        title = f"Song number {number} of {rng.choice(['the night', 'the tour', 'them all'])}"
        section = ("set1", "set2", "encore1")[number * 3 // ENTRIES]
        setlist.add(title, section, me, note="as played" if number % 5 == 0 else "opener")


async def _burst(rig: Rig, show_id: str, tickets: list[str]) -> JoinRun:
    before = rss_bytes(rig.web_pid)
    meter = Meter(rig)
    meter.start()
    door = _Door(len(tickets))
    crowd = await connect_all(rig.port, show_id, tickets, door.frame)
    await asyncio.wait_for(door.complete.wait(), TIMEOUT_S)
    used = meter.stop()
    kib = (rss_bytes(rig.web_pid) - before) / 1024 / len(tickets)
    crowd.leave()
    await _gone(rig, show_id)
    async with plain_door.running(door.welcome, door.document) as plain:
        await _plain_burst(plain, show_id, tickets[:WARM_UP])
        other = await _plain_burst(plain, show_id, tickets)
    return JoinRun(len(tickets), door.seconds, used, kib, crowd.came_back, other)


async def _plain_burst(plain: PlainDoor, show_id: str, tickets: list[str]) -> Used:
    door = _Door(len(tickets))
    before = time.perf_counter(), cpu_s(plain.pid), time.process_time()
    crowd = await connect_all(plain.port, show_id, tickets, door.frame)
    await asyncio.wait_for(door.complete.wait(), TIMEOUT_S)
    after = time.perf_counter(), cpu_s(plain.pid), time.process_time()
    crowd.leave()
    wall_s, web_s, generator_s = (b - a for a, b in zip(before, after, strict=True))
    return Used(wall_s, web_s, 0.0, generator_s)


async def _gone(rig: Rig, show_id: str) -> None:
    """Waits until the node has noticed that everybody left."""
    async with RoomClient(rig.crew, show_id) as room:
        await room.entered()

        def few() -> bool:
            state = room.states.get(("head_count", ""))
            return state is not None and int(state.data["participants"]) <= 2

        if room.welcome is not None:
            count = room.welcome.state.get("head_count", {}).get("participants", 0)
            if int(count) <= 2:
                return
        await room.until(few)
