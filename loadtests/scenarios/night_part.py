"""One process's part of the evening's audience."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Coroutine

import aiohttp
from msgspec import Struct

from loadtests.kit.answers import code_of, took_or_failed
from loadtests.kit.crowd import Crowd, settled
from loadtests.kit.due_lines import due_of, line
from loadtests.kit.fans import Fan
from loadtests.kit.player import Player
from loadtests.scenarios import editors, night_model
from loadtests.scenarios.editors import Editor
from loadtests.scenarios.night_model import Act
from loadtests.scenarios.voting import Ballots, Told
from loadtests.wire import ApiProblem
from loadtests.wire.messages import Ack, Reject

OPTIONS = 4
WORDS = "and the band plays on"
REACTION = "love"
LAST_WORDS_S = 5.0
"""Whoever leaves waits so long for answers."""

BACK_TIMEOUT_S = 60.0


class NightShare(Struct, frozen=True):
    """One process's part. ``minute_s``: real seconds of a minute of the night."""

    show_id: str
    fans: int
    first: int
    editors: int
    starts: list[float]
    minute_s: float
    seed: int


class NightFinding(Struct, frozen=True):
    """What this part did and saw.

    Attributes:
        acked: tokens of lines that the room acknowledged.
        unknown: tokens of lines whose answer went with a socket.
    """

    came: int
    acked: list[str]
    unknown: list[str]
    violations: list[str]
    ballots: dict[str, dict[str, int]]
    unanswered_votes: int
    lost_edits: int
    pictures: list[str]


