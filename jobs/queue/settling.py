"""Where a job goes after a try."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import msgspec
import structlog
from taskiq import AsyncTaskiqDecoratedTask
from taskiq.message import TaskiqMessage

from jobs.queue import scripts
from jobs.queue.lane import Delivery, Lane
from rooms.operations.dead_letters import (
    ERROR_CHARACTERS_MAX,
    PAYLOAD_BYTES_MAX,
    DeadJob,
    DeadJobs,
    Reason,
)
from rooms.operations.priorities import (
    COUNTS_KEY,
    GROUP,
    STREAKS_KEY,
    Outcome,
    count_field,
    once_key,
    seconds_fields,
)
from rooms.operations.retrying import ATTEMPTS_MAX, FAILURES_IN_A_ROW_MAX, retry_after_s

FREQUENT_S: Final = 3600
"""A recurring job that comes again within this time is its own next try."""

PROMOTED_MAX: Final = 500
"""Jobs put back at once; the others a moment later."""

log = structlog.get_logger(__name__)


class Settling:
    """Finishes jobs of one lane, puts them off, or sets them aside.

    Args:
        dead_jobs: asked when a job is set aside, after the worker's start.
        now: the database's clock, as every worker has it.
        random: a number from 0 up to 1, another one each time.
    """

    def __init__(
        self,
        lane: Lane,
        dead_jobs: Callable[[], DeadJobs],
        now: Callable[[], datetime],
        random: Callable[[], float],
    ) -> None:
        self._lane = lane
        self._dead_jobs = dead_jobs
        self._now = now
        self._random = random
        self._redis = lane.redis

    async def begun(self, job: TaskiqMessage) -> None:
        """A recurring job no longer waits: the next one may be sent."""
        if _is_recurring(job):
            await self._redis.delete(once_key(f"recurring:{job.task_name}"))

    async def done(self, delivery: Delivery, job: TaskiqMessage, seconds: float) -> None:
        """It worked."""
        if _is_recurring(job):
            streak: Any = self._redis.hdel(STREAKS_KEY, job.task_name, _since(job.task_name))
            await streak
        await self._settle(delivery, job.task_name, Outcome.DONE, seconds)

    async def failed(
        self,
        delivery: Delivery,
        job: TaskiqMessage,
        task: AsyncTaskiqDecoratedTask[Any, Any],
        error: BaseException,
        seconds: float,
    ) -> None:
        """It raised: again later, by its schedule, or never."""
        said = f"{type(error).__name__}: {error}"
        if _is_recurring(job) and _comes_again_soon(task):
            await self._failed_in_a_row(delivery, job, error, seconds)
            return
        now = self._now()
        attempts_max = int(job.labels.get("attempts_max", ATTEMPTS_MAX))
        wait_s = retry_after_s(delivery.attempt, self._random(), attempts_max)
        if wait_s is None:
            dead = self._dead(delivery, job, Reason.FAILED, said, delivery.attempt)
            await self._bury(delivery, dead, seconds, error)
            return
        log.warning(
            "job_failed",
            job=job.task_name,
            error=type(error).__name__,
            attempt=delivery.attempt,
            retry_after_s=round(wait_s, 1),
        )
        again = {
            "data": delivery.data.decode(),
            "attempt": str(delivery.attempt + 1),
            "failed": (delivery.first_failed_at or now).isoformat(),
        }
        await self._settle(
            delivery,
            job.task_name,
            Outcome.RETRIED,
            seconds,
            due=now.timestamp() + wait_s,
            member=msgspec.json.encode(again),
        )

    async def refused(
        self, delivery: Delivery, job: TaskiqMessage, reason: Reason, error: str
    ) -> None:
        """It is not even begun."""
        attempts = delivery.deliveries - 1 if reason is Reason.LOST else delivery.attempt - 1
        await self._bury(delivery, self._dead(delivery, job, reason, error, attempts))

    async def unreadable(self, delivery: Delivery) -> None:
        """Nobody can say what it is."""
        now = self._now()
        dead = DeadJob(
            job_key=f"{self._lane.queue_name}:{delivery.entry_id}",
            task="?",
            priority=self._lane.priority,
            reason=Reason.MALFORMED,
            error="It cannot be read.",
            attempts=0,
            first_failed_at=now,
            last_failed_at=now,
            payload=delivery.data[:PAYLOAD_BYTES_MAX],
        )
        await self._bury(delivery, dead)

    async def promote(self) -> int:
        """Puts back what is due; how many there were."""
        count: Any = await self._redis.eval(
            scripts.PROMOTE,
            2,
            self._lane.queue_name,
            self._lane.later,
            repr(self._now().timestamp()),
            PROMOTED_MAX,
        )
        return int(count)

    async def _failed_in_a_row(
        self, delivery: Delivery, job: TaskiqMessage, error: BaseException, seconds: float
    ) -> None:
        """A job that comes again by itself: shown once it fails and fails."""
        now, redis = self._now(), self._redis
        pipe = redis.pipeline()
        pipe.hincrby(STREAKS_KEY, job.task_name, 1)
        pipe.hsetnx(STREAKS_KEY, _since(job.task_name), now.isoformat())
        pipe.hget(STREAKS_KEY, _since(job.task_name))
        failures, _, since = await pipe.execute()
        log.warning("job_failed", job=job.task_name, failures=failures)
        if failures < FAILURES_IN_A_ROW_MAX:
            await self._settle(delivery, job.task_name, Outcome.RETRIED, seconds)
            return
        said = f"{type(error).__name__}: {error}"
        dead = self._dead(delivery, job, Reason.FAILED, said, failures)
        since_at = datetime.fromisoformat(since.decode())
        dead = msgspec.structs.replace(dead, first_failed_at=since_at)
        await self._bury(delivery, dead, seconds, error)

    def _dead(
        self, delivery: Delivery, job: TaskiqMessage, reason: Reason, error: str, attempts: int
    ) -> DeadJob:
        now = self._now()
        key = f"recurring:{job.task_name}" if _is_recurring(job) else job.task_id
        return DeadJob(
            job_key=key[:200],
            task=job.task_name[:200],
            priority=self._lane.priority,
            reason=reason,
            error=error.replace("\0", "")[:ERROR_CHARACTERS_MAX],
            attempts=attempts,
            first_failed_at=delivery.first_failed_at or now,
            last_failed_at=now,
            message=msgspec.json.decode(delivery.data, type=dict[str, Any]),
        )

    async def _bury(
        self,
        delivery: Delivery,
        dead: DeadJob,
        seconds: float | None = None,
        error: BaseException | None = None,
    ) -> None:
        # First kept, then taken off the stream: between the two it is there twice, never nowhere.
        await self._dead_jobs().bury(dead)
        log.error(
            "job_dead",
            job=dead.task,
            reason=dead.reason.value,
            attempts=dead.attempts,
            exc_info=error,
        )
        known = dead.task if dead.reason in (Reason.FAILED, Reason.LOST) else "unknown"
        await self._settle(delivery, known, Outcome.DEAD, seconds)

    async def _settle(
        self,
        delivery: Delivery,
        task: str,
        outcome: Outcome,
        seconds: float | None,
        *,
        due: float | None = None,
        member: bytes = b"",
    ) -> None:
        counted: dict[str, float] = {count_field(outcome, self._lane.priority, task): 1}
        if seconds is not None:
            counted |= seconds_fields(self._lane.priority, seconds)
        await self._redis.eval(
            scripts.SETTLE,
            3,
            self._lane.queue_name,
            self._lane.later,
            COUNTS_KEY,
            GROUP,
            delivery.entry_id,
            "" if due is None else repr(due),
            member,
            *(part for field, amount in counted.items() for part in (field, repr(amount))),
        )


def _is_recurring(job: TaskiqMessage) -> bool:
    """Whether its schedule sent it."""
    return "schedule_id" in job.labels


def _comes_again_soon(task: AsyncTaskiqDecoratedTask[Any, Any]) -> bool:
    intervals = [
        one["interval"]
        for one in task.labels.get("schedule", ())
        if one.get("interval") is not None
    ]
    return any(interval <= FREQUENT_S for interval in intervals)


def _since(task: str) -> str:
    return f"{task}|since"
