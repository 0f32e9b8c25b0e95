"""One worker: three lanes side by side, each with places of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog
from redis.exceptions import RedisError

from jobs.queue.broker import JobsBroker
from jobs.queue.lane import CLAIM_AFTER_MS, CLAIM_LOOK_S, Lane
from jobs.queue.receiving import LaneReceiver
from jobs.queue.settling import Settling
from rooms.operations.dead_letters import DeadJobs
from rooms.operations.priorities import Priority
from rooms.tasks import end

PROMOTE_EVERY_S: Final = 1.0
"""Between two looks for what is due again."""

log = structlog.get_logger(__name__)


class JobsWorker:
    """Takes jobs until it is told to stop, then finishes those it has begun; what takes longer than
    `jobs.queue.receiving.FINISH_S` is cut off and handed back.

    Args:
        broker: with every job; started and shut down by this worker.
        dead_jobs: asked after the start.
        now: the database's clock; asked after the start.
        claim_after_ms: see `jobs.queue.lane.CLAIM_AFTER_MS`.
    """

    def __init__(
        self,
        broker: JobsBroker,
        dead_jobs: Callable[[], DeadJobs],
        now: Callable[[], datetime],
        *,
        claim_after_ms: int = CLAIM_AFTER_MS,
        claim_look_s: float = CLAIM_LOOK_S,
        promote_every_s: float = PROMOTE_EVERY_S,
    ) -> None:
        self._broker = broker
        self._promote_every_s = promote_every_s
        self._lanes = [
            Lane(broker, priority, claim_after_ms=claim_after_ms, claim_look_s=claim_look_s)
            for priority in Priority
        ]
        self._settlings = [Settling(lane, dead_jobs, now, broker.random) for lane in self._lanes]

    @property
    def running(self) -> int:
        """Jobs that are done now."""
        return sum(len(lane.held) for lane in self._lanes)

    async def run(self, stop: asyncio.Event) -> None:
        """Works until ``stop`` is set."""
        self._broker.is_worker_process = True
        await self._broker.startup()
        for lane in self._lanes:
            lane.stopping = stop
        along = [asyncio.create_task(lane.hold()) for lane in self._lanes]
        along.append(asyncio.create_task(self._promote()))
        try:
            async with asyncio.TaskGroup() as group:
                for lane, settling in zip(self._lanes, self._settlings, strict=True):
                    group.create_task(LaneReceiver(lane, settling).listen(stop))
        finally:
            await end(along)
            # All first: who hands a job back and still does it would do it beside another worker.
            await asyncio.gather(*(lane.cut_off() for lane in self._lanes))
            for lane in self._lanes:
                await lane.hand_back()
                await lane.shutdown()
            await self._broker.shutdown()

    async def _promote(self) -> None:
        while True:
            await asyncio.sleep(self._promote_every_s)
            for settling in self._settlings:
                try:
                    await settling.promote()
                except (RedisError, OSError) as error:
                    log.warning("jobs_not_promoted", error=type(error).__name__)
