"""A whole evening, from doors to the last one gone, in as many minutes as you like.

Fans arrive, talk, react, wish for songs, vote in the crew's rounds, correct the setlist, lose the
signal and come back, storm the chat at the encore, and leave. Who does what when is a seeded model
(loadtests/scenarios/night_model.py; docs/load.md has its table). Time is compressed, so rates are
multiplied: 225 minutes in six are 37 times as much of everything.
"""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections import Counter
from functools import partial
from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from loadtests.faults import setting
from loadtests.kit.crowd import Crowd, http
from loadtests.kit.due_lines import MARK
from loadtests.kit.player import Player
from loadtests.kit.scenario import Check, Scenario, Stage, check, equal, nothing_wrong
from loadtests.scenarios import editors, night_model
from loadtests.scenarios.editors import Editor
from loadtests.scenarios.lines import first_of, share_of
from loadtests.scenarios.night_part import OPTIONS, NightFinding, NightPart, NightShare
from loadtests.scenarios.voting import recounted
from loadtests.wire import RoomClient, SetlistDocument
from loadtests.wire.messages import EventMessage

DELIVERIES_PER_PROCESS = 8_000
PROCESSES_MAX = 6


class NightOptions(Struct, frozen=True):
    """How large, and how fast."""

    fans: Annotated[int, Meta(description="The audience.", ge=10)] = 300
    minutes: Annotated[float, Meta(description="That the evening is pressed into.", gt=0)] = 6.0


