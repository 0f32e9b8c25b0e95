"""Publications between nodes over Redis pub/sub: `rooms.ports.RoomBus`.

Nothing here is relied on: what is lost is healed from the log. So nothing here waits for Redis,
retries a message or keeps it for long, and nothing ever gives up: absent at the start, stopped,
started again empty, failed over, Redis is tried for as long as the node lives.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from types import TracebackType
from typing import Protocol, Self

import structlog

from rooms.ports import RoomBus
from storage.redis.addresses import Form, RedisAddress, parse
from storage.redis.clients import connect
from storage.rooms.bus_link import BusLink
from storage.rooms.subscriptions import PLAIN

CALL_TIMEOUT_S = 2.0
"""A Redis that does not answer for this long is treated as gone."""

SUBSCRIBE_TIMEOUT_S = 1.0
"""How long `subscribe` waits for Redis to confirm. Without it the log heals the difference."""

FLUSH_TIMEOUT_S = 1.0
"""How long `stop` waits for the queue to empty."""

PREFIX = "setroom:room:"

log = structlog.get_logger()


def channel_of(show_id: str) -> str:
    """The channel of one room."""
    return PREFIX + show_id


def show_of(channel: str) -> str:
    """The room of a channel."""
    return channel.removeprefix(PREFIX)


class CarryingBus(RoomBus, Protocol):
    """What a node's composition root knows of a bus beside the port.

    Attributes:
        dropped: messages that were never sent, since the start.
    """

    @property
    def dropped(self) -> int: ...
    @property
    def is_away(self) -> bool:
        """Whether part of it cannot be heard or reached now."""
        ...

    def on_lapse(self, handler: Callable[[str], None]) -> None:
        """Sets whom to tell of a room that was not heard for a while and is heard again."""
        ...

    async def start(self) -> None:
        """Starts. Does not wait for Redis."""
        ...

    async def stop(self) -> None:
        """Sends what is queued, if Redis takes it within a second, and ends."""
        ...

    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


def room_bus(url: str, *, random: Random | None = None) -> CarryingBus:
    """The bus for ``SETROOM_REDIS_URL``, of whatever form."""
    from storage.rooms.sharded_bus import ShardedRoomBus

    address = parse(url)
    if address.form is Form.CLUSTER:
        return ShardedRoomBus(address, random=random)
    return RedisRoomBus(address, random=random)


class RedisRoomBus:
    """All rooms over one server, or over whichever is a sentinel service's primary. Use as an
    async context manager, or `start` and `stop`.

    Args:
        address: never logged, because it may hold a password.
        random: for the jitter of reconnections.
    """

    def __init__(self, address: str | RedisAddress, *, random: Random | None = None) -> None:
        self._handler: Callable[[str, bytes], None] = _nobody
        self._lapse_handler: Callable[[str], None] = _unheard
        parsed = parse(address) if isinstance(address, str) else address
        self._link = BusLink(
            lambda: connect(
                parsed,
                timeout_s=CALL_TIMEOUT_S,
                connect_s=CALL_TIMEOUT_S,
                connections_max=2,
                tries_again=0,  # the link must know when it was away
            ),
            PLAIN,
            (random or Random()).random,
            self,
        )

    @property
    def dropped(self) -> int:
        """Messages that were never sent, since the start."""
        return self._link.dropped

    @property
    def is_away(self) -> bool:
        """Whether Redis cannot be reached, as far as known."""
        return self._link.is_away

    # --- the port ----------------------------------------------------------------------------

    def publish(self, show_id: str, message: bytes) -> None:
        """Queues a message; the oldest makes room when there is none."""
        self._link.publish(channel_of(show_id), message)

    async def subscribe(self, show_id: str) -> None:
        """Wants this room's messages; waits a moment for Redis to confirm."""
        await self._link.subscribe(channel_of(show_id), SUBSCRIBE_TIMEOUT_S)

    async def unsubscribe(self, show_id: str) -> None:
        """Does not want them any longer."""
        self._link.unsubscribe(channel_of(show_id))

    def on_message(self, handler: Callable[[str, bytes], None]) -> None:
        """Sets the one handler."""
        self._handler = handler

    def on_lapse(self, handler: Callable[[str], None]) -> None:
        """Sets whom to tell of a room that was not heard for a while and is heard again."""
        self._lapse_handler = handler

    # --- what the link says ------------------------------------------------------------------

    def heard(self, channel: str, message: bytes) -> None:
        """A message came."""
        self._handler(show_of(channel), message)

    def lapsed(self, channel: str) -> None:
        """A channel is heard again."""
        self._lapse_handler(show_of(channel))

    def misplaced(self, channel: str, message: bytes | None) -> None:
        """One server has every channel."""

    def away(self) -> None:
        """The link sees to it."""

    # --- life --------------------------------------------------------------------------------

    async def start(self) -> None:
        """Starts. Does not wait for Redis."""
        self._link.start()

    async def stop(self) -> None:
        """Sends what is queued, if Redis takes it within a second, and ends."""
        await self._link.stop(FLUSH_TIMEOUT_S)

    async def __aenter__(self) -> RedisRoomBus:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()


def _nobody(show_id: str, message: bytes) -> None:
    """Before a handler is set, messages are lost."""


def _unheard(show_id: str) -> None:
    """Before a handler is set, nobody has a room."""
