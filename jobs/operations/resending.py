"""Puts a dead job back on its stream: the outbox's effect `rooms.operations.dead_letters.RUN_JOB`.

The effect is written in the transaction that takes the job off the page, so it is put back if and
only if it is taken off; and Redis is asked to take it once, so that an effect that is delivered
twice puts it back once.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import Struct

from jobs.queue.broker import JobsBroker, JobTooLarge
from rooms.operations.priorities import Priority
from rooms.outbox import Effect, EffectRefused

ONCE_MS: Final = 7 * 24 * 3600 * 1000
"""How long Redis remembers that a job was put back: longer than an effect is tried."""


class RunJob(Struct, frozen=True):
    """The effect's payload.

    Attributes:
        put_back_id: names this putting back, of which there may be several for one job.
        message: taskiq's message.
    """

    put_back_id: str
    priority: Priority
    message: dict[str, Any]


class ResendJobs:
    """Handles `RUN_JOB`."""

    def __init__(self, broker: JobsBroker) -> None:
        self._broker = broker

    async def __call__(self, effect: Effect) -> None:
        """Sends the job, unless that was done.

        Raises:
            EffectRefused: there is no such job.
        """
        try:
            told = msgspec.convert(effect.payload, RunJob)
            data = msgspec.json.encode(told.message)
            await self._broker.send(
                told.priority, data, once=f"put_back:{told.put_back_id}", once_ms=ONCE_MS
            )
        except (msgspec.ValidationError, JobTooLarge) as error:
            raise EffectRefused(str(error)) from error