class ShowNight(Scenario[NightOptions, NightShare, NightFinding]):
    """See the module."""

    name: ClassVar[str] = "show-night"
    title: ClassVar[str] = "Show night: a whole evening"
    operations: ClassVar = {
        "whole join": "guest, ticket, welcome: from standing at the door",
        "line to receiver": "a chat line, from its due moment to each fan",
        "line ack": "a chat line, from its due moment to its ack",
        "vote": "a vote, from being decided upon to its ack",
        "reaction": "a reaction, to its ack",
        "wish": "a song request, to its ack",
        "edit saved": "a setlist edit, from its due moment to being durable",
        "back in": "after a lost signal: the protocol's pause, then connecting, to the welcome",
    }
    headline: ClassVar = ("line to receiver", "vote", "edit saved", "whole join")
    options_type = NightOptions
    share_type = NightShare
    finding_type = NightFinding

    def __init__(self, options: NightOptions) -> None:
        super().__init__(options)
        self._results: dict[str, dict[str, int]] = {}
        self._log: Counter[str] = Counter()
        self._crew_picture = ""
        self._songs: list[night_model.Song] = []

    @property
    def _minute_s(self) -> float:
        """Real seconds of a minute of the night."""
        return self.options.minutes * 60 / night_model.END

    def processes(self) -> int:
        """By deliveries a second in the encore's storm."""
        lines = night_model.LINES_PER_MINUTE * night_model.ENCORE_STORM / self._minute_s
        load = lines * self.options.fans**2
        return min(PROCESSES_MAX, max(1, math.ceil(load / DELIVERIES_PER_PROCESS)))

    def seconds(self) -> float:
        """The evening."""
        return self.options.minutes * 60

    async def prepare(self, stage: Stage) -> list[NightShare]:
        """The show, and its programme."""
        self._show_id = str((await setting.live_show(stage.crew, "Night"))["id"])
        self._songs = night_model.songs(random.Random(stage.seed))
        n = stage.processes
        return [
            NightShare(
                show_id=self._show_id,
                fans=share_of(self.options.fans, n, number),
                first=first_of(self.options.fans, n, number),
                editors=share_of(night_model.EDITORS, n, number),
                starts=[song.minute for song in self._songs],
                minute_s=self._minute_s,
                seed=stage.seed,
            )
            for number in range(n)
        ]

    async def play(self, player: Player, share: NightShare) -> NightFinding:
        """A part of the audience."""
        async with http(player.address) as session:
            part = NightPart(player, share, Crowd(player, session, share.first))
            await part.seat_editors()
            await player.ready()
            return await part.play()

    async def conduct(self, stage: Stage) -> None:
        """Plays the songs and drives the rounds."""
        async with RoomClient(stage.crew, self._show_id, on_event=self._heard) as room:
            await room.entered(60.0)
            editor = Editor(room, random.Random(stage.seed))
            async with asyncio.TaskGroup() as tasks:
                for song in self._songs:
                    tasks.create_task(self._song(stage, editor, song))
                for number, minute in enumerate(night_model.ROUNDS):
                    tasks.create_task(self._round(stage, number, minute))
            over = stage.started_at + self.seconds()
            await asyncio.sleep(max(0.0, over - time.monotonic()))
            await editor.quiet()
            await room.until(lambda: room.place.seq >= stage.figures.get("head", 0))
            await asyncio.sleep(1.0)
            self._crew_picture = editors.picture(room.setlist)
            stage.figures["crew's edits lost"] = editor.lost
            stage.tell("finish", self._crew_picture)

    def _heard(self, event: EventMessage) -> None:
        if event.name == "chat_posted":
            text = str(event.data["text"])
            if text.startswith(MARK[-1:].decode()):
                self._log[text.split(" ")[1]] += 1

    async def _at(self, stage: Stage, minute: float) -> float:
        due = stage.started_at + minute * self._minute_s
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        return due

    async def _song(self, stage: Stage, editor: Editor, song: night_model.Song) -> None:
        await self._at(stage, song.minute)
        me = editor.room.participant_id
        edit = await editor.room.edit(partial(_write_down, song=song, me=me))
        saved = await edit.saved(60.0)
        if saved.refusal is None:
            await editor.room.command("set_now_playing", {"entry_id": edit.entry_ids[0]})

    async def _round(self, stage: Stage, number: int, minute: float) -> None:
        await self._at(stage, minute)
        config = setting.single_choice(OPTIONS, visibility="after_vote")
        round_id = await setting.open_round(stage.crew, self._show_id, config)
        window_s = night_model.ROUND_MINUTES * self._minute_s
        stage.tell(f"round {number}", f"{self._show_id} {round_id} {window_s}")
        await self._at(stage, minute + night_model.ROUND_MINUTES)
        result = await setting.close_round(stage.crew, round_id)
        self._results[round_id] = {k: int(v) for k, v in result["options"].items() if v}

    async def judge(self, stage: Stage, findings: list[NightFinding]) -> list[Check]:
        """What must hold of an evening."""
        stage.figures.pop("head", None)
        cast: dict[str, Counter[str]] = {}
        for finding in findings:
            for round_id, options in finding.ballots.items():
                cast.setdefault(round_id, Counter()).update(options)
        acked = {token for finding in findings for token in finding.acked}
        unknown = {token for finding in findings for token in finding.unknown}
        twice = [token for token, times in self._log.items() if times > 1]
        gone = sorted(acked - set(self._log))
        strange = sorted(set(self._log) - acked - unknown)
        pictures = {p for finding in findings for p in finding.pictures} | {self._crew_picture}
        came = sum(finding.came for finding in findings)
        stage.figures |= {
            "lines": len(self._log),
            "times as fast as life": round(60 / self._minute_s, 1),
        }
        return [
            equal("everybody who came got in", came, self.options.fans),
            nothing_wrong("every acknowledged line is in the log", gone),
            nothing_wrong("no line is in the log twice", twice),
            nothing_wrong("no line is in the log that nobody said", strange),
            nothing_wrong(
                "everybody's log is whole and in order", [v for f in findings for v in f.violations]
            ),
            recounted(self._results, cast),
            equal("every vote was answered", sum(f.unanswered_votes for f in findings), 0),
            equal("every edit's fate was told", sum(f.lost_edits for f in findings), 0),
            check("all replicas of the setlist are equal", len(pictures) == 1, ""),
        ]


def _write_down(setlist: SetlistDocument, *, song: night_model.Song, me: str) -> str:
    return setlist.add(song.title, song.section, me)
