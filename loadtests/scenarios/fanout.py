"""Chat lines to a full room, with a small room beside it on the same server.

Lines are posted at a steady rate, open loop, by fans who take turns, become durable and go to every
receiver. The time of each delivery counts from the moment its line was due. A second, small room
gets a line a second all the while: its latencies show whether a big room takes it the air.
"""

from __future__ import annotations

import asyncio
import math
from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from loadtests.faults import setting
from loadtests.kit.crowd import Crowd, http
from loadtests.kit.pacing import steady
from loadtests.kit.player import Player
from loadtests.kit.scenario import Check, Scenario, Stage
from loadtests.scenarios.lines import Heard, Lines, first_of, judged, share_of

DELIVERIES_PER_PROCESS = 10_000
"""Deliveries a second that one generator process takes in without hurry."""

PROCESSES_MAX = 8
SMALL_ROOM_RATE = 2.0


class FanoutOptions(Struct, frozen=True):
    """How much of what."""

    receivers: Annotated[int, Meta(description="Fans in the big room.", ge=2)] = 1_000
    rate: Annotated[float, Meta(description="Lines a second in the big room.", gt=0)] = 20.0
    seconds: Annotated[float, Meta(description="How long.", gt=0)] = 20.0
    small_room: Annotated[int, Meta(description="Fans in the small room; 0: none.", ge=0)] = 20


class FanoutShare(Struct, frozen=True):
    """One process's part of both rooms."""

    big: str
    small: str
    receivers: int
    first: int
    small_receivers: int
    rate: float


class FanoutFinding(Struct, frozen=True):
    """What one process's fans heard."""

    big: Heard
    small: Heard


class Fanout(Scenario[FanoutOptions, FanoutShare, FanoutFinding]):
    """See the module."""

    name: ClassVar[str] = "fanout"
    title: ClassVar[str] = "Fan-out: lines to a full room"
    operations: ClassVar = {
        "line to receiver": "a line, from its due moment to each receiver of the big room",
        "line ack": "a line, from its due moment to its ack",
        "small room to receiver": "the same in the small room beside it",
        "small room ack": "the same in the small room beside it",
    }
    headline: ClassVar = ("line to receiver", "small room to receiver")
    options_type = FanoutOptions
    share_type = FanoutShare
    finding_type = FanoutFinding

    def processes(self) -> int:
        """By deliveries a second."""
        load = self.options.receivers * self.options.rate
        return min(PROCESSES_MAX, max(1, math.ceil(load / DELIVERIES_PER_PROCESS)))

    def seconds(self) -> float:
        """As asked for."""
        return self.options.seconds

    async def prepare(self, stage: Stage) -> list[FanoutShare]:
        """Both rooms."""
        big = str((await setting.live_show(stage.crew, "Big room"))["id"])
        small = str((await setting.live_show(stage.crew, "Small room"))["id"])
        n = stage.processes
        return [
            FanoutShare(
                big=big,
                small=small,
                receivers=share_of(self.options.receivers, n, number),
                first=first_of(self.options.receivers, n, number),
                small_receivers=self.options.small_room if number == 0 else 0,
                rate=self.options.rate / n,
            )
            for number in range(n)
        ]

    async def play(self, player: Player, share: FanoutShare) -> FanoutFinding:
        """Posts its share of lines, and listens."""
        async with http(player.address) as session:
            crowd = Crowd(player, session, share.first)
            big = await crowd.admit(share.big, share.receivers)
            small = await crowd.admit(share.small, share.small_receivers)
            lines, beside = Lines(player.recorder), Lines(player.recorder, "small room")
            for fan in big:
                fan.heard = lines.hear
            for fan in small:
                fan.heard = beside.hear
            await crowd.enter(crowd.fans)
            await player.ready()
            # Processes take turns within the interval between two lines.
            offset_s = player.number / self.options.rate
            seconds = self.options.seconds
            paced = [
                player.pace(
                    steady(share.rate, seconds, offset_s),
                    lambda number, due: lines.post(big[number % len(big)], due),
                )
            ]
            if small:
                paced.append(
                    player.pace(
                        steady(SMALL_ROOM_RATE, seconds),
                        lambda number, due: beside.post(small[number % len(small)], due),
                    )
                )
            await asyncio.gather(*paced)
            await lines.quiet()
            await beside.quiet()
            found = FanoutFinding(lines.found(big), beside.found(small))
            crowd.leave()
            return found

    async def judge(self, stage: Stage, findings: list[FanoutFinding]) -> list[Check]:
        """Every line to everybody, exactly once, in order."""
        total = stage.timeline.total
        delivered = sum(finding.big.delivered for finding in findings)
        stage.figures["deliveries a second"] = delivered / self.options.seconds
        checks = judged([finding.big for finding in findings], "the big room")
        if self.options.small_room:
            checks += judged([finding.small for finding in findings[:1]], "the small room")
            for name in ("line to receiver", "small room to receiver"):
                if name in total:
                    stage.figures[f"p99 ms, {name}"] = total[name].quantile_s(0.99) * 1e3
        return checks
