"""One broadcast to many phones on a server whose worker is killed on the way."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from loadtests.broadcasts.carrier import ACCOUNT, TOKEN, Carrier, Faults
from loadtests.broadcasts.phones import Phones
from loadtests.faults import processes, setting
from loadtests.faults.processes import Command
from loadtests.wire.api import open_session

SENDER = "72345"
LOOK_EVERY_S = 0.5
PATIENCE_S = 120.0


@dataclass(slots=True)
class Report:
    """What came of it."""

    recipients: int
    kills: list[int] = field(default_factory=list)
    """Messages that the carrier had at each kill."""
    joined_s: float = 0.0
    sent_s: float = 0.0
    paused_extra: int = 0
    """Messages that the carrier took from a second after the pause until the resume."""
    counts: dict[str, int] = field(default_factory=dict)
    refused: int = 0
    lost: int = 0
    looked_up: int = 0
    callbacks: int = 0
    problems: list[str] = field(default_factory=list)


class Drill:
    """A server of its own, and a carrier. Use as ``async with``.

    Args:
        per_second: of the carrier. The server thinks that its number sends 100 a second.
    """

    def __init__(self, data_dir: Path, recipients: int, seed: int, per_second: int) -> None:
        self._data_dir = data_dir
        self._random = random.Random(seed)
        self._stack = AsyncExitStack()
        self.carrier = Carrier(seed, per_second, Faults())
        self.report = Report(recipients)

    async def __aenter__(self) -> Drill:
        await self._stack.enter_async_context(self.carrier)
        self.server = self._command()
        self._stack.push_async_callback(self.server.stop)
        await self.server.start()
        self._session = await self._stack.enter_async_context(open_session())
        self._crew = await setting.new_crew(self.server.url, self._session)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def run(self, kills: int) -> Report:
        """Joins, sends, kills ``kills`` times, pauses once, waits, compares."""
        show = await setting.live_show(self._crew, "Everybody once", takes_sms=True)
        round_id = await setting.open_round(
            self._crew, show["id"], setting.single_choice(3, channels=("web", "sms"))
        )
        began = time.monotonic()
        phones = Phones(self._session, self.server.url, SENDER, self.report.recipients)
        await phones.join(str(show["join_code"]))
        self.report.joined_s = time.monotonic() - began
        began = time.monotonic()
        broadcast = await self._send(str(show["id"]), round_id)
        await self._kill_on_the_way(kills)
        await self._pause(broadcast)
        await self._until_done(broadcast)
        self.report.sent_s = time.monotonic() - began
        await self.carrier.told()
        self._judge(phones, await self._counts(broadcast))
        return self.report

    async def _send(self, show_id: str, round_id: str) -> str:
        body: dict[str, Any] = {"kind": "NUDGE", "channels": ["sms"], "round_id": round_id}
        preview = await self._crew.post(f"/api/shows/{show_id}/messages/preview", body)
        total = preview["recipients"]["total"]
        if total != self.report.recipients:
            self.report.problems.append(f"the preview counts {total}")
        return str((await self._crew.post(f"/api/shows/{show_id}/messages", body))["id"])

    async def _kill_on_the_way(self, kills: int) -> None:
        """Each time at another part of the way, while messages are being handed over."""
        for number in range(kills):
            share = (number + self._random.uniform(0.3, 0.7)) / (kills + 1)
            await self._until_taken(int(self.report.recipients * share))
            worker = self._worker()
            if worker is None:
                self.report.problems.append("no worker to kill")
                continue
            self.report.kills.append(len(self.carrier.taken))
            worker.send_signal(signal.SIGKILL)
            await asyncio.to_thread(psutil.wait_procs, [worker], 10.0)

    async def _pause(self, broadcast: str) -> None:
        """A second after a pause the carrier gets nothing more, whatever the workers had leased."""
        await self._until_taken(len(self.carrier.taken) + 1)
        await self._crew.post(f"/api/broadcasts/{broadcast}/pause")
        await asyncio.sleep(1.0)
        before = len(self.carrier.taken)
        await asyncio.sleep(2.0)
        self.report.paused_extra = len(self.carrier.taken) - before
        await self._crew.post(f"/api/broadcasts/{broadcast}/resume")

    async def _until_taken(self, messages: int) -> None:
        messages = min(messages, self.report.recipients)
        deadline = time.monotonic() + PATIENCE_S + self.report.recipients / 20
        while len({one.to for one in self.carrier.taken}) < messages:
            if time.monotonic() > deadline:
                raise TimeoutError(f"the carrier has {len(self.carrier.taken)} of {messages}")
            await asyncio.sleep(0.02)

    async def _until_done(self, broadcast: str) -> None:
        deadline = time.monotonic() + PATIENCE_S + self.report.recipients / 20
        while time.monotonic() < deadline:
            view = await self._crew.get(f"/api/broadcasts/{broadcast}")
            if view["state"] == "done":
                return
            await asyncio.sleep(LOOK_EVERY_S)
        raise TimeoutError("the broadcast did not end")

    async def _counts(self, broadcast: str) -> dict[str, int]:
        """By state, once what the last callbacks say has been taken in."""
        view = await self._crew.get(f"/api/broadcasts/{broadcast}")
        return {state: count for state, count in view["counts"].items() if count}

    def _judge(self, phones: Phones, counts: dict[str, int]) -> None:
        report, carrier = self.report, self.carrier
        report.counts = counts
        report.refused, report.lost = carrier.refused, carrier.lost
        report.looked_up, report.callbacks = carrier.looked_up, carrier.callbacks
        times = Counter(message.to for message in carrier.taken)
        twice = [to for to, count in times.items() if count > 1]
        never = [number for number in phones.numbers if number not in times]
        strangers = times.keys() - set(phones.numbers)
        for wrong, found in (("twice", twice), ("never", never), ("strangers", strangers)):
            if found:
                report.problems.append(f"{wrong}: {len(found)}")
        reached = counts.get("sent", 0) + counts.get("delivered", 0)
        if reached != report.recipients:
            report.problems.append(f"{reached} of {report.recipients} are known to have gone")
        if carrier.callbacks_refused:
            report.problems.append(f"{carrier.callbacks_refused} callbacks were refused")
        if report.paused_extra:
            report.problems.append(f"{report.paused_extra} were sent while it was paused")
        if not carrier.lost:
            report.problems.append("no answer was lost: this shows nothing")

    def _worker(self) -> psutil.Process | None:
        for process in self.server.family():
            with contextlib.suppress(psutil.Error):
                if process.cmdline()[-1:] == ["worker"]:
                    return process
        return None

    def _command(self) -> Command:
        port = processes.free_port()
        environment = {
            "SETROOM_SMS": "twilio",
            "SETROOM_TWILIO_ACCOUNT_SID": ACCOUNT,
            "SETROOM_TWILIO_AUTH_TOKEN": TOKEN,
            "SETROOM_TWILIO_BASE_URL": self.carrier.url,
            "SETROOM_SMS_NUMBER": SENDER,
            "SETROOM_SMS_NUMBER_TYPE": "short_code",
            "SETROOM_PUBLIC_URL": f"http://127.0.0.1:{port}",
        }
        arguments = ["up", "--no-demo", "--host", "127.0.0.1", "--port", str(port)]
        return Command(
            [*arguments, "--data-dir", str(self._data_dir)],
            port,
            self._data_dir / "up.log",
            environment,
        )
