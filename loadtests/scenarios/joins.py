"""Doors open: fans arrive as people arrive, or all at the same moment.

Each arrival is the whole way in: a guest account, a ticket, a socket, the welcome, the whole
setlist document. Its time counts from the moment the fan stood at the door, whatever was in the
way. How arrivals are spread is said by --shape (docs/load.md): *rush* is a queue that was waiting
and those who come after it, *even* a steady stream, *at-once* the same moment for everybody.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import time
from typing import Annotated, ClassVar, Literal

import aiohttp
from msgspec import Meta, Struct

from loadtests.bench.joins import ENTRIES
from loadtests.faults import setting
from loadtests.kit.answers import code_of
from loadtests.kit.crowd import Crowd, http, settled
from loadtests.kit.fans import Fan
from loadtests.kit.player import Player
from loadtests.kit.scenario import Check, Scenario, Stage, check, equal, nothing_wrong
from loadtests.scenarios.arrivals import SHAPES, arrivals
from loadtests.scenarios.lines import first_of
from loadtests.scenarios.programme import filled_setlist
from loadtests.wire import ApiProblem, RoomClient, SetlistDocument, framing

JOINS_PER_PROCESS = 150
"""Whole joins a second that one generator process makes without hurry: three calls and a socket."""

PROCESSES_MAX = 6
IN_TIMEOUT_S = 90.0
STEP_2 = bytes((framing.SYNC, framing.STEP_2))
HEAD_COUNT_TIMEOUT_S = 15.0


class JoinsOptions(Struct, frozen=True):
    """How much of what."""

    fans: Annotated[int, Meta(description="Who comes.", ge=1)] = 1_000
    over: Annotated[float, Meta(description="Seconds in which they come.", gt=0)] = 20.0
    shape: Annotated[Literal["rush", "even", "at-once"], Meta(description="How they come.")] = (
        "rush"
    )
    entries: Annotated[int, Meta(description="Entries of the setlist.", ge=1)] = ENTRIES
    with_tickets: Annotated[
        bool, Meta(description="They have their tickets already: only sockets are measured.")
    ] = False


class JoinsShare(Struct, frozen=True):
    """One process's part."""

    show_id: str
    first: int
    due_s: list[float]


class JoinsFinding(Struct, frozen=True):
    """Who is in, and which documents they got (digests)."""

    inside: int
    pictures: list[str]
    entries: list[int]
    last_s: float
    violations: list[str]


class Joins(Scenario[JoinsOptions, JoinsShare, JoinsFinding]):
    """See the module."""

    name: ClassVar[str] = "joins"
    title: ClassVar[str] = "Joins: doors open"
    operations: ClassVar = {
        "whole join": "from standing at the door to welcome and whole setlist",
        "guest and ticket": "POST /api/auth/guest and /api/shows/…/ticket, one after the other",
        "welcome": "from connecting to the welcome, coming again where told so",
        "document": "from the welcome to the whole setlist document",
    }
    headline: ClassVar = ("whole join", "welcome")
    options_type = JoinsOptions
    share_type = JoinsShare
    finding_type = JoinsFinding

    def processes(self) -> int:
        """By joins a second."""
        rate = self.options.fans / self.options.over
        busiest = rate if self.options.shape == "even" else 3 * rate
        return min(PROCESSES_MAX, max(1, round(busiest / JOINS_PER_PROCESS + 0.5)))

    def seconds(self) -> float:
        """Until the last one comes."""
        return self.options.over if self.options.shape != "at-once" else 0.0

    async def prepare(self, stage: Stage) -> list[JoinsShare]:
        """A room with a setlist, and who comes when."""
        self._show_id = str((await setting.live_show(stage.crew, "Doors"))["id"])
        await filled_setlist(stage.crew, self._show_id, self.options.entries, stage.seed)
        rng = random.Random(stage.seed)
        shape = SHAPES[self.options.shape]
        due = arrivals(self.options.fans, self.options.over, shape, rng)
        n = stage.processes
        return [
            JoinsShare(self._show_id, first_of(len(due), n, number), due[number::n])
            for number in range(n)
        ]

    async def play(self, player: Player, share: JoinsShare) -> JoinsFinding:
        """Everybody's way in."""
        async with http(player.address) as session:
            crowd = Crowd(player, session, share.first)
            if self.options.with_tickets:
                await crowd.admit(share.show_id, len(share.due_s))
            doors = Doors(player, crowd, share)
            await player.ready()
            await player.pace(share.due_s, doors.arrive)
            await settled(lambda: doors.done == len(share.due_s), IN_TIMEOUT_S)
            finding = doors.found()
            player.say(f"{finding.inside} of {len(share.due_s)} are in")
            # They stay until everybody is in, so that the head count can be checked.
            await player.finished_or(HEAD_COUNT_TIMEOUT_S * 2)
            crowd.leave()
            return finding

    async def conduct(self, stage: Stage) -> None:
        """Looks at the head count once all are in, then lets them go."""
        self._heads = -1
        until = time.monotonic() + self.seconds() + IN_TIMEOUT_S
        while time.monotonic() < until:
            inside = stage.timeline.gauges["in the room"] + sum(
                sum(codes.values())
                for name, codes in stage.timeline.errors.items()
                if name == "whole join"
            )
            if inside >= self.options.fans:
                break
            await asyncio.sleep(0.1)
        self._heads = await _head_count(stage, self._show_id, self.options.fans)
        stage.tell("finish", "")

    async def judge(self, stage: Stage, findings: list[JoinsFinding]) -> list[Check]:
        """All in, all with the same list."""
        pictures = {one for finding in findings for one in finding.pictures}
        entries = {n for finding in findings for n in finding.entries}
        stage.figures["all in after s"] = round(max(f.last_s for f in findings), 3)
        inside = sum(finding.inside for finding in findings)
        return [
            equal("everybody who came is in", inside, self.options.fans),
            check(
                "everybody has the same whole setlist",
                len(pictures) == 1 and entries == {self.options.entries},
                f"{len(pictures)} different lists, with {sorted(entries)} entries"
                if len(pictures) != 1
                else f"{max(entries)} entries",
            ),
            equal("the head count says so", self._heads, self.options.fans),
            nothing_wrong("every log is whole", [v for f in findings for v in f.violations]),
        ]


