"""A crowd that chats far beyond what anybody may: what is accepted is kept, what is not is said.

Some fans post several times as fast as the room's limits allow, the others listen. Every command
must be answered; an accepted line reaches everybody exactly once, a refused one nobody, and
everything that is accepted lies within the limit.
"""

from __future__ import annotations

import math
from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from loadtests.faults import setting
from loadtests.kit.crowd import Crowd, http
from loadtests.kit.pacing import steady
from loadtests.kit.player import Player
from loadtests.kit.scenario import Check, Scenario, Stage, check
from loadtests.scenarios.lines import Heard, Lines, first_of, judged, share_of

COMMANDS_PER_SECOND = 20
COMMANDS_BURST = 40
"""The contract's limits of one participant (docs/protocol.md, Limits)."""

TOLERANCE = 1.1
"""The limit is a bucket that fills while answers are under way."""

DELIVERIES_PER_PROCESS = 10_000
PROCESSES_MAX = 6


class StormOptions(Struct, frozen=True):
    """How much of what."""

    fans: Annotated[int, Meta(description="Fans in the room.", ge=2)] = 100
    stormers: Annotated[int, Meta(description="Of these, how many post.", ge=1)] = 10
    over: Annotated[float, Meta(description="Times the limit that each posts at.", gt=0)] = 3.0
    seconds: Annotated[float, Meta(description="How long they post.", gt=0)] = 10.0


class StormShare(Struct, frozen=True):
    """One process's part."""

    show_id: str
    fans: int
    stormers: int
    first: int


class ChatStorm(Scenario[StormOptions, StormShare, Heard]):
    """See the module."""

    name: ClassVar[str] = "chat-storm"
    title: ClassVar[str] = "Chat storm: a crowd over its limits"
    operations: ClassVar = {
        "line to receiver": "an accepted line, from its due moment to each fan",
        "line ack": "an accepted line, from its due moment to its ack",
    }
    headline: ClassVar = ("line to receiver", "line ack")
    options_type = StormOptions
    share_type = StormShare
    finding_type = Heard

    def processes(self) -> int:
        """By what the limits let through."""
        accepted = self.options.stormers * COMMANDS_PER_SECOND * min(1.0, self.options.over)
        load = accepted * self.options.fans
        return min(PROCESSES_MAX, max(1, math.ceil(load / DELIVERIES_PER_PROCESS)))

    def seconds(self) -> float:
        """Whoever is over the limit is read more slowly: the rest is answered afterwards."""
        return self.options.seconds * max(1.0, self.options.over)

    async def prepare(self, stage: Stage) -> list[StormShare]:
        """One room."""
        show_id = str((await setting.live_show(stage.crew, "Storm"))["id"])
        n = stage.processes
        stormers = min(self.options.stormers, self.options.fans)
        return [
            StormShare(
                show_id,
                share_of(self.options.fans, n, number),
                share_of(stormers, n, number),
                first_of(self.options.fans, n, number),
            )
            for number in range(n)
        ]

    async def play(self, player: Player, share: StormShare) -> Heard:
        """Storms, and listens."""
        async with http(player.address) as session:
            crowd = Crowd(player, session, share.first)
            fans = await crowd.admit(share.show_id, share.fans)
            lines = Lines(player.recorder)
            for fan in fans:
                fan.heard = lines.hear
            await crowd.enter(fans)
            await player.ready()
            rate = share.stormers * COMMANDS_PER_SECOND * self.options.over
            if share.stormers:
                await player.pace(
                    steady(rate, self.options.seconds),
                    lambda number, due: lines.post(fans[number % share.stormers], due),
                )
            await lines.quiet(60.0 + 4 * self.seconds())
            found = lines.found(fans)
            crowd.leave()
            return found

    async def judge(self, stage: Stage, findings: list[Heard]) -> list[Check]:
        """Exactly once, honestly refused, within the limit."""
        acked = sum(one.acked for one in findings)
        refused: dict[str, int] = {}
        for one in findings:
            for code, count in one.rejected.items():
                refused[code] = refused.get(code, 0) + count
        took_s = max(self.options.seconds, stage.timeline.last_at_s)
        stormers = min(self.options.stormers, self.options.fans)
        most = TOLERANCE * stormers * (COMMANDS_BURST + COMMANDS_PER_SECOND * took_s)
        stage.figures |= {"accepted": acked, "refused": sum(refused.values())}
        odd = {code: n for code, n in refused.items() if code not in ("rate_limited", "room_busy")}
        checks = judged(findings)
        checks.append(
            check("no more was accepted than the limits allow", acked <= most, f"{acked:,}")
        )
        checks.append(
            check(
                "what was refused was refused for its rate, and said so",
                not odd,
                f"{refused}" if refused else "nothing was refused",
            )
        )
        if self.options.over > 1:
            checks.append(check("the storm met the limit", bool(refused), f"{refused}"))
        return checks
