"""Which channels a node wants, and which of them Redis has confirmed on this connection."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from redis.exceptions import RedisError

ALIVE = "setroom:alive"
"""A channel that nobody publishes to. A connection without one cannot be listened on."""


class Subscriptions:
    """Outlives connections: `connected` subscribes to everything that is wanted."""

    def __init__(self) -> None:
        self._wanted: set[str] = {ALIVE}
        self._pubsub: Any = None
        self._waiting: dict[str, asyncio.Future[None]] = {}

    async def connected(self, pubsub: Any) -> None:
        """A new connection is there."""
        await pubsub.subscribe(*self._wanted)
        # Only from here on may `add` use it; what was added meanwhile is subscribed now.
        late = self._wanted - {channel.decode() for channel in pubsub.channels}
        self._pubsub = pubsub
        if late:
            await pubsub.subscribe(*late)

    def disconnected(self) -> None:
        """The connection is gone. Whoever waits for a confirmation waits no longer."""
        self._pubsub = None
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()

    async def add(self, channel: str, timeout_s: float) -> None:
        """Wants a channel. Returns once it is confirmed, or after ``timeout_s``."""
        self._wanted.add(channel)
        pubsub = self._pubsub
        if pubsub is None:
            return
        waiting = self._waiting.get(channel)
        if waiting is None:
            waiting = asyncio.get_running_loop().create_future()
            self._waiting[channel] = waiting
        with contextlib.suppress(RedisError, OSError, TimeoutError):
            async with asyncio.timeout(timeout_s):
                await pubsub.subscribe(channel)
                await asyncio.shield(waiting)

    async def remove(self, channel: str) -> None:
        """Does not want it any longer."""
        self._wanted.discard(channel)
        if self._pubsub is not None:
            with contextlib.suppress(RedisError, OSError, TimeoutError):
                await self._pubsub.unsubscribe(channel)

    def confirm(self, channel: str) -> None:
        """Redis says that it is subscribed."""
        waiting = self._waiting.pop(channel, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(None)
