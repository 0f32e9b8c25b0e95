"""An OpenTelemetry collector for tests: takes OTLP over HTTP on the loopback and remembers it."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from tests.patience import PATIENT_S


@dataclass
class Seen:
    """A span as it came, with the node that it came from."""

    node: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, Any]
    links: list[str]
    lasted_ns: int


@dataclass
class Collector:
    """Where to export to, and what came."""

    url: str = ""
    spans: list[Seen] = field(default_factory=list)
    raw: bytes = b""
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, holds: Callable[[list[Seen]], bool]) -> list[Seen]:
        """Waits for spans."""
        async with asyncio.timeout(PATIENT_S):
            while not holds(self.spans):
                self._came.clear()
                await self._came.wait()
        return self.spans

    async def take(self, request: web.Request) -> web.Response:
        """``POST /v1/traces``."""
        body = await request.read()
        if body[:2] == b"\x1f\x8b":
            body = gzip.decompress(body)
        self.raw += body
        export = ExportTraceServiceRequest.FromString(body)
        for of_resource in export.resource_spans:
            resource = _attributes(of_resource.resource.attributes)
            for of_scope in of_resource.scope_spans:
                self.spans += [_seen(resource, span) for span in of_scope.spans]
        self._came.set()
        answer = ExportTraceServiceResponse().SerializeToString()
        return web.Response(body=answer, content_type="application/x-protobuf")


@asynccontextmanager
async def collector() -> AsyncIterator[Collector]:
    """One that runs."""
    found = Collector()
    app = web.Application()
    app.router.add_post("/v1/traces", found.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    found.url = f"http://127.0.0.1:{port}"
    try:
        yield found
    finally:
        await runner.cleanup()


def _attributes(pairs: Any) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}


def _seen(resource: dict[str, Any], span: Any) -> Seen:
    return Seen(
        node=resource["service.instance.id"],
        name=span.name,
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        attributes=_attributes(span.attributes),
        links=[link.span_id.hex() for link in span.links],
        lasted_ns=span.end_time_unix_nano - span.start_time_unix_nano,
    )
