"""Rounds: one of the crew's own is open at a time, and the fans vote in whatever is open."""

from __future__ import annotations

import asyncio
import contextlib
import random
from datetime import UTC, datetime
from typing import Any

from loadtests.demo.ballots import picks_of, taste
from loadtests.demo.cast import Cast
from loadtests.demo.house import House
from loadtests.demo.questions import Questions
from loadtests.demo.tasks import Guarded
from loadtests.wire.messages import EventMessage, Welcome

BETWEEN_ROUNDS_S = 8.0
RETRY_S = 10.0
"""Before the next question when one could not be asked, or its end was missed."""
STAGES_MAX = 3
"""Of a bracket or with a runoff, each as long as the first."""
TURNOUT = 0.85
CHANGED_MIND = 0.12
VOTE_MEAN_SHARE = 0.22
"""Of a round's length: after so much of it most have voted."""
LAST_VOTE_SHARE = 0.9
OPEN_ENDED_S = 60.0
"""Votes come within this many seconds when a round has no end."""
VOTE_TIMEOUT_S = 15.0


class Rounds:
    """Keeps one round of the crew's own open for as long as a night lasts.

    Args:
        pace: seconds that a second of the breaks between rounds takes.
    """

    def __init__(
        self, house: House, questions: Questions, guarded: Guarded, pace: float = 1.0
    ) -> None:
        self._house = house
        self._questions = questions
        self._guarded = guarded
        self._pace = pace
        self._awaited: str | None = None
        self._ended = asyncio.Event()

    async def run(self) -> None:
        """Opens round after round until cancelled."""
        self._questions.begin()
        while True:
            question = self._questions.next()
            self._ended.clear()
            self._awaited = await self._guarded.result(
                self._house.open_round(question.body), "open_round"
            )
            if self._awaited is None:
                await asyncio.sleep(RETRY_S * self._pace)
                continue
            # Extended by hand, or its end was missed: the next question does not wait longer.
            with contextlib.suppress(TimeoutError):
                longest_s = STAGES_MAX * question.length_s + RETRY_S
                await asyncio.wait_for(self._ended.wait(), longest_s)
            await asyncio.sleep(BETWEEN_ROUNDS_S * self._pace)

    def heard(self, event: EventMessage) -> None:
        """Takes note of a round that ended; what it led to is waited for as well."""
        if event.data.get("round_id") != self._awaited:
            return
        if event.name == "round_closed":
            self._awaited = (event.data.get("result") or {}).get("next_round_id")
            if self._awaited is None:
                self._ended.set()
        elif event.name in ("round_cancelled", "round_superseded"):
            self._ended.set()


class Voters:
    """The fans' votes: most of them, within seconds, in any round that opens."""

    def __init__(self, cast: Cast, guarded: Guarded, rng: random.Random) -> None:
        self._cast = cast
        self._guarded = guarded
        self._rng = rng
        self._voted_in: set[str] = set()

    def heard(self, event: EventMessage) -> None:
        """Votes when a round opens."""
        if event.name == "round_opened":
            self._vote_in(event.data)

    def welcomed(self, welcome: Welcome) -> None:
        """Votes in what was opened before anybody was there to hear it."""
        for one in welcome.state.get("rounds", ()):
            if one["status"] == "open":
                self._vote_in(one)

    def _vote_in(self, opened: dict[str, Any]) -> None:
        round_id, config = str(opened["round_id"]), opened["config"]
        if round_id in self._voted_in:
            return
        self._voted_in.add(round_id)
        liked = taste([str(option["id"]) for option in config.get("options", ())], self._rng)
        length_s = left_s(opened)
        mean_s, last_s = VOTE_MEAN_SHARE * length_s, LAST_VOTE_SHARE * length_s
        for fan in self._cast.fans:
            if self._rng.random() >= TURNOUT:
                continue
            at_s = min(0.5 + self._rng.expovariate(1 / mean_s), last_s)
            self._vote_later(fan.number, round_id, picks_of(config, liked, self._rng), at_s)
            if self._rng.random() < CHANGED_MIND and config.get("change") != "never":
                later_s = min(at_s + self._rng.uniform(0.05, 0.3) * length_s, last_s)
                self._vote_later(fan.number, round_id, picks_of(config, liked, self._rng), later_s)

    def _vote_later(
        self, fan: int, round_id: str, picks: list[dict[str, Any]], delay_s: float
    ) -> None:
        if picks:
            self._guarded.start(self._vote(fan, round_id, picks, delay_s), "vote")

    async def _vote(
        self, fan: int, round_id: str, picks: list[dict[str, Any]], delay_s: float
    ) -> None:
        await asyncio.sleep(max(0.0, delay_s))
        room = self._cast.fans[fan].here
        if room is not None and room.connected:
            args = {"round_id": round_id, "picks": picks}
            await room.command("cast_vote", args, timeout_s=VOTE_TIMEOUT_S)


def left_s(opened: dict[str, Any]) -> float:
    """Seconds in which votes count."""
    if opened.get("closes_at") is None:
        return OPEN_ENDED_S
    closes_at = datetime.fromisoformat(str(opened["closes_at"]))
    return max(1.0, (closes_at - datetime.now(UTC)).total_seconds())
