"""What clients see of a fault: close codes, rejects, answers, how long nothing was saved."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import aiohttp
import msgspec

READY_POLL_S = 0.2
READY_TIMEOUT_S = 5.0


class _Reject(msgspec.Struct, tag_field="t", tag="reject"):
    code: str
    retryable: bool = False


_reject = msgspec.json.Decoder(_Reject)


@dataclass(slots=True)
class Sightings:
    """Everything that clients were told while a fault lasted and until it was over.

    Attributes:
        closes: sockets that ended, by code (1006: without a word).
        rejects: commands that were told to be said again, by code.
        final: commands that were refused for good, by code.
        http: answers of streams, polls and texts that were no success, by status and code.
        ready: what ``/health/ready`` of any node said: status, or ``no answer``.
        unsaved_most: setlist edits that one client held as "not saved yet", at most.
        waited_s: the longest that a command waited for its ack.
        new_log: everybody had to take the snapshot of a log with another epoch.
    """

    closes: Counter[int] = field(default_factory=Counter)
    rejects: Counter[str] = field(default_factory=Counter)
    final: Counter[str] = field(default_factory=Counter)
    http: Counter[str] = field(default_factory=Counter)
    ready: Counter[str] = field(default_factory=Counter)
    unsaved_most: int = 0
    waited_s: float = 0.0
    new_log: bool = False

    def frame(self, frame: str | bytes) -> None:
        """Takes a frame of any socket."""
        if isinstance(frame, str) and frame.startswith('{"t":"reject"'):
            reject = _reject.decode(frame)
            (self.rejects if reject.retryable else self.final)[reject.code] += 1

    def told(self) -> str:
        """In a few words, for a table."""
        said = []
        if self.closes:
            said.append("sockets closed " + _counts(self.closes))
        if self.rejects:
            said.append("retryable rejects " + _counts(self.rejects))
        if self.final:
            said.append("refused " + _counts(self.final))
        if self.http:
            said.append("HTTP " + _counts(self.http))
        away = {what: count for what, count in self.ready.items() if what != "200 ok"}
        if away:
            said.append("not ready: " + ", ".join(sorted(away)))
        if self.new_log:
            said.append("another epoch, everybody took the snapshot")
        if self.unsaved_most > 1:
            said.append(f"up to {self.unsaved_most} edits of one editor shown as not saved")
        said.append(f"slowest ack {self.waited_s:.1f} s")
        return "; ".join(said)


def _counts(counts: Counter[int] | Counter[str]) -> str:
    return ", ".join(f"{what} ×{count}" for what, count in counts.most_common())


class _Ready(msgspec.Struct):
    status: str = ""


async def watch_ready(urls: Iterable[str], sightings: Sightings) -> None:
    """Asks every node's readiness five times a second, as a load balancer does."""

    async def watch(url: str) -> None:
        timeout = aiohttp.ClientTimeout(total=READY_TIMEOUT_S)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                began = time.monotonic()
                said = "no answer"
                with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError):
                    async with session.get(f"{url}/health/ready") as response:
                        said = f"{response.status}"
                        with contextlib.suppress(msgspec.DecodeError):
                            body = msgspec.json.decode(await response.read(), type=_Ready)
                            said = f"{response.status} {body.status}"
                sightings.ready[said] += 1
                await asyncio.sleep(max(0.0, READY_POLL_S - (time.monotonic() - began)))

    async with asyncio.TaskGroup() as tasks:
        for url in urls:
            tasks.create_task(watch(url))


async def watch_unsaved(unsaved: Callable[[], int], sightings: Sightings) -> None:
    """Notes how many edits wait, ten times a second."""
    while True:
        sightings.unsaved_most = max(sightings.unsaved_most, unsaved())
        await asyncio.sleep(0.1)
