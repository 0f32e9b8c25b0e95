"""Which channels a node wants, and which of them Redis has confirmed on this connection."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from msgspec import Struct
from redis.exceptions import RedisError

ALIVE = "setroom:alive"
"""A channel that nobody publishes to. A connection without one cannot be listened on."""


class Verbs(Struct, frozen=True):
    """How messages are sent and heard: to everybody, or within the shard of the channel's slot.

    Attributes:
        publish: the command.
        subscribe: the command and, in lower case, redis-py's method and what Redis confirms by.
        message: what Redis calls a message.
    """

    publish: str
    subscribe: str
    unsubscribe: str
    message: str


PLAIN = Verbs("PUBLISH", "subscribe", "unsubscribe", "message")
SHARDED = Verbs("SPUBLISH", "ssubscribe", "sunsubscribe", "smessage")
"""Since Redis 7: what is published does not go to every node of the cluster."""


class Subscriptions:
    """Outlives connections: `connected` subscribes to everything that is wanted.

    Args:
        lapsed: called with a channel that is heard again after it was not, or that is heard
            later than whoever wanted it waited: what was said meanwhile is missing.
    """

    def __init__(self, verbs: Verbs, lapsed: Callable[[str], None]) -> None:
        self.verbs = verbs
        self.wanted: set[str] = set()
        self.needed = asyncio.Event()
        """Set once something is wanted."""
        self._confirmed: set[str] = set()
        self._unwanted: set[str] = set()
        self._lapsed = lapsed
        self._pubsub: Any = None
        self._waiting: dict[str, asyncio.Future[None]] = {}

    async def connected(self, pubsub: Any) -> None:
        """A new connection is there."""
        await pubsub.subscribe(ALIVE)
        asked: set[str] = set()
        # What is added while this goes on is subscribed as well; only then may `add` use it.
        while missing := self.wanted - asked:
            await self._subscribe(pubsub, missing)
            asked |= missing
        self._pubsub = pubsub

    def disconnected(self) -> None:
        """The connection is gone. Whoever waits for a confirmation waits no longer."""
        self._pubsub = None
        self._confirmed.clear()
        self._unwanted.clear()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection to hear by."""
        return self._pubsub is not None

    async def add(self, channel: str, timeout_s: float) -> None:
        """Wants a channel. Returns once it is confirmed, or after ``timeout_s``."""
        self.want(channel)
        pubsub = self._pubsub
        if pubsub is None or channel in self._confirmed:
            return
        waiting = self._waiting.get(channel)
        if waiting is None:
            waiting = asyncio.get_running_loop().create_future()
            self._waiting[channel] = waiting
        try:
            with contextlib.suppress(RedisError, OSError, TimeoutError):
                async with asyncio.timeout(timeout_s):
                    await self._subscribe(pubsub, {channel})
                    await asyncio.shield(waiting)
        finally:
            if not waiting.done() and self._waiting.get(channel) is waiting:
                del self._waiting[channel]

    def want(self, channel: str) -> None:
        """Wants a channel, from whenever it can be had: `again` or `connected` see to it."""
        self.wanted.add(channel)
        self.needed.set()

    def drop(self, channel: str) -> None:
        """Does not want it any longer: `again` says so to Redis."""
        self.wanted.discard(channel)
        if channel in self._confirmed:
            self._confirmed.discard(channel)
            self._unwanted.add(channel)

    async def again(self) -> None:
        """Asks for what was not confirmed yet, and leaves what is no longer wanted."""
        pubsub = self._pubsub
        if pubsub is None:
            return
        unwanted, self._unwanted = self._unwanted - self.wanted, set()
        for channel in unwanted:
            if _is_open(pubsub):
                await getattr(pubsub, self.verbs.unsubscribe)(channel)
        await self._subscribe(pubsub, self.wanted - self._confirmed)

    def confirm(self, channel: str) -> None:
        """Redis says that it is subscribed."""
        if channel not in self.wanted:
            self._unwanted.add(channel)
            return
        self._confirmed.add(channel)
        waiting = self._waiting.pop(channel, None)
        if waiting is None:
            self._lapsed(channel)
        elif not waiting.done():
            waiting.set_result(None)

    def taken_away(self, channel: str) -> bool:
        """Redis says that it is not subscribed any longer; whether it is wanted all the same."""
        self._confirmed.discard(channel)
        return channel in self.wanted

    async def _subscribe(self, pubsub: Any, channels: set[str]) -> None:
        if not channels or not _is_open(pubsub):
            return
        subscribe = getattr(pubsub, self.verbs.subscribe)
        if self.verbs is PLAIN:
            await subscribe(*channels)
            return
        for channel in channels:  # channels of one command have to have one slot
            await subscribe(channel)


def _is_open(pubsub: Any) -> bool:
    """redis-py would connect anew by itself, and nobody would hear of what was missed."""
    return pubsub.connection is not None and bool(pubsub.connection.is_connected)
