"""Jobs that cannot be done: unreadable ones, and some that nobody knows.

Put into Valkey as they would be by a node of another version. The worker has to set aside what
can never be done, and to go on with everything else. Jobs that hang or kill their worker need a
worker with such jobs: ``tests/jobs/queue`` has one.
"""

from __future__ import annotations

import asyncio
import time

import asyncpg
import msgspec
from redis.asyncio import Redis

from loadtests.faults.stage import Stage
from loadtests.wire.ids import uuid7

STREAM = "{setroom:jobs}:urgent"
TIMES = 5
SET_ASIDE_TIMEOUT_S = 60.0


def _job(task: str, args: list[object]) -> bytes:
    job = {"task_id": uuid7(), "task_name": task, "labels": {}, "args": args, "kwargs": {}}
    return msgspec.json.encode(job)


async def jobs(stage: Stage) -> float:
    """Puts a bad job of each kind, several times, and waits until what never can be is aside."""
    async with Redis.from_url(stage.valkey.url) as redis:
        before = await _set_aside(stage)
        for _ in range(TIMES):
            for bad in (b"\xff\x00 not a job", b"{}", _job("no_such_job", []), _job("", [1, 2])):
                await redis.xadd(STREAM, {"data": bad, "attempt": 1, "failed": ""})
        began = time.monotonic()
        async with asyncio.timeout(SET_ASIDE_TIMEOUT_S):
            while (  # noqa: ASYNC110 another process
                await redis.xlen(STREAM) or await _set_aside(stage) == before
            ):
                await asyncio.sleep(0.05)
    return began


async def _set_aside(stage: Stage) -> int:
    connection = await asyncpg.connect(stage.postgres.url)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM dead_jobs"))
    finally:
        await connection.close()
