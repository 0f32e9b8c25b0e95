"""A lane: sends what is due of one sender, as fast as the sender may.

It needs the database alone to know what to send: an outage of Redis slows it down, and holds
nothing up. Any number of workers may run one for the same sender: leases keep them apart, and the
sender's pace is shared. A lane that is killed loses nothing and repeats nothing: what it had begun
is looked up at the carrier by the next one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
import structlog

from rooms import limits
from rooms.backoff import Backoff
from rooms.messaging.ports import (
    Accepted,
    Known,
    LeasedMessage,
    MessageSender,
    MessageStore,
    Outcome,
    Permanent,
    Temporary,
    Throughput,
    Unknown,
)
from rooms.messaging.quiet import zones_for
from rooms.messaging.retries import retry_after_s
from rooms.messaging.senders import Sender
from rooms.messaging.states import MessageState
from rooms.messaging.windows import waits_until
from rooms.outbox import Nudges
from rooms.ports import Clock
from rooms.tasks import end

UNANSWERED_IN_A_ROW = 4
"""Calls without an answer, one after the other, before a carrier is taken to be in trouble."""

log = structlog.get_logger(__name__)


class Lane:
    """Sends messages of one sender until it is stopped.

    Args:
        sender: whose.
        carrier: hands them over.
        store: the queue; ``known``: which of the carrier's messages are accounted for.
        nudges: says when there is something new.
        random: a number from 0 up to 1, another one each time; for waits.
    """

    def __init__(
        self,
        sender: Sender,
        carrier: MessageSender,
        store: MessageStore,
        known: Known,
        throughput: Throughput,
        nudges: Nudges,
        clock: Clock,
        random: Callable[[], float],
    ) -> None:
        self._sender = sender
        self._carrier = carrier
        self._store = store
        self._known = known
        self._throughput = throughput
        self._nudges = nudges
        self._clock = clock
        self._random = random
        self._room = min(
            limits.MESSAGES_LEASED_MAX, max(2, round(sender.per_second * limits.MESSAGES_AHEAD_S))
        )
        self._waiting: dict[asyncio.Task[None], LeasedMessage] = {}
        """Leased and not begun: these may be given back."""
        self._busy: set[asyncio.Task[None]] = set()
        self._loop: asyncio.Task[None] | None = None
        self._paused_until = 0.0
        self._troubles = 0
        self._stopping = False

    def start(self) -> None:
        """Begins."""
        self._stopping = False
        self._loop = asyncio.create_task(self._run(), name=f"lane-{self._sender.channel}")

    async def stop(self) -> None:
        """Ends: what has not begun is given back, what has begun has `limits.EFFECT_FINISH_S`."""
        self._stopping = True
        if self._loop is not None:
            await end([self._loop])
        back = dict(self._waiting)
        await end(back)
        await self._store.release(list(back.values()))
        if self._busy:
            await asyncio.wait(self._busy, timeout=limits.EFFECT_FINISH_S)
        await end(list(self._busy))

    async def drain(self) -> int:
        """Sends everything that is due now, and waits for it; how many were leased."""
        total = 0
        while leased := await self._lease():
            total += leased
            await asyncio.gather(*self._busy, *self._waiting)
        return total

    async def _run(self) -> None:
        backoff = Backoff(self._random)
        while not self._stopping:
            seen = self._nudges.count
            try:
                leased = await self._lease()
                backoff.reset()
            except Exception as error:
                # The database is away or said no. What was leased comes back by itself.
                log.warning("messages_unreachable", error=type(error).__name__)
                await self._clock.sleep(backoff.next_s())
                continue
            if leased:
                continue
            running = [*self._busy, *self._waiting]
            if len(running) >= self._room:
                await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            else:
                await self._nudges.beyond(seen, limits.MESSAGES_SCAN_S)

    async def _lease(self) -> int:
        """Leases as many messages as there is room for, and begins with them."""
        if (pause_s := self._paused_until - self._clock.monotonic()) > 0:
            await self._clock.sleep(min(pause_s, limits.MESSAGES_SCAN_S))
            return 0
        room = self._room - len(self._busy) - len(self._waiting)
        if room <= 0:
            return 0
        leased = await self._store.lease(self._sender.address, room)
        for message in leased:
            task = asyncio.create_task(self._handle(message))
            self._waiting[task] = message
            task.add_done_callback(self._done)
        return len(leased)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._waiting.pop(task, None)
        self._busy.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # The lease runs out, and somebody takes it up again.
            log.warning("message_left", error=type(error).__name__)

    async def _handle(self, message: LeasedMessage) -> None:
        if message.state is MessageState.UNKNOWN:
            self._begun()
            await self._look_up(message)
            return
        if (awake := self._waits_until(message)) is not None:
            self._begun()
            await self._store.release([msgspec.structs.replace(message, due_at=awake)])
            return
        wait_s = await self._throughput.reserve(self._sender, message.segments)
        if wait_s is None:
            # Others have taken the turns of the next seconds: this one is for whoever comes then.
            self._begun()
            later = self._clock.now() + timedelta(seconds=limits.MESSAGES_SCAN_S)
            await self._store.release([msgspec.structs.replace(message, due_at=later)])
            return
        if wait_s > 0:
            await self._clock.sleep(wait_s)
        self._begun()
        if self._paused():
            await self._store.release([message])
            return
        begun = await self._store.begin(message)
        if begun is not None:
            await self._send(begun)

    async def _send(self, message: LeasedMessage) -> None:
        try:
            async with asyncio.timeout(limits.CARRIER_TIMEOUT_S + 1):
                outcome = await self._carrier.send(message)
        except Exception as error:
            log.error("carrier_adapter_broke", error=type(error).__name__)
            outcome = Unknown("broke")
        retry_s = None
        if isinstance(outcome, Temporary):
            retry_s = retry_after_s(outcome, message.attempts, self._random())
        self._learn(outcome)
        await self._store.settle(message, outcome, retry_s)
        _tell(message, outcome, retry_s)

    async def _look_up(self, message: LeasedMessage) -> None:
        try:
            async with asyncio.timeout(limits.CARRIER_TIMEOUT_S + 1):
                lookup = await self._carrier.look_up(message, self._known)
        except Exception as error:
            log.error("carrier_adapter_broke", error=type(error).__name__)
            lookup = Temporary("broke")
        await self._store.found(message, lookup, self._again_s(message))
        log.info(
            "message_looked_up", message_id=message.message_id, found=type(lookup).__name__.lower()
        )

    def _waits_until(self, message: LeasedMessage) -> datetime | None:
        """When a message may go that would wake somebody, now or by the time of its turn."""
        zones = tuple((message.payload or {}).get("zones") or zones_for(message.address, None))
        now = self._clock.now()
        for at in (now, now + timedelta(seconds=limits.TURN_AHEAD_S)):
            awake = waits_until(message.kind, message.channel, zones, at)
            if awake is not None:
                return awake
        return None

    def _again_s(self, message: LeasedMessage) -> float:
        """A carrier that cannot be asked is asked less and less often."""
        age_s = 0.0
        if message.handed_at is not None:
            age_s = (self._clock.now() - message.handed_at).total_seconds()
        nominal = min(max(age_s / 4, limits.LOOKUP_AFTER_S), limits.LOOKUP_EVERY_S_MAX)
        return nominal * (0.5 + self._random())

    def _begun(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        if self._waiting.pop(task, None) is not None:
            self._busy.add(task)

    def _paused(self) -> bool:
        return self._clock.monotonic() < self._paused_until

    def _pause(self, seconds: float) -> None:
        self._paused_until = max(self._paused_until, self._clock.monotonic() + seconds)

    def _learn(self, outcome: Outcome) -> None:
        """A carrier in trouble is left alone for a while: longer each time, while it lasts."""
        match outcome:
            case Accepted() | Permanent():
                self._troubles = 0
            case Temporary(sender_wide=False):
                pass
            case Temporary(retry_after_s=asked):
                self._in_trouble(asked or 0.0, UNANSWERED_IN_A_ROW)
            case Unknown():
                self._in_trouble(0.0, 1)

    def _in_trouble(self, asked_s: float, weight: int) -> None:
        """One lost answer among many is no trouble; several without one that arrives are."""
        if not self._paused():
            self._troubles = min(self._troubles + weight, 16 * UNANSWERED_IN_A_ROW)
        times = self._troubles // UNANSWERED_IN_A_ROW
        if times == 0:
            return
        nominal = limits.SENDER_PAUSE_S * 2.0 ** (times - 1) * (0.5 + 0.5 * self._random())
        self._pause(min(max(nominal, asked_s), limits.SENDER_PAUSE_MAX_S))


def _tell(message: LeasedMessage, outcome: Outcome, retry_s: float | None) -> None:
    said = {
        "message_id": message.message_id,
        "kind": message.kind.value,
        "channel": message.channel.value,
        "attempt": message.attempts,
    }
    match outcome:
        case Accepted():
            log.debug("message_sent", **said)
        case Permanent(reason=reason, error_code=code):
            log.info("message_failed", **said, reason=reason, error_code=code)
        case Temporary(reason=reason, error_code=code):
            if retry_s is None:
                log.info("message_failed", **said, reason=reason, error_code=code)
            else:
                log.info(
                    "message_tried", **said, reason=reason, error_code=code, retry_after_s=retry_s
                )
        case Unknown(reason=reason):
            log.warning("message_outcome_unknown", **said, reason=reason)
