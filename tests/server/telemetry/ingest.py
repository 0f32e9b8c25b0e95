"""Sentry's door for tests: takes envelopes on the loopback and remembers their events."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.patience import PATIENT_S

KEY = "0123456789abcdef0123456789abcdef"


@dataclass
class Ingest:
    """Where to report to, and what came."""

    dsn: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    raw: bytes = b""
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, holds: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        """Waits for events."""
        async with asyncio.timeout(PATIENT_S):
            while not holds(self.events):
                self._came.clear()
                await self._came.wait()
        return self.events

    async def take(self, request: web.Request) -> web.Response:
        """``POST /api/{project}/envelope/``: a line of headers, then items of a line each."""
        assert KEY in request.headers["X-Sentry-Auth"]
        body = await request.read()
        if body[:2] == b"\x1f\x8b":
            body = gzip.decompress(body)
        self.raw += body
        rest = body.split(b"\n", 1)[1]
        while rest.strip():
            head, rest = rest.split(b"\n", 1)
            item = json.loads(head)
            size = item.get("length")
            payload, rest = (rest[:size], rest[size + 1 :]) if size else rest.split(b"\n", 1)
            if item["type"] == "event":
                self.events.append(json.loads(payload))
        self._came.set()
        return web.json_response({"id": "0" * 32})


@asynccontextmanager
async def ingest() -> AsyncIterator[Ingest]:
    """One that runs."""
    found = Ingest()
    app = web.Application()
    app.router.add_post("/api/1/envelope/", found.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found.dsn = f"http://{KEY}@127.0.0.1:{runner.addresses[0][1]}/1"
    try:
        yield found
    finally:
        await runner.cleanup()
