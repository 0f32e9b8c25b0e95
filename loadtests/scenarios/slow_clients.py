"""Some receivers read slowly, or not at all; the others must not notice.

First everybody reads, then a share of the room does not, on connections like a phone's at the edge
of its network: half of these stop altogether, half take a sip now and then. Long lines go on at the
same rate. The others' latencies of both halves are compared. Whoever does not take what is queued
for them is closed by the server (4008, and cut off two seconds later: behind a whole queue that
nobody reads, the close frame is hardly ever seen); when they read again they come back with their
place in the log, and end where everybody ends.
"""

from __future__ import annotations

import asyncio
import math
import re
import socket
from typing import Annotated, ClassVar

import aiohttp
from msgspec import Meta, Struct

from loadtests.faults import setting
from loadtests.kit.answers import code_of
from loadtests.kit.crowd import Crowd, http, settled
from loadtests.kit.due_lines import due_of
from loadtests.kit.fans import Fan
from loadtests.kit.pacing import steady
from loadtests.kit.player import Player
from loadtests.kit.scenario import Check, Scenario, Stage, check, equal, nothing_wrong
from loadtests.scenarios.lines import Lines, first_of, share_of
from loadtests.wire import ApiProblem
from loadtests.wire.reconnect import ABNORMAL

TOO_SLOW = 4008
AWAKE_BUFFER_BYTES = 1024 * 1024
"""Of a slow receiver's system once it reads again."""

SIP_EVERY_S = 0.25
"""A mouthful is what its system's small buffer holds: some 15 KB a second, of 200 that come."""

WORDS = "🎸" * 480
"""2 KB: queues fill in seconds, not in minutes."""

DELIVERIES_PER_PROCESS = 6_000
PROCESSES_MAX = 4
MOVED_FACTOR = 1.5
MOVED_MS = 25.0
"""The others' p99 has moved when it is above 1.5 times what it was and 25 ms more."""

_CLOSED = re.compile(r"^setroom_slow_closed_total(?:\{[^}]*\})? (\S+)$", re.M)
BACK_TIMEOUT_S = 60.0
COMING_BACK_S = 20.0


class SlowOptions(Struct, frozen=True):
    """How much of what."""

    fans: Annotated[int, Meta(description="Fans in the room.", ge=10)] = 100
    slow: Annotated[float, Meta(description="Share of them that is slow.", gt=0, lt=1)] = 0.1
    rate: Annotated[float, Meta(description="Lines of 2 KB a second.", gt=0)] = 100.0
    seconds: Annotated[float, Meta(description="Of each half.", gt=0)] = 20.0


class SlowShare(Struct, frozen=True):
    """One process's part."""

    show_id: str
    fans: int
    slow: int
    first: int
    rate: float


class SlowFinding(Struct, frozen=True):
    """What became of whom."""

    slow: int
    closed: int
    codes: dict[str, int]
    back: int
    violations: list[str]
    places: list[int]
    unanswered: int
    others_closed: int


class SlowClients(Scenario[SlowOptions, SlowShare, SlowFinding]):
    """See the module."""

    name: ClassVar[str] = "slow-clients"
    title: ClassVar[str] = "Slow clients: the others do not notice"
    operations: ClassVar = {
        "line, everybody reads": "a line to each fan, in the first half",
        "line, some are slow": "a line to each fan who reads, in the second half",
        "line ack": "a line, from its due moment to its ack",
    }
    headline: ClassVar = ("line, everybody reads", "line, some are slow")
    options_type = SlowOptions
    share_type = SlowShare
    finding_type = SlowFinding

    def processes(self) -> int:
        """By deliveries a second, of 2 KB."""
        load = self.options.fans * self.options.rate
        return min(PROCESSES_MAX, max(1, math.ceil(load / DELIVERIES_PER_PROCESS)))

    def seconds(self) -> float:
        """Both halves."""
        return 2 * self.options.seconds

    async def prepare(self, stage: Stage) -> list[SlowShare]:
        """One room."""
        self._closed_before = await _closed_as_slow(stage)
        show_id = str((await setting.live_show(stage.crew, "Slow ones"))["id"])
        n = stage.processes
        slow = max(1, round(self.options.fans * self.options.slow))
        return [
            SlowShare(
                show_id,
                share_of(self.options.fans, n, number),
                share_of(slow, n, number),
                first_of(self.options.fans, n, number),
                self.options.rate / n,
            )
            for number in range(n)
        ]

    async def play(self, player: Player, share: SlowShare) -> SlowFinding:
        """Reads, and then some do not."""
        async with http(player.address) as session:
            crowd = Crowd(player, session, share.first)
            fans = await crowd.admit(share.show_id, share.fans)
            part = _Part(self.options.seconds, player, fans, share.slow)
            await crowd.enter(fans)
            await player.ready()
            readers = fans[share.slow :]
            offset_s = player.number / self.options.rate
            await asyncio.gather(
                player.pace(
                    steady(share.rate, self.seconds(), offset_s),
                    lambda number, due: part.lines.post(readers[number % len(readers)], due),
                ),
                part.be_slow(),
            )
            await part.lines.quiet()
            finding = await part.found()
            crowd.leave()
            return finding

    async def judge(self, stage: Stage, findings: list[SlowFinding]) -> list[Check]:
        """The others' p99, and what became of the slow."""
        total = stage.timeline.total
        calm_ms, slow_ms = (
            total[name].quantile_s(0.99) * 1e3 if name in total else math.inf
            for name in self.headline
        )
        stage.figures |= {
            "p99 ms, everybody reads": round(calm_ms, 2),
            "p99 ms, some are slow": round(slow_ms, 2),
        }
        slow = sum(finding.slow for finding in findings)
        closed = await _closed_as_slow(stage) - self._closed_before
        if not math.isnan(closed):
            stage.figures["closed by the node as slow"] = round(closed)
        codes: dict[str, int] = {}
        for finding in findings:
            for code, count in finding.codes.items():
                codes[code] = codes.get(code, 0) + count
        places = {place for finding in findings for place in finding.places}
        honest = {str(TOO_SLOW), str(ABNORMAL)}
        return [
            check(
                "the others' p99 does not move",
                slow_ms <= MOVED_FACTOR * calm_ms + MOVED_MS,
                f"{calm_ms:.1f} ms, then {slow_ms:.1f} ms",
            ),
            equal("every slow one was closed", sum(f.closed for f in findings), slow),
            *(
                [equal("and for being slow, says the node", round(closed), slow)]
                if stage.own_server and not math.isnan(closed)
                else []
            ),
            check(
                "with 4008, or cut off where not even that was taken",
                set(codes) <= honest and bool(codes),
                f"{codes}",
            ),
            equal("every slow one came back", sum(f.back for f in findings), slow),
            equal("nobody else was closed", sum(f.others_closed for f in findings), 0),
            check("everybody ends at the same place", len(places) == 1, f"{sorted(places)[:5]}"),
            equal("every line was answered", sum(f.unanswered for f in findings), 0),
            nothing_wrong("every log is whole", [v for f in findings for v in f.violations]),
        ]


