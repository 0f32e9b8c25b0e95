"""The signal comes back for everybody at once.

A full room; lines go on being posted by a few speakers who keep their sockets. Again and again
all others lose theirs in the same instant, without a goodbye, and come back as the protocol asks
of a client: with its back-off and jitter, its ticket, and its place in the log. Measured is the
time from the signal's return until each is welcomed, and until each has caught up with what it
missed; every missed line must come exactly once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Annotated, ClassVar

import aiohttp
from msgspec import Meta, Struct

from loadtests.faults import setting
from loadtests.kit.answers import code_of
from loadtests.kit.crowd import Crowd, http, settled
from loadtests.kit.fans import Fan
from loadtests.kit.pacing import steady
from loadtests.kit.player import Player
from loadtests.kit.scenario import Check, Scenario, Stage, check, equal
from loadtests.scenarios.lines import Heard, Lines, first_of, judged, share_of
from loadtests.wire import ApiProblem

FANS_PER_PROCESS = 700
"""Sockets that one generator process brings back at once without hurry."""

PROCESSES_MAX = 6
SPEAKERS = 5
SETTLE_S = 2.0
BACK_TIMEOUT_S = 120.0
AWAY_S = 1.0
"""How long the signal is away."""


class ReconnectsOptions(Struct, frozen=True):
    """How much of what."""

    fans: Annotated[int, Meta(description="Fans who lose the signal.", ge=1)] = 1_000
    cuts: Annotated[int, Meta(description="How often.", ge=1)] = 3
    every: Annotated[float, Meta(description="Seconds from one cut to the next.", gt=3)] = 12.0
    rate: Annotated[float, Meta(description="Lines a second all the while.", gt=0)] = 5.0


class ReconnectsShare(Struct, frozen=True):
    """One process's part."""

    show_id: str
    fans: int
    first: int
    speakers: int


class ReconnectsFinding(Struct, frozen=True):
    """What one process's fans came back to."""

    heard: Heard
    back: list[int]
    """How many were back after each cut."""
    last_s: list[float]
    """Seconds from each cut until the last one was back."""


class Reconnects(Scenario[ReconnectsOptions, ReconnectsShare, ReconnectsFinding]):
    """See the module."""

    name: ClassVar[str] = "reconnects"
    title: ClassVar[str] = "Reconnects: the signal is back for everybody at once"
    operations: ClassVar = {
        "back in": "from the signal's return to the welcome, the protocol's pause included",
        "caught up": "from the signal's return until all that was missed is there",
        "line to receiver": "a line, from its due moment to each fan who was connected",
        "line ack": "a line, from its due moment to its ack",
    }
    headline: ClassVar = ("back in", "caught up")
    options_type = ReconnectsOptions
    share_type = ReconnectsShare
    finding_type = ReconnectsFinding

    def processes(self) -> int:
        """By sockets."""
        return min(PROCESSES_MAX, 1 + (self.options.fans - 1) // FANS_PER_PROCESS)

    def seconds(self) -> float:
        """All cuts and the rest after the last."""
        return SETTLE_S + self.options.cuts * self.options.every

    async def prepare(self, stage: Stage) -> list[ReconnectsShare]:
        """One room."""
        show_id = str((await setting.live_show(stage.crew, "Signal"))["id"])
        n = stage.processes
        return [
            ReconnectsShare(
                show_id,
                share_of(self.options.fans, n, number),
                first_of(self.options.fans, n, number),
                SPEAKERS if number == 0 else 0,
            )
            for number in range(n)
        ]

    async def play(self, player: Player, share: ReconnectsShare) -> ReconnectsFinding:
        """Posts, is cut off, comes back."""
        async with http(player.address) as session:
            crowd = Crowd(player, session, share.first)
            speakers = await crowd.admit(share.show_id, share.speakers)
            fans = await crowd.admit(share.show_id, share.fans)
            lines = Lines(player.recorder)
            for fan in crowd.fans:
                fan.heard = lines.hear
            await crowd.enter(crowd.fans)
            tunnel = _Tunnel(player, fans)
            await player.ready()
            work: list[Coroutine[None, None, object]] = [self._cuts(player, tunnel)]
            if speakers:
                work.append(
                    player.pace(
                        steady(self.options.rate, self.seconds()),
                        lambda number, due: lines.post(speakers[number % len(speakers)], due),
                    )
                )
            await asyncio.gather(*work)
            await lines.quiet()
            found = ReconnectsFinding(lines.found(crowd.fans), tunnel.back, tunnel.last_s)
            crowd.leave()
            return found

    async def _cuts(self, player: Player, tunnel: _Tunnel) -> None:
        for number in range(self.options.cuts):
            at = SETTLE_S + number * self.options.every
            await asyncio.sleep(max(0.0, at - player.elapsed_s))
            await tunnel.through()
        await asyncio.sleep(max(0.0, self.seconds() - player.elapsed_s))

    async def judge(self, stage: Stage, findings: list[ReconnectsFinding]) -> list[Check]:
        """All back, nothing missed, nothing twice."""
        checks = judged([finding.heard for finding in findings])
        for number in range(self.options.cuts):
            back = sum(finding.back[number] for finding in findings)
            last_s = max(finding.last_s[number] for finding in findings)
            stage.figures[f"cut {number + 1}: all back after s"] = round(last_s, 3)
            checks.append(
                equal(f"everybody was back after cut {number + 1}", back, self.options.fans)
            )
        late = stage.timeline.counters["lines heard late, after coming back"]
        checks.append(
            check("something was missed and came later", late > 0, f"{late:,} deliveries")
        )
        return checks


class _Tunnel:
    """One process's fans, in and out of the signal together."""

    def __init__(self, player: Player, fans: list[Fan]) -> None:
        self.back: list[int] = []
        self.last_s: list[float] = []
        self._player = player
        self._fans = fans

    async def through(self) -> None:
        """All sockets die now; a second later there is a signal again."""
        for fan in self._fans:
            fan.cut()
        self._player.recorder.gauges["in the room"] = 0
        await asyncio.sleep(AWAY_S)
        signal_at = time.monotonic()
        done = await asyncio.gather(*(self._back(fan, signal_at) for fan in self._fans))
        self.back.append(sum(done))
        self.last_s.append(time.monotonic() - signal_at)

    async def _back(self, fan: Fan, signal_at: float) -> bool:
        recorder = self._player.recorder
        try:
            async with asyncio.timeout(BACK_TIMEOUT_S):
                attempts = await fan.come_back(self._player.rng)
                now = time.monotonic()
                recorder.took("back in", now - signal_at)
                if attempts > 1:
                    recorder.count("attempts beyond the first", attempts - 1)
                if not await settled(lambda: fan.seq >= fan.replayed_to, BACK_TIMEOUT_S, 0.005):
                    recorder.failed("caught up", "events are missing")
                    return False
                recorder.took("caught up", time.monotonic() - signal_at)
        except (OSError, TimeoutError, ApiProblem, aiohttp.ClientError) as error:
            recorder.failed("back in", code_of(error))
            return False
        gauges = recorder.gauges
        gauges["in the room"] = gauges.get("in the room", 0) + 1
        return True
