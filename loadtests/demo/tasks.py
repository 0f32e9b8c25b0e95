"""Small tasks of the demo: bounded in number, and none of them ends the night."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import aiohttp
import structlog

from loadtests.wire import ApiProblem, Refused, RoomLost
from loadtests.wire.edits import EditLost

logger = structlog.get_logger(__name__)

Result = TypeVar("Result")
TASKS_MAX = 400
"""Things that may be under way at once; more are left out (the server is away for long)."""
EXPECTED = (
    ApiProblem,
    EditLost,
    Refused,
    RoomLost,
    TimeoutError,
    aiohttp.ClientError,
    OSError,
)
"""What a newcomer, a crew member or a restart may do to a fan's small plan."""


class Guarded:
    """Starts tasks inside one task group and keeps their failures to a line in the log."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[object]] = set()

    def start(self, work: Coroutine[Any, Any, object], what: str) -> None:
        """Starts ``work``, or leaves it out when too much is under way."""
        if len(self._tasks) >= TASKS_MAX:
            work.close()
            return
        task: asyncio.Task[object] = asyncio.create_task(self.result(work, what))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def result(self, work: Coroutine[Any, Any, Result], what: str) -> Result | None:
        """Awaits ``work``; ``None`` where it failed in an expected way."""
        try:
            return await work
        except EXPECTED as error:
            logger.info("demo_step_failed", step=what, error=str(error) or type(error).__name__)
            return None

    async def stop(self) -> None:
        """Ends everything that is under way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