class NightPart:
    """Plays its fans' evenings."""

    def __init__(self, player: Player, share: NightShare, crowd: Crowd) -> None:
        self._player = player
        self._share = share
        self._crowd = crowd
        self._fans: dict[int, Fan] = {}
        self._waiting: dict[int, set[str]] = {}
        self._busy: set[int] = set()
        self._gone: set[int] = set()
        self._acked: list[str] = []
        self._unknown: set[str] = set()
        self._violations: list[str] = []
        self._came = 0
        self._editors: list[Editor] = []
        self._ballots = Ballots(player.recorder, player.rng)
        self._tasks: set[asyncio.Task[None]] = set()

    async def seat_editors(self) -> None:
        """Those who keep the list are there before the doors open."""
        people = [
            (await self._crowd.guest(-1 - number, self._share.show_id)).api
            for number in range(self._share.editors)
        ]
        self._editors = await editors.enter(people, self._share.show_id, self._player.rng)

    async def play(self) -> NightFinding:
        """The evening."""
        acts = self._plan()
        minute_s = self._share.minute_s
        await asyncio.gather(
            self._player.pace(
                (act.minute * minute_s for _, act in acts), lambda n, due: self._act(*acts[n], due)
            ),
            self._player.pace(self._fixes(), self._fix),
            self._rounds(),
        )
        while self._tasks:
            await asyncio.gather(*self._tasks)
        picture = await self._player.topic("finish", 120.0)
        await settled(lambda: all(e.room.connected for e in self._editors), 10.0)
        pictures = await editors.agree(self._editors)
        if self._editors:
            await settled(
                lambda: all(editors.picture(e.room.setlist) == picture for e in self._editors), 10.0
            )
            pictures = {editors.picture(editor.room.setlist) for editor in self._editors}
        return await self._found(pictures)

    def _plan(self) -> list[tuple[int, Act]]:
        plan = []
        for number in range(self._share.first, self._share.first + self._share.fans):
            rng = random.Random(f"{self._share.seed}/fan {number}")
            plan += [(number, act) for act in night_model.evening(rng, self._share.starts)]
        return sorted(plan, key=lambda one: one[1].minute)

    def _fixes(self) -> list[float]:
        """Corrections of the list: within two minutes of a song's beginning."""
        rng = self._player.rng
        mean = night_model.FIXES * self._share.editors / night_model.EDITORS
        minutes = [s + rng.uniform(0.2, 2.0) for s in self._share.starts if rng.random() < mean]
        return sorted(minute * self._share.minute_s for minute in minutes)

    def _act(self, number: int, act: Act, due: float) -> None:
        if act.kind == "arrive":
            self._do(self._arrive(number, due))
            return
        fan = self._fans.get(number)
        if fan is None or number in self._gone:
            return  # Not in yet: a phone in a pocket.
        match act.kind:
            case "chat":
                self._chat(fan, due)
            case "react":
                answered = took_or_failed(self._player.recorder, "reaction", due)
                fan.say("react", {"kind": REACTION}, answered)
            case "wish":
                answered = took_or_failed(self._player.recorder, "wish", due)
                fan.say("request_song", {"title": f"Wish of {number}"}, answered)
            case "cut":
                self._do(self._lose_signal(fan))
            case "leave":
                self._do(self._leave(fan))

    async def _arrive(self, number: int, due: float) -> None:
        recorder = self._player.recorder
        try:
            fan = await self._crowd.guest(number, self._share.show_id)
            fan.heard = self._heard
            try:
                await fan.enter()
            except (OSError, TimeoutError):
                recorder.failed("whole join", f"closed {(fan.closes or [1006])[-1]}")
                await fan.come_back(self._player.rng)
        except (OSError, TimeoutError, ApiProblem, aiohttp.ClientError) as error:
            recorder.failed("whole join", code_of(error))
            return
        recorder.took("whole join", time.monotonic() - due)
        self._came += 1
        self._fans[number] = fan
        self._waiting[number] = set()
        recorder.gauges["in the room"] = len(self._fans)

    def _heard(self, fan: Fan, seq: int, payload: bytes, now: float) -> None:
        due = due_of(payload)
        if due is not None and seq > fan.replayed_to:
            self._player.recorder.took("line to receiver", now - due)

    def _chat(self, fan: Fan, due: float) -> None:
        token = f"{fan.number}.{int(due * 1e6)}"
        waiting = self._waiting[fan.number]

        def answered(answer: Ack | Reject) -> None:
            waiting.discard(token)
            self._unknown.discard(token)
            if isinstance(answer, Ack):
                self._acked.append(token)
                self._player.recorder.took("line ack", time.monotonic() - due)
            else:
                self._player.recorder.failed("line ack", answer.code)

        if fan.say("post_chat", {"text": line(due, f"{token} {WORDS}")}, answered):
            waiting.add(token)

    async def _lose_signal(self, fan: Fan) -> None:
        if fan.number in self._busy or not fan.connected:
            return
        self._busy.add(fan.number)
        try:
            self._unknown |= self._waiting[fan.number]
            fan.cut()
            began = time.monotonic()
            async with asyncio.timeout(BACK_TIMEOUT_S):
                await fan.come_back(self._player.rng)
            self._player.recorder.took("back in", time.monotonic() - began)
        except (OSError, TimeoutError, ApiProblem, aiohttp.ClientError) as error:
            self._player.recorder.failed("back in", code_of(error))
        finally:
            self._busy.discard(fan.number)

    async def _leave(self, fan: Fan) -> None:
        self._gone.add(fan.number)
        await settled(lambda: fan.number not in self._busy, BACK_TIMEOUT_S)
        # Somebody who has just voted waits for the word that it counts.
        await settled(lambda: not fan.unanswered(), LAST_WORDS_S)
        self._unknown |= self._waiting[fan.number]
        self._violations += [f"fan {fan.number}: {one}" for one in fan.violations]
        fan.leave()
        del self._fans[fan.number]
        self._player.recorder.gauges["in the room"] = len(self._fans)

    def _fix(self, number: int, due: float) -> None:
        editor = self._editors[number % len(self._editors)]
        self._do(self._fixed(editor, due))

    async def _fixed(self, editor: Editor, due: float) -> None:
        await editor.edit(due, self._player.recorder, "rename")

    async def _rounds(self) -> None:
        for number in range(len(night_model.ROUNDS)):
            with contextlib.suppress(TimeoutError):
                told = Told.read(await self._player.topic(f"round {number}", 3600))
                fans = list(self._fans.values())
                thinking_s = night_model.THINKING_MINUTES * self._share.minute_s
                self._do(self._ballots.think(fans, told, OPTIONS, night_model.VOTES, thinking_s))

    def _do(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _found(self, pictures: set[str]) -> NightFinding:
        for fan in self._fans.values():
            self._violations += [f"fan {fan.number}: {one}" for one in fan.violations]
            self._unknown |= self._waiting[fan.number]
            fan.leave()
        violations = [v for editor in self._editors for v in editor.room.place.violations]
        lost = sum(editor.lost for editor in self._editors)
        for editor in self._editors:
            await editor.room.close()
        return NightFinding(
            came=self._came,
            acked=self._acked,
            unknown=sorted(self._unknown),
            violations=self._violations + violations,
            ballots=self._ballots.counted(),
            unanswered_votes=self._ballots.unanswered(),
            lost_edits=lost,
            pictures=sorted(pictures),
        )