async def _closed_as_slow(stage: Stage) -> float:
    """How many the node has closed for taking too little; not a number where it does not say."""
    try:
        async with stage.session.get(f"{stage.address.url}/metrics") as answer:
            found = _CLOSED.search(await answer.text())
    except (aiohttp.ClientError, TimeoutError):
        found = None
    return float(found[1]) if found else math.nan


class _Part:
    """One process's readers, quick and slow."""

    def __init__(self, half_s: float, player: Player, fans: list[Fan], slow: int) -> None:
        self.lines = Lines(player.recorder, words=WORDS)
        self._half_s = half_s
        self._player = player
        self._slow, self._quick = fans[:slow], fans[slow:]
        self._sleeping = False
        self._awake: set[int] = set()
        self._closed = 0
        self._back = 0
        self._codes: dict[str, int] = {}
        for fan in self._quick:
            fan.heard = self._heard

    def _heard(self, fan: Fan, seq: int, payload: bytes, now: float) -> None:
        due = due_of(payload)
        if due is None:
            return
        self.lines.delivered += 1
        calm = due - self._player.started_at < self._half_s
        name = "line, everybody reads" if calm else "line, some are slow"
        self._player.recorder.took(name, now - due)

    async def be_slow(self) -> None:
        """From the second half on; at its end they read again."""
        await asyncio.sleep(max(0.0, self._half_s - self._player.elapsed_s))
        until = 2 * self._half_s
        await asyncio.gather(
            *(self._slow_one(fan, number % 2 == 0, until) for number, fan in enumerate(self._slow))
        )

    async def _slow_one(self, fan: Fan, sips: bool, until_s: float) -> None:
        fan.cut()
        await settled(lambda: not fan.connected, COMING_BACK_S)
        fan.narrow = True
        await fan.enter()
        fan.narrow = False
        transport = fan.transport
        if transport is None:
            return
        closes = len(fan.closes)
        fan.sips = True
        transport.pause_reading()
        while self._player.elapsed_s < until_s and len(fan.closes) == closes:
            await asyncio.sleep(SIP_EVERY_S)
            if sips and len(fan.closes) == closes:
                transport.resume_reading()
        fan.sips = False
        if len(fan.closes) == closes:
            raw = transport.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, AWAKE_BUFFER_BYTES)
            transport.resume_reading()
        await self._return(fan, closes)

    async def _return(self, fan: Fan, closes: int) -> None:
        """Reads what there is, finds the socket closed, and comes back."""
        if not await settled(lambda: len(fan.closes) > closes, COMING_BACK_S):
            return
        code = str(fan.closes[-1])
        self._closed += 1
        self._codes[code] = self._codes.get(code, 0) + 1
        try:
            async with asyncio.timeout(BACK_TIMEOUT_S):
                await fan.come_back(self._player.rng)
            self._back += 1
        except (OSError, TimeoutError, ApiProblem, aiohttp.ClientError) as error:
            self._player.recorder.failed("back in", code_of(error))

    async def found(self) -> SlowFinding:
        """Waits until all are at the end, and says what was."""
        everybody = [*self._quick, *self._slow]
        head = max((fan.seq for fan in self._quick), default=0)
        await settled(lambda: all(fan.seq >= head for fan in everybody), COMING_BACK_S)
        return SlowFinding(
            slow=len(self._slow),
            closed=self._closed,
            codes=self._codes,
            back=self._back,
            violations=[f"fan {f.number}: {one}" for f in everybody for one in f.violations],
            places=sorted({fan.seq for fan in everybody}),
            unanswered=self.lines.unanswered,
            others_closed=sum(len(fan.closes) for fan in self._quick),
        )
