"""``/metrics`` in the Prometheus text format, from a registry of this application's own."""

from __future__ import annotations

import time
from typing import Final

from litestar.enums import ScopeType
from litestar.middleware.base import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from server.messaging.metrics import MessageMetrics
from server.operations.metrics import JobMetrics
from server.operations.room_metrics import RoomMetrics
from server.sms.metrics import SmsMetrics

BUCKETS_S: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


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
        self.rooms = RoomMetrics(self.registry)
        self.process = ProcessCollector(namespace="setroom", registry=self.registry)
        self.jobs = JobMetrics(self.registry)
        self.messages = MessageMetrics(self.registry)
        self.sms = SmsMetrics(self.registry)


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
