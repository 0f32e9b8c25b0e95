"""Taking jobs of one priority from their stream."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any, Final

import structlog
from redis.exceptions import RedisError, ResponseError
from taskiq import AckableMessage, AsyncBroker, BrokerMessage

from jobs.queue import scripts
from jobs.queue.broker import JobsBroker
from rooms.backoff import Backoff
from rooms.operations.priorities import GROUP, Priority, later_of, stream_of

HOLD_EVERY_S: Final = 15.0
"""A worker says so often that it still has what it has."""

CLAIM_AFTER_MS: Final = 60 * 1000
"""A job whose worker has said nothing for this long is given to another."""

CLAIM_LOOK_S: Final = 5.0
"""Between two looks for such jobs."""

CUT_OFF_S: Final = 5.0
"""What a job may take to end once it is cancelled: a rollback, a connection that is closed."""

READ_BLOCK_MS: Final = 2_000
SILENT_CONSUMER_MS: Final = 24 * 3600 * 1000

PLACES: Final = {Priority.URGENT: 16, Priority.NORMAL: 6, Priority.BULK: 2}
"""Jobs of each priority that one worker does at once. They wait for stores and carriers most of
their time; bulk ones may hold a connection to the database each, and get few of them."""

log = structlog.get_logger(__name__)


class Delivery(AckableMessage):
    """A job as its stream gave it.

    Attributes:
        entry_id: its entry; another one at each try.
        deliveries: how many workers were given this entry, this one included.
        attempt: which try this is, from 1.
        first_failed_at: when the first try failed.
    """

    entry_id: str
    deliveries: int
    attempt: int
    first_failed_at: datetime | None


class Lane(AsyncBroker):
    """The stream of one priority, as taskiq's receiver reads it. Outlives outages of Redis.

    Attributes:
        held: entries that were taken and are not settled.
        doing: the tasks of those that have begun.

    Args:
        jobs: the broker that knows the jobs.
        claim_after_ms: see `CLAIM_AFTER_MS`.
    """

    def __init__(
        self,
        jobs: JobsBroker,
        priority: Priority,
        *,
        claim_after_ms: int = CLAIM_AFTER_MS,
        claim_look_s: float = CLAIM_LOOK_S,
    ) -> None:
        super().__init__()
        self.priority = priority
        self.queue_name = stream_of(priority)
        self.consumer_name = jobs.consumer_name
        self.redis: Any = jobs.connect(PLACES[priority] + 4)
        self.local_task_registry = jobs.local_task_registry
        self.held: set[str] = set()
        self.doing: dict[str, asyncio.Task[Any]] = {}
        self.stopping = asyncio.Event()
        self._claim_after_ms = claim_after_ms
        self._claim_look_s = claim_look_s
        self._claim_at = 0.0
        self._claim_from = "0-0"
        self._backoff = Backoff(jobs.random)

    @property
    def later(self) -> str:
        """Redis key of what is tried again later."""
        return later_of(self.priority)

    async def startup(self) -> None:
        """Makes the stream's group, where it is not there."""
        await super().startup()
        await self._declare_group()

    async def shutdown(self) -> None:
        """Lets go of Redis."""
        await super().shutdown()
        await self.redis.aclose()

    async def kick(self, message: BrokerMessage) -> None:
        """Jobs are sent by the broker, which bounds their queue."""
        raise TypeError("jobs are sent by a jobs.queue.broker.JobsBroker")

    async def listen(self) -> AsyncGenerator[AckableMessage, None]:
        """Jobs, until the worker stops; one at a time, so that none is taken that another worker
        could begin.

        It is told to stop and not only cancelled: redis-py loses a cancellation that comes while
        it connects (`rooms.tasks.end`), and whoever waits for the end would wait for ever.
        """
        while not self.stopping.is_set():
            try:
                delivery = await self._stale() or await self._fresh()
                self._backoff.reset()
            except ResponseError as error:
                # A Redis that was started empty has no group: make it again.
                log.warning("jobs_queue_reset", error=str(error)[:60])
                await self._declare_group()
                await asyncio.sleep(self._backoff.next_s())
                continue
            except (RedisError, OSError) as error:
                log.warning("jobs_queue_unreachable", error=type(error).__name__)
                await asyncio.sleep(self._backoff.next_s())
                continue
            if delivery is not None:
                self.held.add(delivery.entry_id)
                yield delivery

    async def hold(self) -> None:
        """Says again and again that the worker still has what it has, until it is cancelled."""
        while True:
            await asyncio.sleep(HOLD_EVERY_S)
            if not self.held:
                continue
            try:
                await self._say_held(idle_ms=0)
            except (RedisError, OSError) as error:
                log.warning("jobs_not_held", error=type(error).__name__)

    async def cut_off(self) -> None:
        """Cancels what is still done, and waits for its end for `CUT_OFF_S` at most.

        A job that does not end stays this worker's, and is not handed back: another worker claims
        it once nothing is heard of this one.
        """
        held, doing = set(self.held), dict(self.doing)
        for task in doing.values():
            task.cancel()
        if doing:
            await asyncio.wait(doing.values(), timeout=CUT_OFF_S)
        going_on = {entry_id for entry_id, task in doing.items() if not task.done()}
        if going_on:
            log.error("jobs_not_cut_off", priority=self.priority.value, jobs=len(going_on))
        # Redis leaves out what was settled after all.
        self.held = held - going_on

    async def hand_back(self) -> None:
        """What was not finished when the worker stops is anybody's at once: others would else
        wait for a sign of it for a minute."""
        if not self.held:
            return
        log.warning("jobs_handed_back", priority=self.priority.value, jobs=len(self.held))
        try:
            await self._say_held(idle_ms=self._claim_after_ms)
        except (RedisError, OSError) as error:
            log.warning("jobs_not_handed_back", error=type(error).__name__)

    async def _say_held(self, *, idle_ms: int) -> None:
        """That what is held was last heard of so long ago."""
        await self.redis.xclaim(
            self.queue_name,
            GROUP,
            self.consumer_name,
            min_idle_time=0,
            message_ids=list(self.held),
            idle=idle_ms,
            justid=True,  # does not count as a delivery
        )

    async def _declare_group(self) -> None:
        try:
            with contextlib.suppress(ResponseError):  # it is there
                await self.redis.xgroup_create(self.queue_name, GROUP, id="0", mkstream=True)
            await self.redis.eval(scripts.FORGET, 1, self.queue_name, GROUP, SILENT_CONSUMER_MS)
        except (RedisError, OSError) as error:
            log.warning("jobs_queue_unreachable", error=type(error).__name__)

    async def _fresh(self) -> Delivery | None:
        """The next job that nobody was given yet."""
        found: Any = await self.redis.xreadgroup(
            GROUP, self.consumer_name, {self.queue_name: ">"}, count=1, block=READ_BLOCK_MS
        )
        for _, entries in found or ():
            for entry_id, fields in entries:
                return self._delivery(entry_id, fields, 1)
        return None

    async def _stale(self) -> Delivery | None:
        """A job that was given to a worker of which nothing is heard."""
        if time.monotonic() < self._claim_at:
            return None
        found: Any = await self.redis.xautoclaim(
            self.queue_name,
            GROUP,
            self.consumer_name,
            min_idle_time=self._claim_after_ms,
            start_id=self._claim_from,
            count=1,
        )
        self._claim_from = _text(found[0])
        if not found[1]:
            if self._claim_from == "0-0":  # seen them all
                self._claim_at = time.monotonic() + self._claim_look_s
            return None
        entry_id, fields = found[1][0]
        pending: Any = await self.redis.xpending_range(
            self.queue_name, GROUP, min=entry_id, max=entry_id, count=1
        )
        deliveries = int(pending[0]["times_delivered"]) if pending else 1
        log.warning("job_claimed", priority=self.priority.value, deliveries=deliveries)
        return self._delivery(entry_id, fields, deliveries)

    def _delivery(self, entry_id: Any, fields: dict[bytes, bytes], deliveries: int) -> Delivery:
        """An entry; of one that nobody of ours wrote, whatever can be used."""
        failed = fields.get(b"failed", b"").decode(errors="replace")
        attempt = fields.get(b"attempt", b"1")
        key = _text(entry_id)
        return Delivery(
            data=fields.get(b"data", b""),
            ack=_settled_elsewhere,
            entry_id=key,
            deliveries=deliveries,
            attempt=int(attempt) if attempt.isdigit() else 1,
            first_failed_at=_moment(failed),
        )


def _settled_elsewhere() -> None:
    """A job leaves its stream by `jobs.queue.settling`, in one step with what becomes of it."""


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
