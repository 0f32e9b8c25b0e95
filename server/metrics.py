"""``/metrics`` in the Prometheus text format, from a registry of this application's own."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final

import asyncpg
import structlog
from litestar import Response, get
from litestar.enums import ScopeType
from litestar.middleware.base import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from server.services import AppServices
from storage.outbox.outbox import PostgresOutbox

OUTBOX_TIMEOUT_S: Final = 1.0
"""For counting undelivered effects, by an index that holds only those."""

BUCKETS_S: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

log = structlog.get_logger(__name__)


class Metrics:
    """What this node counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "setroom_http_requests_total",
            "HTTP calls by method, route and status.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "setroom_http_request_seconds",
            "Seconds until the response began, by method and route.",
            ("method", "route"),
            buckets=BUCKETS_S,
            registry=self.registry,
        )
        self.rooms = Gauge(
            "setroom_rooms_loaded", "Rooms loaded on this node.", registry=self.registry
        )
        self.connections = Gauge(
            "setroom_connections", "Sockets open on this node.", registry=self.registry
        )
        self.bus_dropped = Gauge(
            "setroom_bus_messages_dropped",
            "Messages to other nodes that were never sent, since the start.",
            registry=self.registry,
        )
        self.pool_size = Gauge(
            "setroom_database_connections",
            "PostgreSQL connections of this node.",
            ("state",),
            registry=self.registry,
        )
        self.effects = Gauge(
            "setroom_outbox_effects",
            "Undelivered effects by kind: waiting, or dead after their last try.",
            ("kind", "state"),
            registry=self.registry,
        )
        self.effects_oldest = Gauge(
            "setroom_outbox_oldest_seconds",
            "Age of the oldest effect that waits, by kind.",
            ("kind",),
            registry=self.registry,
        )


class MetricsMiddleware(ASGIMiddleware):
    """Counts and times HTTP calls by the route's template, never by the address itself."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Wraps ``send``."""
        started = time.perf_counter()
        method = str(scope.get("method", ""))

        async def send_and_count(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = scope.get("path_template") or "none"
                self._metrics.requests.labels(method, route, str(message["status"])).inc()
                self._metrics.seconds.labels(method, route).observe(time.perf_counter() - started)
            await send(message)

        await next_app(scope, receive, send_and_count)


@get("/metrics", operation_id="metrics", include_in_schema=False)
async def metrics_page(services: AppServices) -> Response[bytes]:
    """The registry, with the gauges read now."""
    metrics = services.metrics
    rooms = services.node.rooms
    metrics.rooms.set(len(rooms))
    metrics.connections.set(sum(len(room.hub.connections()) for room in rooms))
    metrics.bus_dropped.set(getattr(services.node.bus, "dropped", 0))
    pool: Any = services.pool
    metrics.pool_size.labels("idle").set(pool.get_idle_size())
    metrics.pool_size.labels("open").set(pool.get_size())
    await _count_effects(metrics, pool)
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
