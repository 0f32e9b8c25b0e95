"""People who wish for more songs than they may, in other letters, and support those of others."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from loadtests.wire import RoomClient
from loadtests.wire.commands import Refused
from loadtests.wire.ids import uuid7

WISHES = 9
"""Per person: four more than may wait at once."""
UPVOTES = 10
ANSWER_S = 60.0

_FIRST = "Broken Golden Hollow Midnight Paper Restless Silver Velvet Winter Yellow".split()
_SECOND = "Anchor Carousel Diamond Engine Harbour Kingdom Lantern Orchard Parade Thunder".split()
_THIRD = "Ashes Bells Cigarettes Delaware Evangeline Feathers Gasoline Hurricane".split()
_MAY_BE_REFUSED = frozenset(
    {
        "too_many_song_requests",
        "song_requests_full",
        "song_declined",
        "already_played",
        "song_request_decided",
    }
)

Json = dict[str, Any]


@dataclass(slots=True)
class Findings:
    """What a run has shown."""

    problems: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    upvotes: int = 0
    most_undecided: int = 0
    commands: int = 0
    took_s: float = 0.0


class Wisher:
    """One person: wishes, supports, and remembers what was acknowledged."""

    def __init__(self, room: RoomClient, rng: random.Random, findings: Findings) -> None:
        self.room = room
        self.supports: set[str] = set()
        self._rng = rng
        self._findings = findings

    async def act(self, known: list[str]) -> None:
        """Everything, in an order of its own. ``known``: ids that anybody was told of."""
        moves = ["wish"] * WISHES + ["support"] * UPVOTES
        self._rng.shuffle(moves)
        for move in moves:
            if move == "wish":
                await self._wish(known)
            elif known:
                await self._support(self._rng.choice(known))

    async def _wish(self, known: list[str]) -> None:
        title = a_title(self._rng)
        data = await self._say("request_song", {"title": title})
        if data is not None and data["outcome"] == "unclear":
            self._findings.outcomes["unclear"] += 1
            if self._rng.random() < 0.8:
                data = await self._say("request_song", {"title": title, "separate": True})
            else:
                await self._support(data["candidates"][0]["song_request_id"], up=True)
                return
        if data is None:
            return
        self._findings.outcomes[data["outcome"]] += 1
        self.supports.add(data["song_request_id"])
        if data["outcome"] == "requested":
            known.append(data["song_request_id"])

    async def _support(self, song_request_id: str, *, up: bool | None = None) -> None:
        up = self._rng.random() < 0.8 if up is None else up
        args = {"song_request_id": song_request_id, "up": up}
        if await self._say("upvote_song_request", args) is None:
            return
        if up:
            self.supports.add(song_request_id)
        else:
            self.supports.discard(song_request_id)

    async def _say(self, name: str, args: Json) -> Json | None:
        """One command, sometimes said twice under its id; ``None``: refused."""
        command_id = uuid7(self._rng)
        self._findings.commands += 1
        try:
            ack = await self.room.command(name, args, command_id=command_id, timeout_s=ANSWER_S)
        except Refused as refused:
            self._findings.refused[refused.code] += 1
            if refused.code not in _MAY_BE_REFUSED:
                self._findings.problems.append(f"{name} was refused with {refused.code}")
            return None
        if self._rng.random() < 0.1:
            again = await self.room.command(name, args, command_id=command_id, timeout_s=ANSWER_S)
            if again.data != ack.data:
                self._findings.problems.append(f"{name} said again: {again.data}, was {ack.data}")
        return dict(ack.data)


def a_title(rng: random.Random) -> str:
    """One of 800 songs, the first ones the most popular, as people type them; at times one of
    thousands that hardly anybody else knows."""
    place = min(int(rng.expovariate(1 / 150)), 799)
    words = [_FIRST[place % 10], _SECOND[place // 10 % 10], _THIRD[place // 100]]
    if rng.random() < 0.3:
        words = [rng.choice(_THIRD), *rng.sample(_SECOND, 3), rng.choice(_FIRST)]
    title = " ".join(words)
    dice = rng.random()
    if dice < 0.2:
        return title.upper() + "!"
    if dice < 0.3:
        cut = rng.randrange(1, len(title))
        return title[: cut - 1] + title[cut:]
    return title
