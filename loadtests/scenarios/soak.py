"""A long evening of churn at a moderate rate: does anything grow that should not?

Fans come and go, now resuming and now anew; some are strangers who never come back. Rounds open
and close and are recounted, rooms are opened, used and left to be unloaded, lists are edited.
Meanwhile the memory of web node, worker and stores is sampled, and its slope taken after the
warm-up by a regression that bursts do not move (`loadtests.kit.trend`).
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Coroutine, Iterator
from functools import partial
from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from loadtests.faults import setting
from loadtests.kit.answers import took_or_failed
from loadtests.kit.crowd import Crowd, http, settled
from loadtests.kit.due_lines import due_of, line
from loadtests.kit.fans import Fan
from loadtests.kit.pacing import poisson
from loadtests.kit.player import Player
from loadtests.kit.recorder import Recorder
from loadtests.kit.scenario import Check, Scenario, Stage, check, equal, nothing_wrong
from loadtests.scenarios import editors
from loadtests.scenarios.editors import Editor
from loadtests.scenarios.voting import Ballots, Told, recounted
from loadtests.wire.log import LogPlace
from loadtests.wire.messages import Ack, Reject

ROUND_EVERY_S = 20.0
ROUND_S = 12.0
SIDE_ROOM_EVERY_S = 30.0
SIDE_ROOM_FANS = 5
SIDE_ROOM_S = 10.0
STRANGERS = 0.1
"""Of those who come back, how many are somebody new in truth."""
ANEW = 0.5
"""Of those who come back, how many know nothing of the room any more."""
AWAY_S = (0.5, 8.0)
OPTIONS = 4
ENTRIES = 30
"""Of every list, all the time: what grows with a list that grows is no leak."""


class SoakOptions(Struct, frozen=True):
    """How much of what."""

    minutes: Annotated[float, Meta(description="How long.")] = 30.0
    fans: Annotated[int, Meta(description="Fans in all rooms together.")] = 200
    rooms: Annotated[int, Meta(description="Rooms that are open all the time.")] = 4
    churn: Annotated[float, Meta(description="Fans that leave and come back, a second.")] = 3.0
    chat: Annotated[float, Meta(description="Lines a second, all rooms together.")] = 6.0
    edits: Annotated[float, Meta(description="Edits of setlists a second, all together.")] = 3.0
    warm_up: Annotated[float, Meta(description="Minutes before memory is looked at.")] = 6.0


class SoakShare(Struct, frozen=True):
    """One process's part."""

    show_ids: list[str]
    fans: int
    first: int


class SoakFinding(Struct, frozen=True):
    """What one process saw."""

    violations: list[str]
    strays: list[str]
    ballots: dict[str, dict[str, int]]
    unanswered: int
    pictures: dict[str, list[str]]
    lost_edits: int
    side_rooms: int


