"""A node behind a real port, in this process."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from server.app import create_app
from server.cli.web import web_node
from server.settings import Settings


@asynccontextmanager
async def served_app(settings: Settings) -> AsyncIterator[str]:
    """Its ``host:port``. Whoever connects waits until it has started."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = web_node(settings, create_app(settings))
    # Not `serve`: the test's own signal handlers stay.
    task = asyncio.create_task(server._serve([listener]))
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
