"""The recurring jobs of accuracy, as taskiq knows them. Each bears being done twice at once."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from jobs.accuracy.refreshing import refresh_rooms
from jobs.accuracy.settling import follow_the_rule
from jobs.broker import JOB_TIMEOUT_S, JobsBroker, Priority, every
from rooms.accuracy.ports import RaterClusters, Settlements
from rooms.ports import Clock, RoomLog

REFRESH_EVERY_S = 20
FOLLOW_EVERY_S = 300


class Accuracy(Struct, frozen=True):
    """What the jobs work on."""

    room_log: RoomLog
    settlements: Settlements
    clusters: RaterClusters
    clock: Clock


def register(broker: JobsBroker, accuracy: Callable[[], Accuracy]) -> None:
    """Adds the jobs to a broker. ``accuracy`` is asked when one runs, after the worker's start."""

    async def refresh() -> None:
        parts = accuracy()
        await refresh_rooms(parts.clusters, parts.room_log, parts.clock)

    async def follow() -> None:
        parts = accuracy()
        await follow_the_rule(parts.settlements, parts.clock.now())

    for name, priority, seconds, job in (
        ("accuracy.refresh_ratings", Priority.URGENT, REFRESH_EVERY_S, refresh),
        ("accuracy.follow_the_rule", Priority.BULK, FOLLOW_EVERY_S, follow),
    ):
        broker.register_task(
            job, task_name=name, priority=priority, schedule=every(seconds), timeout=JOB_TIMEOUT_S
        )
