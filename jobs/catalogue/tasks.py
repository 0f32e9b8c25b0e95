"""The recurring job of the catalogue, as taskiq knows it."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from jobs.broker import JOB_TIMEOUT_S, JobsBroker, Priority, every
from rooms.catalogue.ports import Venues

LOCATE_EVERY_S = 24 * 3600
"""Venues are located as they are made: this is for those that are older than the gazetteer."""

log = structlog.get_logger(__name__)


def register(broker: JobsBroker, venues: Callable[[], Venues]) -> None:
    """Adds the job to a broker. ``venues`` is asked when it runs, after the worker's start."""

    async def locate() -> None:
        await locate_venues(venues())

    broker.register_task(
        locate,
        task_name="catalogue.locate_venues",
        priority=Priority.BULK,
        schedule=every(LOCATE_EVERY_S),
        timeout=JOB_TIMEOUT_S,
    )


async def locate_venues(venues: Venues) -> int:
    """Gives venues their coordinates; how many had none."""
    located = await venues.locate()
    if located:
        log.info("venues_located", venues=located)
    return located
