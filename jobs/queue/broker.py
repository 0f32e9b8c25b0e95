"""Sending jobs: taskiq's broker, with a Redis stream for each priority.

A stream keeps a job until a worker has finished it; a worker that dies in the middle loses
nothing, another one claims what it had. Redis may be absent, stopped or emptied at any time: the
worker waits and goes on. So a job must bear being done twice, and what must not be lost is
written to the outbox in Postgres first.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import Any, Final, TypeAlias

import structlog
from redis.asyncio import Redis, RedisCluster
from redis.exceptions import RedisError
from taskiq import (
    AckableMessage,
    AsyncBroker,
    ScheduledTask,
    ScheduleSource,
    TaskiqScheduler,
)
from taskiq.exceptions import SendTaskError
from taskiq.message import BrokerMessage
from taskiq.schedule_sources import LabelScheduleSource

from jobs.queue import scripts
from rooms.operations.priorities import (
    DEFAULT,
    Priority,
    later_of,
    once_key,
    stream_of,
)

QUEUE_JOBS_MAX: Final = 100_000
"""Jobs of one priority that wait, run or will be tried again. Beyond, sending is refused: whoever
sends hears of it, and nothing that was sent is forgotten."""

JOB_BYTES_MAX: Final = 64 * 1024
"""One job with its arguments, which are ids and settings, never content."""

RECURRING_ONCE_MS: Final = 10 * 60 * 1000
"""A recurring job is not sent again while one waits, whoever sent it; for this long at most."""

CONNECTIONS_MAX: Final = 10

Connect: TypeAlias = Callable[[int], Redis | RedisCluster]
"""Makes a client with so many connections. Its timeouts are longer than calls that block for work
(`jobs.queue.lane.READ_BLOCK_MS`)."""

log = structlog.get_logger(__name__)


class QueueFull(Exception):
    """`QUEUE_JOBS_MAX` jobs of this priority are there already."""


class JobTooLarge(ValueError):
    """More than `JOB_BYTES_MAX`."""


class JobsBroker(AsyncBroker):
    """Knows every job, and sends them. Workers take them by `jobs.queue.lane.Lane`.

    Args:
        connect: to one server, a sentinel service or a cluster.
        consumer_name: the worker's name, for whoever looks at the streams.
        random: for the jitter of tries.
    """

    def __init__(
        self, connect: Connect, *, consumer_name: str, random: Callable[[], float]
    ) -> None:
        super().__init__()
        self.connect = connect
        self.consumer_name = consumer_name
        self.random = random
        self._redis: Any = connect(CONNECTIONS_MAX)

    async def shutdown(self) -> None:
        """Runs what belongs to the worker's end, and lets go of Redis."""
        await super().shutdown()
        await self._redis.aclose()

    async def kick(self, message: BrokerMessage) -> None:
        """Puts a job on the stream of its priority.

        Raises:
            QueueFull, JobTooLarge: it was not sent.
        """
        recurring = "schedule_id" in message.labels
        await self.send(
            Priority(message.labels.get("priority", DEFAULT)),
            message.message,
            once=f"recurring:{message.task_name}" if recurring else None,
            once_ms=RECURRING_ONCE_MS,
        )

    async def send(
        self, priority: Priority, data: bytes, *, once: str | None = None, once_ms: int = 0
    ) -> bool:
        """Puts a job on a stream; ``False``: ``once`` was said within the last ``once_ms``.

        Raises:
            QueueFull, JobTooLarge: it was not sent.
        """
        if len(data) > JOB_BYTES_MAX:
            raise JobTooLarge(f"{len(data)} bytes")
        sent: int = await self._redis.eval(
            scripts.SEND,
            3,
            stream_of(priority),
            later_of(priority),
            once_key(once or "-"),
            QUEUE_JOBS_MAX,
            once_ms if once else 0,
            data,
            1,
            "",
        )
        if sent < 0:
            raise QueueFull(priority.value)
        return bool(sent)

    def listen(self) -> AsyncGenerator[AckableMessage, None]:
        """Jobs are taken from a lane, which knows how often each was begun."""
        raise TypeError("jobs are taken from a jobs.queue.lane.Lane")


class JobsScheduler(TaskiqScheduler):
    """Sends recurring jobs; one that cannot be sent now is sent at its next time."""

    async def on_ready(self, source: ScheduleSource, task: ScheduledTask) -> None:
        """Sends one."""
        try:
            await super().on_ready(source, task)
        except (SendTaskError, RedisError, OSError) as error:
            log.warning("job_not_sent", job=task.task_name, error=type(error).__name__)


def create_broker(
    connect: Connect, *, consumer_name: str, random: Callable[[], float]
) -> JobsBroker:
    """A broker without jobs: domains register theirs."""
    return JobsBroker(connect, consumer_name=consumer_name, random=random)


def create_scheduler(broker: JobsBroker) -> JobsScheduler:
    """Sends the jobs whose labels say when. Every worker may run one: a recurring job that waits
    is not sent again."""
    return JobsScheduler(broker, [LabelScheduleSource(broker)])
