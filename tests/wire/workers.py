"""Worker processes beside the node, and waiting for what they do."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import asyncpg

from tests.browser.site import SECRET_KEY

WAIT_S = 60.0
"""A worker needs some seconds to start; a loaded machine takes longer."""

NO_REDIS = "redis://127.0.0.1:1/0"
"""Port 1 of the loopback: nobody listens there."""


@contextmanager
def worker(
    database_url: str, redis_url: str = NO_REDIS, settings: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process. Without Redis by default: effects need the database alone.

    Args:
        settings: further variables of its environment.
    """
    clean = {name: text for name, text in os.environ.items() if not name.startswith("SETROOM_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "server.cli", "worker"],
        env=clean
        | {
            "SETROOM_DATABASE_URL": database_url,
            "SETROOM_REDIS_URL": redis_url,
            "SETROOM_SECRET_KEY": SECRET_KEY,
            "SETROOM_LOG_LEVEL": "error",
        }
        | dict(settings or {}),
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def load_archives(database_url: str) -> None:
    """``setroom load-archive``."""
    clean = {key: text for key, text in os.environ.items() if not key.startswith("SETROOM_")}
    environment = clean | {
        "SETROOM_DATABASE_URL": database_url,
        "SETROOM_REDIS_URL": NO_REDIS,
        "SETROOM_SECRET_KEY": SECRET_KEY,
    }
    command = [sys.executable, "-m", "server.cli", "load-archive", "--packaged"]
    subprocess.run(command, env=environment, check=True, capture_output=True)


def until(what: str, check: Callable[[], Any]) -> Any:
    """The first answer that is true."""
    ends_at = time.monotonic() + WAIT_S
    while time.monotonic() < ends_at:
        if found := check():
            return found
        time.sleep(0.1)
    raise AssertionError(f"not in time: {what}")


def ask(url: str, query: str, *values: object) -> Any:
    """One value."""

    async def run() -> Any:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(query, *values)
        finally:
            await connection.close()

    return asyncio.run(run())
