"""A number's pace, shared by every process (`rooms.messaging.ports.Throughput`).

The generic cell rate algorithm (ITU-T I.371): Redis keeps for each number the moment at which its
last turn ends, by Redis's own clock, so that processes need not agree about the time. Without Redis
each process keeps its own moment, and takes only a part of what the number may send.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, Final

import structlog
from redis.exceptions import RedisError

from rooms import limits
from rooms.messaging.senders import Sender
from storage.redis.clients import AnyRedis

KEY: Final = "setroom:sender:"
MICROSECONDS: Final = 1_000_000

REDIS_AWAY_S: Final = 2.0
"""After a failure Redis is not asked again for so long: each try may take its whole timeout."""

# KEYS[1]: the moment, microseconds. ARGV: microseconds of this turn; how far ahead it may lie;
# whether it is taken in any case. Answers microseconds until the turn, or -1.
SCRIPT: Final = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local free = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local wait = free - now
if wait > tonumber(ARGV[2]) and ARGV[3] == '0' then return -1 end
free = math.min(free + tonumber(ARGV[1]), now + 60000000)
redis.call('SET', KEYS[1], string.format('%.0f', free),
           'PX', math.ceil((free - now) / 1000) + 1000)
return wait
"""

log = structlog.get_logger(__name__)


class LocalPace:
    """One process's part of each number's throughput.

    Args:
        monotonic: seconds, for durations.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._free: dict[str, float] = {}

    def turn(self, sender: Sender, segments: int, ahead_s: float, always: bool) -> float | None:
        """Seconds until the turn that was taken; ``None``: it is too far ahead."""
        now = self._monotonic()
        free = max(self._free.get(sender.address, now), now)
        if free - now > ahead_s and not always:
            return None
        self._free[sender.address] = free + segments * limits.LOCAL_SHARE / sender.per_second
        return free - now


class SharedThroughput:
    """Turns of senders, in Redis.

    Args:
        redis: with short timeouts: a webhook waits for it.
        monotonic: seconds, for what is done while Redis is away.
    """

    def __init__(self, redis: AnyRedis, monotonic: Callable[[], float]) -> None:
        self._redis = redis
        self._script: Any = redis.register_script(SCRIPT)
        self._monotonic = monotonic
        self._local = LocalPace(monotonic)
        self._away_until = 0.0

    async def reserve(self, sender: Sender, segments: int = 1) -> float | None:
        """Takes the next turn; seconds until it comes. ``None``: it is too far ahead."""
        return await self._turn(sender, segments, limits.TURN_AHEAD_S, False)

    async def take_now(self, sender: Sender, segments: int = 1) -> bool:
        """Takes a turn if there is one now."""
        return await self._turn(sender, segments, 0.0, False) is not None

    async def charge(self, sender: Sender, segments: int = 1) -> float:
        """Counts what goes in any case; seconds until the next turn after it."""
        wait = await self._turn(sender, segments, 0.0, True)
        assert wait is not None, "what goes in any case is never too far ahead"
        return wait + segments / sender.per_second

    async def _turn(
        self, sender: Sender, segments: int, ahead_s: float, always: bool
    ) -> float | None:
        segments = max(segments, 1)
        if self._monotonic() < self._away_until:
            return self._local.turn(sender, segments, ahead_s, always)
        try:
            wait: Any = await self._script(
                keys=[key_of(sender)],
                args=[
                    round(segments * MICROSECONDS / sender.per_second),
                    round(ahead_s * MICROSECONDS),
                    int(always),
                ],
            )
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("sender_pace_not_shared", error=type(error).__name__)
            self._away_until = self._monotonic() + REDIS_AWAY_S
            return self._local.turn(sender, segments, ahead_s, always)
        return None if wait < 0 else wait / MICROSECONDS


def key_of(sender: Sender) -> str:
    """Where a number's moment is; no number is in a key."""
    return KEY + hashlib.sha256(sender.address.encode()).hexdigest()[:32]