class Soak(Scenario[SoakOptions, SoakShare, SoakFinding]):
    """See the module."""

    name: ClassVar[str] = "soak"
    title: ClassVar[str] = "Soak: hours of churn, and memory"
    operations: ClassVar = {
        "line to receiver": "a chat line, from its due moment to each fan in the room",
        "line ack": "a chat line, from its due moment to its ack",
        "vote": "a vote, from being decided upon to its ack",
        "edit saved": "a setlist edit, from its due moment to being durable",
        "back in": "a fan who comes back: the protocol's pause, then connecting, to the welcome",
    }
    headline = ("line to receiver", "line ack", "vote", "edit saved")
    options_type = SoakOptions
    share_type = SoakShare
    finding_type = SoakFinding
    watches_growth: ClassVar[bool] = True

    def __init__(self, options: SoakOptions) -> None:
        super().__init__(options)
        self._results: dict[str, dict[str, int]] = {}

    def seconds(self) -> float:
        """The whole of it."""
        return self.options.minutes * 60

    def warm_up_s(self) -> float:
        """At most a third of a short soak."""
        return min(self.options.warm_up * 60, self.seconds() / 3)

    async def prepare(self, stage: Stage) -> list[SoakShare]:
        """Opens the rooms that stay open."""
        stage.watch.every_s = max(1.0, self.seconds() / 600)
        shows = [await setting.live_show(stage.crew, "Soak") for _ in range(self.options.rooms)]
        ids = [str(show["id"]) for show in shows]
        self._ids = ids
        each = self.options.fans // stage.processes
        return [SoakShare(ids, each, n * each) for n in range(stage.processes)]

    async def conduct(self, stage: Stage) -> None:
        """Opens and closes rounds and further rooms until nothing more should begin."""
        until = stage.started_at + self.seconds()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._rounds(stage, until))
            tasks.create_task(self._side_rooms(stage, until))

    async def _rounds(self, stage: Stage, until: float) -> None:
        number = 0
        while time.monotonic() + ROUND_S + 5 < until:
            show_id = self._ids[number % len(self._ids)]
            config = setting.single_choice(OPTIONS, visibility="after_vote")
            round_id = await setting.open_round(stage.crew, show_id, config)
            stage.tell(f"round {number}", f"{show_id} {round_id} {ROUND_S * 0.7}")
            await asyncio.sleep(ROUND_S)
            result = await setting.close_round(stage.crew, round_id)
            self._results[round_id] = {k: int(v) for k, v in result["options"].items() if v}
            number += 1
            await asyncio.sleep(max(0.0, ROUND_EVERY_S - ROUND_S))

    async def _side_rooms(self, stage: Stage, until: float) -> None:
        number = 0
        while time.monotonic() + SIDE_ROOM_S * 2 < until:
            show = await setting.live_show(stage.crew, "Side room")
            stage.tell(f"side {number}", str(show["id"]))
            number += 1
            await asyncio.sleep(SIDE_ROOM_EVERY_S)
            await stage.crew.post(f"/api/shows/{show['id']}/close")

    async def play(self, player: Player, share: SoakShare) -> SoakFinding:
        """A part of the crowd."""
        async with http(player.address) as session:
            crowd = Crowd(player, session, share.first)
            rooms = [
                await crowd.admit(show_id, share.fans // len(share.show_ids))
                for show_id in share.show_ids
            ]
            part = _Part(self.options, player, crowd, rooms)
            await crowd.enter(crowd.fans)
            await part.seat_editors()
            await player.ready()
            return await part.play(self.seconds())

    async def judge(self, stage: Stage, findings: list[SoakFinding]) -> list[Check]:
        """Rounds recounted, logs whole, lists equal."""
        cast: dict[str, Counter[str]] = {}
        for finding in findings:
            for round_id, options in finding.ballots.items():
                cast.setdefault(round_id, Counter()).update(options)
        stage.figures |= {
            "rounds": len(self._results),
            "side rooms": sum(finding.side_rooms for finding in findings),
        }
        apart = [
            show_id
            for show_id in self._ids
            if len({p for finding in findings for p in finding.pictures.get(show_id, [])}) > 1
        ]
        return [
            nothing_wrong(
                "every log is whole and in order, over every coming and going",
                [one for finding in findings for one in finding.violations],
            ),
            nothing_wrong(
                "everybody reached the end of their room's log",
                [one for finding in findings for one in finding.strays],
            ),
            recounted(self._results, cast),
            equal("every vote was answered", sum(f.unanswered for f in findings), 0),
            equal("every edit's fate was told", sum(f.lost_edits for f in findings), 0),
            check("all replicas of each setlist are equal", not apart, ", ".join(apart)),
        ]


class _Part:
    """One process's part while it is played."""

    def __init__(
        self, options: SoakOptions, player: Player, crowd: Crowd, rooms: list[list[Fan]]
    ) -> None:
        self._options = options
        self._player = player
        self._crowd = crowd
        self._rooms = rooms
        self._rng = player.rng
        self._ballots = Ballots(player.recorder, self._rng)
        self._editors: list[list[Editor]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._away: set[int] = set()
        self._violations: list[str] = []
        self._side_rooms = 0
        for fans in rooms:
            for fan in fans:
                fan.heard = self._heard

    async def seat_editors(self) -> None:
        """Two editors in each room, who are guests like the others."""
        for fans in self._rooms:
            people = [fan.api for fan in fans[:2]]
            seated = await editors.enter(people, fans[0].show_id, self._rng)
            for editor in seated:
                editor.aim = ENTRIES
            for _ in range(ENTRIES if self._player.number == 0 else 0):
                await seated[0].edit(time.monotonic(), Recorder(), "add")
                await seated[0].quiet()
            self._editors.append(seated)

    async def play(self, seconds: float) -> SoakFinding:
        """The whole time, and the coming to rest."""
        share = 1 / self._player_count
        work = (
            self._player.pace(self._dues(self._options.chat * share, seconds), self._chat),
            self._player.pace(self._dues(self._options.churn * share, seconds), self._churn),
            self._player.pace(self._dues(self._options.edits * share, seconds), self._edit),
            self._follow_rounds(seconds),
            self._follow_side_rooms(seconds),
        )
        await asyncio.gather(*work)
        while self._tasks:
            await asyncio.gather(*self._tasks)
        return await self._rest()

    @property
    def _player_count(self) -> int:
        total = self._options.fans
        mine = sum(len(fans) for fans in self._rooms)
        return max(1, round(total / max(1, mine)))

    def _dues(self, rate: float, seconds: float) -> Iterator[float]:
        return poisson(rate, seconds, random.Random(self._rng.getrandbits(64)))

    def _heard(self, fan: Fan, seq: int, payload: bytes, now: float) -> None:
        due = due_of(payload)
        if due is not None and seq > fan.replayed_to:
            self._player.recorder.took("line to receiver", now - due)

    def _chat(self, number: int, due: float) -> None:
        fan = self._rng.choice(self._rng.choice(self._rooms))
        text = line(due, f"What a night, line {number}")
        answered = took_or_failed(self._player.recorder, "line ack", due)
        fan.say("post_chat", {"text": text}, answered)

    def _edit(self, number: int, due: float) -> None:
        editor = self._rng.choice(self._rng.choice(self._editors))
        self._do(self._edited(editor, due))

    async def _edited(self, editor: Editor, due: float) -> None:
        await editor.edit(due, self._player.recorder)

    def _churn(self, number: int, due: float) -> None:
        fans = self._rng.choice(self._rooms)
        place = self._rng.randrange(2, len(fans))
        if fans[place].number not in self._away:
            self._away.add(fans[place].number)
            self._do(self._leave_and_return(fans, place))

    async def _leave_and_return(self, fans: list[Fan], place: int) -> None:
        fan = fans[place]
        try:
            fan.cut()
            await asyncio.sleep(self._rng.uniform(*AWAY_S))
            if self._rng.random() < STRANGERS:
                self._violations += fan.violations
                known = fan
                fan = await self._crowd.guest(known.number, known.show_id)
                fan.heard = self._heard
                fans[place] = fan
            elif self._rng.random() < ANEW:
                fan.epoch, fan.seq = None, 0
            began = time.monotonic()
            await fan.come_back(self._rng) if fan.closes else await fan.enter()
            self._player.recorder.took("back in", time.monotonic() - began)
        except (OSError, TimeoutError) as error:
            self._player.recorder.failed("back in", type(error).__name__)
        finally:
            self._away.discard(fan.number)

    async def _follow_rounds(self, seconds: float) -> None:
        for number in range(10_000):
            with contextlib.suppress(TimeoutError):
                rest_s = seconds - self._player.elapsed_s
                body = await self._player.topic(f"round {number}", max(0.1, rest_s))
                self._player.told.pop(f"round {number}")
                told = Told.read(body)
                fans = [f for room in self._rooms for f in room if f.show_id == told.show_id]
                self._do(self._ballots.vote(fans, told, OPTIONS, share=0.7))
                continue
            return

    async def _follow_side_rooms(self, seconds: float) -> None:
        for number in range(10_000):
            with contextlib.suppress(TimeoutError):
                rest_s = seconds - self._player.elapsed_s
                show_id = await self._player.topic(f"side {number}", max(0.1, rest_s))
                self._player.told.pop(f"side {number}")
                if self._player.number == 0:
                    self._do(self._use_side_room(show_id))
                continue
            return

    async def _use_side_room(self, show_id: str) -> None:
        """A few people look in, say something and leave; the room is then nobody's."""
        people = self._rng.sample([f for room in self._rooms for f in room], SIDE_ROOM_FANS)
        fans = []
        for person in people:
            ticket = await person.api.ticket(show_id)
            fan = Fan(person.number, person.address, person.api, show_id, ticket, person.tls)
            await fan.enter()
            fans.append(fan)
        for number, fan in enumerate(fans):
            fan.say("post_chat", {"text": f"Hello from {number}"}, _ignored)
        await asyncio.sleep(SIDE_ROOM_S)
        for fan in fans:
            self._violations += fan.violations
            fan.leave()
        self._side_rooms += 1

    def _do(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _rest(self) -> SoakFinding:
        """Everybody is there, and quiet: what did they see?"""
        strays = []
        pictures = {}
        for fans, seated in zip(self._rooms, self._editors, strict=True):
            pictures[fans[0].show_id] = sorted(await editors.agree(seated))
            head = seated[0].room.place
            if not await settled(partial(_there, fans, head), 30.0):
                strays += [
                    f"fan {fan.number} is at {fan.seq} of {head.seq}, connected: {fan.connected}"
                    for fan in fans
                    if fan.seq != head.seq
                ]
            self._violations += [v for editor in seated for v in editor.room.place.violations]
            self._violations += [v for fan in fans for v in fan.violations]
        lost = sum(editor.lost for seated in self._editors for editor in seated)
        for editor in (editor for seated in self._editors for editor in seated):
            await editor.room.close()
        self._crowd.leave()
        return SoakFinding(
            violations=self._violations,
            strays=strays,
            ballots=self._ballots.counted(),
            unanswered=self._ballots.unanswered(),
            pictures=pictures,
            lost_edits=lost,
            side_rooms=self._side_rooms,
        )


def _there(fans: list[Fan], head: LogPlace) -> bool:
    return all(fan.connected and fan.seq == head.seq for fan in fans)


def _ignored(answer: Ack | Reject) -> None:
    """Nobody waits for it."""
