"""Makes what traces a process, from its settings; without ``SETROOM_OTLP_URL`` there is nothing.

This is the only module that imports OpenTelemetry's SDK, and it is imported only when it is used.
"""

from __future__ import annotations

import asyncio
import random
import time
from typing import Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased

from server.rooms.visit import Reading
from server.settings import Settings
from server.telemetry.doors import Calls, FollowedSession, TracingMiddleware
from server.telemetry.tracing import LINKS_MAX, RoomTracing
from server.version import VERSION

QUEUED_SPANS_MAX: Final = 2_048
"""Spans that wait for the exporter, about 1 MB; beyond, they are dropped."""

EXPORT_EVERY_MS: Final = 2_000
EXPORTED_SPANS_MAX: Final = 512
EXPORT_TIMEOUT_S: Final = 5.0
STOP_TIMEOUT_S: Final = 3.0


class Traces:
    """The traces of one process.

    Attributes:
        rooms: what its rooms tell.
        calls: follows HTTP calls.
    """

    def __init__(self, settings: Settings) -> None:
        self._provider = TracerProvider(
            # What is sampled is chosen at the doors, before anything is made of it.
            sampler=ParentBased(root=ALWAYS_ON),
            resource=Resource(
                {
                    "service.name": "setroom",
                    "service.version": VERSION,
                    "service.instance.id": settings.node_name,
                    "deployment.environment.name": settings.sentry_environment,
                }
            ),
            span_limits=SpanLimits(max_span_attributes=16, max_links=LINKS_MAX, max_events=4),
            shutdown_on_exit=False,
        )
        exporter = OTLPSpanExporter(
            endpoint=f"{settings.otlp_url.rstrip('/')}/v1/traces", timeout=EXPORT_TIMEOUT_S
        )
        self._provider.add_span_processor(
            BatchSpanProcessor(
                exporter,
                max_queue_size=QUEUED_SPANS_MAX,
                schedule_delay_millis=EXPORT_EVERY_MS,
                max_export_batch_size=EXPORTED_SPANS_MAX,
                export_timeout_millis=int(EXPORT_TIMEOUT_S * 1000),
            )
        )
        self._tracer = self._provider.get_tracer("setroom", VERSION)
        self._sample = settings.trace_sample
        self.rooms = RoomTracing(self._tracer)
        self.calls = Calls(self._tracer, self._sample, random.random, time.monotonic)

    def middleware(self) -> TracingMiddleware:
        """Follows HTTP calls that the framework routes."""
        return TracingMiddleware(self.calls)

    def following(self, session: Reading) -> FollowedSession:
        """Follows a socket's frames."""
        return FollowedSession(session, self.rooms, self._sample, random.random)

    async def close(self) -> None:
        """Exports what is left, if the collector takes it soon."""
        try:
            async with asyncio.timeout(STOP_TIMEOUT_S):
                await asyncio.to_thread(self._provider.shutdown)
        except TimeoutError:
            pass  # its thread is a daemon: the process ends without it
