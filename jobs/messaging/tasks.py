"""Recurring jobs of messaging. Sending is none of them: lanes need the database alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from jobs.broker import JOB_TIMEOUT_S, JobsBroker, Priority, daily, every
from jobs.messaging.reconciliation import Reconciliation

RECONCILE_EVERY_S = 3600
"""Today is compared so often: a broadcast whose callbacks were lost is right within the hour."""

log = structlog.get_logger(__name__)


class Kept(Protocol):
    """Forgets what is not needed any more."""

    async def forget(self) -> int:
        """How many texts were."""
        ...


@dataclass(frozen=True)
class Messaging:
    """What the jobs work on. ``reconciliation`` is ``None`` where texts are switched off."""

    reconciliation: Reconciliation | None
    kept: Kept


def register(broker: JobsBroker, messaging: Callable[[], Messaging]) -> None:
    """Adds the jobs to a broker."""

    async def reconcile() -> int:
        """Compares yesterday and today with the carrier's list; how many were mended."""
        reconciliation = messaging().reconciliation
        if reconciliation is None:
            return 0
        return sum(found.mended for found in await reconciliation.run())

    async def forget() -> int:
        """Forgets old texts; how many."""
        forgotten = await messaging().kept.forget()
        log.info("message_texts_forgotten", messages=forgotten)
        return forgotten

    broker.register_task(
        reconcile,
        task_name="messaging.reconcile",
        schedule=every(RECONCILE_EVERY_S),
        priority=Priority.BULK,
        timeout=JOB_TIMEOUT_S,
    )
    broker.register_task(
        forget,
        task_name="messaging.forget",
        schedule=daily(4, 40),
        priority=Priority.BULK,
        timeout=JOB_TIMEOUT_S,
    )
