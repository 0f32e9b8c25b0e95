"""The check of ``setroom doctor`` that looks at the queues of jobs and at dead letters."""

import asyncpg

from rooms.operations.dead_letters import Source
from rooms.operations.queues import Queue
from server.cli.checks import CONNECT_S, Finding, Verdict
from server.settings import Settings

OLDEST_S_MAX = {"urgent": 30.0, "normal": 10 * 60.0, "bulk": 6 * 3600.0}
"""A job that waits longer has no worker, or too few of them."""


async def queues(settings: Settings) -> list[Finding]:
    """Jobs that wait and dead letters; nothing where the stores cannot be reached, which other
    checks say."""
    from redis.exceptions import RedisError

    from storage.operations.dead_letters import DeadLetters
    from storage.operations.queues import RedisQueues
    from storage.redis.clients import connecting

    url = settings.database_url.reveal()
    try:
        async with connecting(settings.redis_url.reveal())(2) as redis:
            workload = await RedisQueues(redis).workload()
        async with asyncpg.create_pool(url, min_size=1, max_size=1, timeout=CONNECT_S) as pool:
            dead = await DeadLetters(pool).counts()
    except (OSError, TimeoutError, RedisError, asyncpg.PostgresError, ValueError):
        return []
    late = any(queue.oldest_s > OLDEST_S_MAX[queue.priority.value] for queue in workload.queues)
    said = "; ".join(_said(queue) for queue in workload.queues)
    found = [Finding("jobs", Verdict.NOTE if late else Verdict.GOOD, said)]
    counts = [f"{dead[source]} {source.value}s" for source in Source if dead[source]]
    if counts:
        what = f"{' and '.join(counts)} wait for somebody to retry or discard them"
        found.append(Finding("dead letters", Verdict.NOTE, what))
    return found


def _said(queue: Queue) -> str:
    parts = [f"{queue.priority.value}: {queue.waiting} waiting, {queue.running} running"]
    parts += [f"{queue.later} to be tried again"] if queue.later else []
    parts += [f"oldest {queue.oldest_s:.0f} s"] if queue.waiting else []
    return ", ".join(parts)
