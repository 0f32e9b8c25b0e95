"""The recurring job of statistics, as taskiq knows it."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from jobs.broker import JOB_TIMEOUT_S, JobsBroker, Priority, every
from jobs.performances.ports import SongStatistics

RECOUNT_EVERY_S = 6 * 3600
"""Half a second for 94,000 performances; at the worker's start too, which fills the statistics
of a database that is older than they are."""

log = structlog.get_logger(__name__)


def register(broker: JobsBroker, statistics: Callable[[], SongStatistics]) -> None:
    """Adds the job to a broker. ``statistics`` is asked when it runs, after the worker's start."""

    async def recount() -> None:
        await recount_statistics(statistics())

    broker.register_task(
        recount,
        task_name="performances.recount_statistics",
        priority=Priority.BULK,
        schedule=every(RECOUNT_EVERY_S),
        timeout=JOB_TIMEOUT_S,
    )


async def recount_statistics(statistics: SongStatistics) -> int:
    """Counts everything anew; says so if anything was not as it should be."""
    corrected = await statistics.recount()
    if corrected:
        log.warning("song_statistics_corrected", songs=corrected)
    return corrected
