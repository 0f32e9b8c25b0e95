"""The queue of background jobs: taskiq on Redis streams.

A stream keeps a job until a worker has acknowledged it; a worker that dies in the middle loses
nothing, another one claims what it had. (taskiq's list queue forgets a job when it is taken.)
Redis may be absent, stopped or emptied at any time: the worker waits and goes on. So a job must
bear being done twice, and what must not be lost is written to the outbox in Postgres first.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any

import structlog
from redis.exceptions import RedisError, ResponseError
from taskiq import AckableMessage, ScheduledTask, ScheduleSource, TaskiqScheduler
from taskiq.exceptions import SendTaskError
from taskiq.schedule_sources import LabelScheduleSource
from taskiq_redis import RedisStreamBroker

from rooms.backoff import Backoff

QUEUE = "setroom:jobs"
GROUP = "workers"

QUEUE_JOBS_MAX = 100_000
"""Older jobs are forgotten beyond this. Recurring ones come again, others are in the outbox."""

CLAIM_AFTER_MS = 10 * 60 * 1000
"""A job whose worker has not acknowledged it for this long is given to another. Longer than any
job may take (`JOB_TIMEOUT_S`), so that none is done by two at once."""

JOB_TIMEOUT_S = 8 * 60
"""A job is cancelled after this; the recurring ones take seconds."""

READ_JOBS_MAX = 10
"""Jobs that a worker takes at once; the rest stays for others."""

READ_BLOCK_MS = 2_000
CALL_TIMEOUT_S = 10.0
CONNECT_TIMEOUT_S = 2.0
CONNECTIONS_MAX = 60
"""One per job that is acknowledged at the same time, and a few."""

log = structlog.get_logger(__name__)


class JobsBroker(RedisStreamBroker):
    """A stream broker that outlives outages of Redis.

    Args:
        url: ``redis://…``; never logged.
        consumer_name: the worker's name; a restarted worker that has the same name takes up
            what it had begun.
        random: for the jitter of tries.
    """

    def __init__(self, url: str, *, consumer_name: str, random: Callable[[], float]) -> None:
        super().__init__(
            url,
            queue_name=QUEUE,
            consumer_group_name=GROUP,
            consumer_name=consumer_name,
            consumer_id="0",
            maxlen=QUEUE_JOBS_MAX,
            idle_timeout=CLAIM_AFTER_MS,
            unacknowledged_lock_timeout=CALL_TIMEOUT_S,
            xread_count=READ_JOBS_MAX,
            xread_block=READ_BLOCK_MS,
            max_connection_pool_size=CONNECTIONS_MAX,
            socket_timeout=CALL_TIMEOUT_S,
            socket_connect_timeout=CONNECT_TIMEOUT_S,
        )
        self._backoff = Backoff(random)

    async def _declare_consumer_group(self) -> None:
        try:
            await super()._declare_consumer_group()
        except (RedisError, OSError) as error:
            log.warning("jobs_queue_unreachable", error=type(error).__name__)

    async def listen(self) -> AsyncGenerator[AckableMessage, None]:
        """Jobs, for as long as the worker lives."""
        while True:
            try:
                async for message in super().listen():
                    self._backoff.reset()
                    yield message
            except ResponseError as error:
                # A Redis that was started empty has no group: make it again.
                log.warning("jobs_queue_reset", error=str(error)[:60])
                await self._declare_consumer_group()
                await asyncio.sleep(self._backoff.next_s())
            except (RedisError, OSError) as error:
                log.warning("jobs_queue_unreachable", error=type(error).__name__)
                await asyncio.sleep(self._backoff.next_s())


class JobsScheduler(TaskiqScheduler):
    """Sends recurring jobs; one that cannot be sent now is sent at its next time."""

    async def on_ready(self, source: ScheduleSource, task: ScheduledTask) -> None:
        """Sends one."""
        try:
            await super().on_ready(source, task)
        except (SendTaskError, RedisError, OSError) as error:
            log.warning("job_not_sent", job=task.task_name, error=type(error).__name__)


def create_broker(redis_url: str, *, consumer_name: str, random: Callable[[], float]) -> JobsBroker:
    """A broker without jobs: domains register theirs."""
    return JobsBroker(redis_url, consumer_name=consumer_name, random=random)


def create_scheduler(broker: JobsBroker) -> JobsScheduler:
    """Sends the jobs whose labels say when. Every worker may run one: jobs bear repetition."""
    return JobsScheduler(broker, [LabelScheduleSource(broker)])


def every(seconds: int) -> list[dict[str, Any]]:
    """A ``schedule`` label: at the worker's start and then every so many seconds."""
    return [{"interval": seconds}]


def daily(hour: int, minute: int) -> list[dict[str, Any]]:
    """A ``schedule`` label: once a day, UTC."""
    return [{"cron": f"{minute} {hour} * * *"}]
