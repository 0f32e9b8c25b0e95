"""``GET /metrics``: the registry, with the gauges read at that moment."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import asyncpg
import structlog
from litestar import Response, get
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.exceptions import RedisError

from server.metrics import Metrics
from server.operations.metrics import JobMetrics
from server.services import AppServices, Services
from storage.messaging.counting import PostgresMessageCounts
from storage.operations.dead_letters import DeadLetters
from storage.operations.nodes import PostgresNodes
from storage.operations.queues import RedisQueues
from storage.outbox.outbox import PostgresOutbox

OUTBOX_TIMEOUT_S: Final = 1.0
"""For counting undelivered effects, by an index that holds only those."""

JOBS_TIMEOUT_S: Final = 1.0
"""For looking at three streams and one hash, and for counting dead letters by their indices."""

MESSAGES_TIMEOUT_S: Final = 1.0
"""For counting open messages, by an index that holds only those."""

NODES_TIMEOUT_S: Final = 1.0
"""For one row per process."""

log = structlog.get_logger(__name__)


@get("/metrics", operation_id="metrics", include_in_schema=False)
async def metrics_page(services: AppServices) -> Response[bytes]:
    """The registry, with the gauges read now."""
    metrics = services.metrics
    pool: Any = services.pool
    metrics.pool_size.labels("idle").set(pool.get_idle_size())
    metrics.pool_size.labels("open").set(pool.get_size())
    await _count_effects(metrics, pool)
    await _look_at_jobs(metrics.jobs, services)
    await _count_messages(metrics, pool)
    await _count_nodes(metrics, pool)
    return Response(
        generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
    )


async def _count_effects(metrics: Metrics, pool: Any) -> None:
    """Sets the outbox's gauges; without the database there are none rather than old ones."""
    metrics.effects.clear()
    metrics.effects_oldest.clear()
    try:
        async with asyncio.timeout(OUTBOX_TIMEOUT_S):
            counts = await PostgresOutbox(pool).counts()
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        log.warning("outbox_not_counted", error=type(error).__name__)
        return
    for count in counts:
        metrics.effects.labels(count.kind, "waiting").set(count.waiting)
        metrics.effects.labels(count.kind, "dead").set(count.dead)
        metrics.effects_oldest.labels(count.kind).set(count.oldest_s)


async def _look_at_jobs(jobs: JobMetrics, services: Services) -> None:
    """Sees what there is; without Redis or the database there is nothing rather than old news."""
    jobs.workload = jobs.dead = None
    try:
        async with asyncio.timeout(JOBS_TIMEOUT_S):
            jobs.workload = await RedisQueues(services.redis).workload()
            jobs.dead = await DeadLetters(services.pool).counts()
    except (
        OSError,
        TimeoutError,
        RedisError,
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
    ) as error:
        log.warning("jobs_not_counted", error=type(error).__name__)


async def _count_nodes(metrics: Metrics, pool: Any) -> None:
    """Counts processes; without the database nobody knows."""
    metrics.rooms.listed = None
    try:
        async with asyncio.timeout(NODES_TIMEOUT_S):
            metrics.rooms.listed = await PostgresNodes(pool).counts()
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        log.warning("nodes_not_counted", error=type(error).__name__)


async def _count_messages(metrics: Metrics, pool: Any) -> None:
    """Sets the gauges of messages; without the database there are none."""
    counts = None
    try:
        async with asyncio.timeout(MESSAGES_TIMEOUT_S):
            counts = await PostgresMessageCounts(pool).counts()
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        log.warning("messages_not_counted", error=type(error).__name__)
    metrics.messages.set(counts)
