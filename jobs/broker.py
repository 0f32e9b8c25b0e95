"""What a domain needs to register its jobs: the broker, priorities and times.

::

    broker.register_task(
        send, task_name="messaging.send", priority=Priority.URGENT, timeout=JOB_TIMEOUT_S
    )

Labels: ``priority`` (without: `Priority.NORMAL`), ``schedule`` (`every`, `daily`), ``timeout`` in
seconds, ``attempts_max`` (without: `rooms.operations.retrying.ATTEMPTS_MAX`).
"""

from __future__ import annotations

from typing import Any

from jobs.queue.broker import JobsBroker, JobsScheduler, create_broker, create_scheduler
from rooms.operations.priorities import Priority

JOB_TIMEOUT_S = 8 * 60
"""A job is cancelled after this; the recurring ones take seconds."""


def every(seconds: int) -> list[dict[str, Any]]:
    """A ``schedule`` label: at the worker's start and then every so many seconds."""
    return [{"interval": seconds}]


def daily(hour: int, minute: int) -> list[dict[str, Any]]:
    """A ``schedule`` label: once a day, UTC."""
    return [{"cron": f"{minute} {hour} * * *"}]


__all__ = [
    "JOB_TIMEOUT_S",
    "JobsBroker",
    "JobsScheduler",
    "Priority",
    "create_broker",
    "create_scheduler",
    "daily",
    "every",
]
