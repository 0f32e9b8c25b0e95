"""Doing jobs: each is begun, timed, and then finished, tried again later or set aside."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final

import structlog
from taskiq import AckableMessage, AsyncTaskiqDecoratedTask
from taskiq.message import TaskiqMessage
from taskiq.receiver import Receiver
from taskiq.result import TaskiqResult

from jobs.queue.lane import PLACES, Delivery, Lane
from jobs.queue.settling import Settling
from rooms.operations.dead_letters import Reason
from rooms.operations.retrying import DELIVERIES_MAX

FINISH_S: Final = 15.0
"""What a job may still take after the stop; a job that is cut off is taken up again."""

log = structlog.get_logger(__name__)


class LaneReceiver(Receiver):
    """taskiq's receiver of one lane. What differs is the end of a job: nothing is acknowledged
    before it is known where it went, and what cannot be done is kept instead of dropped."""

    def __init__(self, lane: Lane, settling: Settling) -> None:
        super().__init__(lane, max_async_tasks=PLACES[lane.priority], wait_tasks_timeout=FINISH_S)
        self._lane = lane
        self._settling = settling

    async def callback(self, message: bytes | AckableMessage, raise_err: bool = False) -> None:
        """Does one job. Raises nothing: what cannot be said to Redis now is claimed later."""
        assert isinstance(message, Delivery)
        task = asyncio.current_task()
        assert task is not None
        self._lane.doing[message.entry_id] = task
        try:
            await self._take(message)
        except Exception as error:
            log.error("job_not_settled", error=type(error).__name__)
        finally:
            self._lane.held.discard(message.entry_id)
            self._lane.doing.pop(message.entry_id, None)

    async def _take(self, delivery: Delivery) -> None:
        job = self._read(delivery.data)
        if job is None:
            await self._settling.unreadable(delivery)
            return
        task = self._lane.find_task(job.task_name)
        if task is None:
            await self._settling.refused(delivery, job, Reason.UNKNOWN, "No worker knows this job.")
            return
        if delivery.deliveries > DELIVERIES_MAX:
            await self._settling.refused(
                delivery, job, Reason.LOST, "Its worker was lost each time."
            )
            return
        await self._do(delivery, job, task)

    async def _do(
        self, delivery: Delivery, job: TaskiqMessage, task: AsyncTaskiqDecoratedTask[Any, Any]
    ) -> None:
        await self._settling.begun(job)
        begun = time.perf_counter()
        error = await self._run(job, task)
        seconds = time.perf_counter() - begun
        if isinstance(error, asyncio.CancelledError):
            return  # the worker ends: the job is handed to another
        if error is None:
            await self._settling.done(delivery, job, seconds)
        else:
            await self._settling.failed(delivery, job, task, error, seconds)

    async def _run(
        self, job: TaskiqMessage, task: AsyncTaskiqDecoratedTask[Any, Any]
    ) -> BaseException | None:
        try:
            result: TaskiqResult[Any] = await self.run_task(task.original_func, job)
        except Exception as error:  # its arguments are none that the job takes
            return error
        return result.error

    def _read(self, data: bytes) -> TaskiqMessage | None:
        try:
            job = self._lane.formatter.loads(data)
            job.parse_labels()
        except Exception:
            return None
        return job
