"""Reads the queues of jobs from Redis, where workers keep their counts."""

from __future__ import annotations

from typing import Any

from rooms.operations.priorities import (
    COUNTS_KEY,
    GROUP,
    SECONDS,
    Outcome,
    Priority,
    later_of,
    stream_of,
)
from rooms.operations.queues import Durations, JobCount, Queue, Workload
from storage.redis.clients import AnyRedis

_EDGES = (*(str(edge) for edge in SECONDS), "+Inf")

# In one step, or a job would be seen both waiting and running. A stream that nobody has read from
# has no group: then everything waits.
_LOOK = """
local waiting, pending, oldest = redis.call('XLEN', KEYS[1]), 0, ''
local after = '-'
if waiting > 0 then
  for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
    local said = {}
    for i = 1, #group, 2 do said[group[i]] = group[i + 1] end
    if said['name'] == ARGV[1] then
      pending = said['pending']
      after = '(' .. said['last-delivered-id']
    end
  end
  local first = redis.call('XRANGE', KEYS[1], after, '+', 'COUNT', 1)
  if #first > 0 then oldest = first[1][1] end
end
local now = redis.call('TIME')
return {waiting - pending, pending, redis.call('ZCARD', KEYS[2]), oldest, now[1], now[2]}
"""


class RedisQueues:
    """Looks at the queues."""

    def __init__(self, redis: AnyRedis) -> None:
        self._redis = redis

    async def workload(self) -> Workload:
        """All of it.

        Raises:
            redis.exceptions.RedisError, OSError: Redis cannot be reached.
        """
        queues = tuple([await self._queue(priority) for priority in Priority])
        counts, durations = _read(await self._counts())
        return Workload(queues=queues, counts=counts, durations=durations)

    async def _queue(self, priority: Priority) -> Queue:
        redis: Any = self._redis
        found: Any = await redis.eval(_LOOK, 2, stream_of(priority), later_of(priority), GROUP)
        waiting, running, later, oldest, seconds, micros = found
        age = 0.0
        if oldest:
            sent = int(_text(oldest).partition("-")[0]) / 1000
            age = max(0.0, int(seconds) + int(micros) / 1e6 - sent)
        return Queue(
            priority=priority,
            waiting=max(0, waiting),
            running=running,
            later=later,
            oldest_s=round(age, 3),
        )

    async def _counts(self) -> dict[str, float]:
        redis: Any = self._redis
        found: Any = await redis.hgetall(COUNTS_KEY)
        return {_text(field): float(amount) for field, amount in found.items()}


def _read(fields: dict[str, float]) -> tuple[tuple[JobCount, ...], tuple[Durations, ...]]:
    counts = []
    for field, amount in sorted(fields.items()):
        kind, priority, name = field.split("|", 2)
        if kind in set(Outcome):
            counts.append(JobCount(name, Priority(priority), Outcome(kind), int(amount)))
    durations = tuple(
        Durations(
            priority=priority,
            buckets=tuple(int(fields.get(f"le|{priority}|{edge}", 0)) for edge in _EDGES),
            sum_s=fields.get(f"sum|{priority}|", 0.0),
        )
        for priority in Priority
    )
    return tuple(counts), durations


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
