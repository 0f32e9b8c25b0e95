"""``/health/live`` and ``/health/ready``."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

import asyncpg
from litestar import Controller, Response, get
from msgspec import Struct
from redis.exceptions import RedisError

from server.services import AppServices, Services
from storage.migrate import known_migrations
from storage.piccolo_app import APP_NAME

CHECK_TIMEOUT_S: Final = 2.0

Answer = TypeVar("Answer")


class Live(Struct, frozen=True):
    """The process answers."""

    status: str = "ok"


class Ready(Struct, frozen=True):
    """Whether it can serve, and what each part of it says.

    ``status``: ``ok``; ``degraded``: it serves, but nodes hear of each other later (Redis);
    ``unavailable``: it cannot serve.
    """

    status: str
    database: str
    migrations: str
    redis: str
    node: str


class HealthController(Controller):
    """For load balancers and people."""

    path = "/health"
    tags = ("operations",)

    @get("/live", operation_id="live", summary="The process answers")
    async def live(self) -> Live:
        """Always 200: a process that cannot answer does not."""
        return Live()

    @get("/ready", operation_id="ready", summary="It can serve")
    async def ready(self, services: AppServices) -> Response[Ready]:
        """200 only when it can serve; 503 otherwise, and while it drains."""
        database, migrations, redis = await asyncio.gather(
            _said(services.pool.fetchval("SELECT 1")),
            _migrations(services),
            _said(_ping(services)),
        )
        if services.draining or database != "ok" or migrations != "ok":
            status = "unavailable"
        else:
            status = "ok" if redis == "ok" else "degraded"
        return Response(
            Ready(
                status=status,
                database=database,
                migrations=migrations,
                redis=redis,
                node="draining" if services.draining else "ok",
            ),
            status_code=503 if status == "unavailable" else 200,
        )


_given_up: Final[set[asyncio.Future[Any]]] = set()
"""Checks that have been given up and are still ending."""


async def _in_time(check: Coroutine[Any, Any, Answer]) -> Answer:
    """The check's answer. One that is late is not waited for, not even until it has ended: a
    statement on a silent connection takes longer to give up than a load balancer waits.

    Raises:
        TimeoutError: it is late.
    """
    task = asyncio.create_task(check)
    try:
        done, _ = await asyncio.wait({task}, timeout=CHECK_TIMEOUT_S)
    except asyncio.CancelledError:
        task.cancel()
        raise
    if done:
        return task.result()
    task.cancel()
    _given_up.add(task)
    task.add_done_callback(_ended)
    raise TimeoutError


def _ended(task: asyncio.Future[Any]) -> None:
    _given_up.discard(task)
    if not task.cancelled():
        task.exception()  # said already


async def _ping(services: Services) -> None:
    await services.redis.ping()


async def _said(check: Coroutine[Any, Any, Any]) -> str:
    try:
        await _in_time(check)
    except (OSError, TimeoutError, RedisError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return "unreachable"
    return "ok"


async def _migrations(services: Services) -> str:
    query = "SELECT name FROM migration WHERE app_name = $1"
    try:
        rows: list[Any] = await _in_time(services.pool.fetch(query, APP_NAME))
        done = {row["name"] for row in rows}
    except asyncpg.UndefinedTableError:
        done = set()
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return "unknown"
    missing = known_migrations() - done
    return "ok" if not missing else f"{len(missing)} pending"