class Doors:
    """The doors as one process's fans go through them."""

    def __init__(self, player: Player, crowd: Crowd, share: JoinsShare) -> None:
        self.done = 0
        self._player = player
        self._crowd = crowd
        self._share = share
        self._documents: dict[str, bytes] = {}
        self._with_ticket = list(crowd.fans)
        self._inside = 0
        self._last_s = 0.0
        self._tasks: set[asyncio.Task[None]] = set()

    def arrive(self, number: int, due: float) -> None:
        """One fan stands at the door."""
        task = asyncio.create_task(self._come_in(number, due))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _come_in(self, number: int, due: float) -> None:
        recorder = self._player.recorder
        try:
            fan = await self._fan(number)
            began = time.monotonic()
            document: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
            fan.framed = lambda _, payload, __: _take(document, payload)
            try:
                await fan.enter(IN_TIMEOUT_S)
            except (OSError, TimeoutError):
                recorder.failed("welcome", f"closed {(fan.closes or [1006])[-1]}")
                await fan.come_back(self._player.rng)
            welcomed = time.monotonic()
            recorder.took("welcome", welcomed - began)
            fan.ask_for_document()
            whole = await asyncio.wait_for(document, IN_TIMEOUT_S)
            now = time.monotonic()
            recorder.took("document", now - welcomed)
            recorder.took("whole join", now - due)
            self._documents[hashlib.sha256(whole).hexdigest()] = whole
            self._inside += 1
            self._last_s = max(self._last_s, self._player.elapsed_s)
            recorder.gauges["in the room"] = self._inside
        except (OSError, TimeoutError, ApiProblem, aiohttp.ClientError) as error:
            recorder.failed("whole join", code_of(error))
        finally:
            self.done += 1

    async def _fan(self, number: int) -> Fan:
        if number < len(self._with_ticket):
            return self._with_ticket[number]
        began = time.monotonic()
        fan = await self._crowd.guest(self._share.first + number, self._share.show_id)
        self._player.recorder.took("guest and ticket", time.monotonic() - began)
        self._crowd.fans.append(fan)
        return fan

    def found(self) -> JoinsFinding:
        """What there is to judge. Different bytes may be the same document: they are read."""
        pictures, entries = set(), set()
        for whole in self._documents.values():
            setlist = SetlistDocument(random.Random(0))
            setlist.apply(whole)
            shown = setlist.entries()
            entries.add(len(shown))
            pictures.add(hashlib.sha256(repr(shown).encode()).hexdigest())
            setlist.close()
        violations = self._crowd.violations()
        return JoinsFinding(
            self._inside, sorted(pictures), sorted(entries), self._last_s, violations
        )


def _take(document: asyncio.Future[bytes], payload: bytes) -> None:
    if payload[:2] == STEP_2 and not document.done():
        frame = framing.decode(payload)
        assert isinstance(frame, framing.SyncFrame)
        document.set_result(frame.payload)


async def _head_count(stage: Stage, show_id: str, expected: int) -> int:
    """What the room says, once it says what is expected, or the last it said.

    Crew's own socket is not counted in.
    """
    async with RoomClient(stage.crew, show_id) as room:
        await room.entered(60.0)

        def heads() -> int:
            state = room.states.get(("head_count", ""))
            if state is not None:
                return int(state.data["participants"])
            welcome = room.welcome
            found = welcome.state.get("head_count", {}) if welcome is not None else {}
            return int(found.get("participants", 0))

        if not await settled(lambda: heads() - 1 == expected, HEAD_COUNT_TIMEOUT_S, 0.1):
            stage.say(f"head count {heads()} with crew, expected {expected + 1}")
        return heads() - 1
