"""Rounds: what the crew asks, and how the fans vote in whatever is open."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Sequence
from typing import Any

from loadtests.demo.cast import Cast
from loadtests.demo.house import House
from loadtests.demo.night import PlayedSong
from loadtests.demo.stage import Stage
from loadtests.demo.tasks import Guarded
from loadtests.wire.messages import EventMessage

ROUND_S = 100
BETWEEN_ROUNDS_S = 4.0
RETRY_S = 10.0
OPTIONS = 4
TURNOUT = 0.85
CHANGED_MIND = 0.12
VOTE_MEAN_S = 22.0
OPEN_ENDED_S = 60.0
"""Votes come within this many seconds when a round has no end."""
OTHER_SONGS = (
    "Sugaree",
    "Bertha",
    "Cassidy",
    "Peggy-O",
    "Terrapin Station",
    "Eyes Of The World",
    "Sugar Magnolia",
    "Ramble On Rose",
    "Tennessee Jed",
    "Friend Of The Devil",
    "U.S. Blues",
    "The Music Never Stopped",
)
"""Songs that might have come, to guess among."""


class Rounds:
    """Keeps one round of the crew's own open for as long as a night lasts."""

    def __init__(self, house: House, stage: Stage, guarded: Guarded, rng: random.Random) -> None:
        self._house = house
        self._stage = stage
        self._guarded = guarded
        self._rng = rng
        self._ended: dict[str, asyncio.Event] = {}
        self._kinds = 0

    async def run(self) -> None:
        """Opens round after round until cancelled."""
        while True:
            title, options = self.question()
            ended = asyncio.Event()
            round_id = await self._guarded.result(
                self._house.open_round(title, options, ROUND_S), "open_round"
            )
            if round_id is None:
                await asyncio.sleep(RETRY_S)
                continue
            self._ended = {round_id: ended}
            # Extended by hand, or its end was missed: the next question does not wait longer.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), ROUND_S + RETRY_S)
            await asyncio.sleep(BETWEEN_ROUNDS_S)

    def heard(self, event: EventMessage) -> None:
        """Takes note of a round that ended."""
        if event.name == "round_closed":
            ended = self._ended.get(str(event.data.get("round_id")))
            if ended is not None:
                ended.set()

    def question(self) -> tuple[str, list[str]]:
        """The next question and its options, out of where the night stands."""
        playing = self._stage.playing
        now = -1 if playing is None else playing
        songs = self._stage.songs
        played = songs[: now + 1]
        upcoming = songs[now + 2 :]
        self._kinds += 1
        if len(played) >= OPTIONS and (self._kinds % 2 == 0 or not upcoming):
            return "Best one so far?", self._some(played)
        if upcoming and upcoming[0].section.startswith("encore"):
            return "What will the encore be?", self._guesses(upcoming[0])
        if upcoming:
            opens = upcoming[0].section != songs[max(now, 0)].section
            title = "What opens the next set?" if opens else "Which song comes after this one?"
            return title, self._guesses(upcoming[0])
        return "How was it?", ["The best", "Top five", "Solid", "Ask me tomorrow"]

    def _some(self, played: Sequence[PlayedSong]) -> list[str]:
        titles = sorted({song.title for song in played})
        return self._rng.sample(titles, min(OPTIONS, len(titles)))

    def _guesses(self, right: PlayedSong) -> list[str]:
        options = [right.title, *self._rng.sample(OTHER_SONGS, OPTIONS - 1)]
        self._rng.shuffle(options)
        return options


class Voters:
    """The fans' votes: most of them, within seconds, in any round that opens."""

    def __init__(self, cast: Cast, guarded: Guarded, rng: random.Random) -> None:
        self._cast = cast
        self._guarded = guarded
        self._rng = rng

    def heard(self, event: EventMessage) -> None:
        """Votes when a round opens."""
        if event.name != "round_opened":
            return
        data = event.data
        round_id = str(data["round_id"])
        options = [str(option["id"]) for option in data["config"].get("options", ())]
        if data["config"].get("type") != "single" or not options:
            return
        window: dict[str, Any] = data["config"].get("window") or {}
        within_s = float(window.get("duration_s") or OPEN_ENDED_S) - 3.0
        weights = [self._rng.uniform(0.2, 1.0) for _ in options]
        weights[self._rng.randrange(len(options))] += 1.0
        for fan in self._cast.fans:
            if self._rng.random() < TURNOUT:
                delay_s = min(0.5 + self._rng.expovariate(1 / VOTE_MEAN_S), within_s)
                choice = self._rng.choices(options, weights)[0]
                self._guarded.start(self._vote(fan.number, round_id, choice, delay_s), "vote")
                if self._rng.random() < CHANGED_MIND:
                    later_s = min(delay_s + self._rng.uniform(5.0, 30.0), within_s)
                    other = self._rng.choice(options)
                    self._guarded.start(self._vote(fan.number, round_id, other, later_s), "vote")

    async def _vote(self, fan: int, round_id: str, option_id: str, delay_s: float) -> None:
        await asyncio.sleep(max(0.0, delay_s))
        room = self._cast.fans[fan].here
        if room is not None and room.connected:
            picks = [{"option_id": option_id}]
            await room.command("cast_vote", {"round_id": round_id, "picks": picks}, timeout_s=15.0)
