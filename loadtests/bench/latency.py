"""From one person's edit to everybody else's screen: every edit is durable in between."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass, field
from functools import partial

from loadtests.bench.rig import Meter, Rig, Used
from loadtests.bench.sockets import connect_all
from loadtests.faults import setting
from loadtests.wire import RoomClient, SetlistDocument
from loadtests.wire.thin_socket import BINARY, ThinSocket

EDITORS = 10
LISTENERS = 100
EDITS = 200
OWN_ENTRIES = 5
EDITS_PER_SECOND = 50.0
TIMEOUT_S = 60.0
_MARK = re.compile(rb"#(\d{6})#")


@dataclass(slots=True)
class LatencyBench:
    """Seconds from sending an edit to its arrival, one per edit and listener, per round."""

    rounds: list[list[float]] = field(default_factory=list)
    used: list[Used] = field(default_factory=list)

    def quantile_ms(self, share: float) -> float:
        """A quantile of the least disturbed round, in milliseconds."""
        best = min(self.rounds, key=lambda r: quantile(r, share))
        return quantile(best, share) * 1e3


def quantile(values: list[float], share: float) -> float:
    """The value that ``share`` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class _Arrivals:
    def __init__(self) -> None:
        self.sent_at: dict[int, float] = {}
        self.seconds: list[float] = []
        self.wanted = 0
        self.complete = asyncio.Event()

    def frame(self, socket: ThinSocket, opcode: int, payload: bytes) -> None:
        if opcode != BINARY:
            return
        now = time.perf_counter()
        for found in _MARK.findall(payload):
            sent_at = self.sent_at.get(int(found))
            if sent_at is not None:
                self.seconds.append(now - sent_at)
        if len(self.seconds) >= self.wanted:
            self.complete.set()


async def measure(rig: Rig, rounds: int) -> LatencyBench:
    """Ten people edit, fifty edits a second in all; a hundred others receive."""
    bench = LatencyBench()
    for _ in range(rounds):
        show_id = str((await setting.live_show(rig.crew, "Latency"))["id"])
        tickets = await rig.admit(show_id, EDITORS + LISTENERS)
        arrivals = _Arrivals()
        arrivals.wanted = EDITS * LISTENERS
        crowd = await connect_all(rig.port, show_id, tickets[EDITORS:], arrivals.frame)
        editors = [RoomClient(api, show_id) for api in rig.guests[:EDITORS]]
        try:
            for editor in editors:
                await editor.__aenter__()
                await editor.entered()
            meter = Meter(rig)
            meter.start()
            await _edit(editors, arrivals)
            await asyncio.wait_for(arrivals.complete.wait(), TIMEOUT_S)
            bench.used.append(meter.stop())
            bench.rounds.append(arrivals.seconds)
        finally:
            for editor in editors:
                await editor.close()
            crowd.leave()
    return bench


async def _edit(editors: list[RoomClient], arrivals: _Arrivals) -> None:
    """Everybody edits entries of their own: of two who write one title at once, one text is
    never seen by anybody, and could not be waited for."""
    own: list[list[str]] = [[] for _ in editors]
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number in range(EDITS):
        await asyncio.sleep(max(0.0, began + number / EDITS_PER_SECOND - loop.time()))
        turn, place = number // len(editors), number % len(editors)
        editor, mine = editors[place], own[place]
        title = f"#{number:06}# edit"
        arrivals.sent_at[number] = time.perf_counter()
        if len(mine) < OWN_ENTRIES:
            edit = await editor.edit(partial(_add, title, editor.participant_id))
            mine.append(edit.entry_ids[0])
        else:
            await editor.edit(partial(_rename, mine[turn % OWN_ENTRIES], title))


def _add(title: str, me: str, setlist: SetlistDocument) -> str:
    return setlist.add(title, "set1", me)


def _rename(entry_id: str, title: str, setlist: SetlistDocument) -> None:
    setlist.change(entry_id, title=title)
