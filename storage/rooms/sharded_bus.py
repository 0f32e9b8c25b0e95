"""Publications between nodes over a Redis cluster: `rooms.ports.RoomBus` by sharded pub/sub.

A room's channel lives in the shard that has its slot (``SPUBLISH``, ``SSUBSCRIBE``: since Redis 7),
so a message goes to one shard and not to every node of the cluster, and a shard that fails takes
away the messages of its own rooms alone. Each shard that this node needs has a link of its own;
links wait for nobody.

redis-py's own `ClusterPubSub` is not used: it reads the shards one after the other with a wait at
each, so that a message waits for the silence of the shards before it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from random import Random
from types import TracebackType

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from rooms import limits
from rooms.backoff import Backoff
from rooms.tasks import end
from storage.redis.addresses import RedisAddress
from storage.redis.clients import connect_to
from storage.redis.cluster_map import ClusterMap, ClusterMaps, Place
from storage.rooms.bus import (
    CALL_TIMEOUT_S,
    FLUSH_TIMEOUT_S,
    SUBSCRIBE_TIMEOUT_S,
    channel_of,
    show_of,
)
from storage.rooms.bus_link import BusLink
from storage.rooms.subscriptions import SHARDED

MAP_INTERVAL_S = 5.0
"""How often the map is read when nothing says that it has changed: a link to a primary that has
become a replica still works, and is left all the same."""

log = structlog.get_logger()


class ShardedRoomBus:
    """See the module. Use as an async context manager, or `start` and `stop`.

    Args:
        random: for the jitter of reconnections, and for the order in which nodes are asked.
    """

    def __init__(self, address: RedisAddress, *, random: Random | None = None) -> None:
        self._address = address
        self._random = random or Random()
        self._maps = ClusterMaps(address, self._random.shuffle)
        self._map: ClusterMap | None = None
        self._map_known = asyncio.Event()
        self._stale = asyncio.Event()
        self._stale.set()
        self._links: dict[Place, BusLink] = {}
        self._wanted: dict[str, Place | None] = {}
        self._homeless: deque[tuple[str, bytes]] = deque(maxlen=limits.BUS_QUEUE_MESSAGES_MAX)
        self._dropped = 0
        self._handler: Callable[[str, bytes], None] = lambda show_id, message: None
        self._lapse_handler: Callable[[str], None] = lambda show_id: None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def dropped(self) -> int:
        """Messages that were never sent, since the start."""
        return self._dropped + sum(link.dropped for link in self._links.values())

    @property
    def is_away(self) -> bool:
        """Whether a shard that is needed cannot be heard or reached, as far as known."""
        homeless = any(place is None for place in self._wanted.values())
        return homeless or any(link.is_away for link in self._links.values())

    # --- the port ----------------------------------------------------------------------------

    def publish(self, show_id: str, message: bytes) -> None:
        """Queues a message for the room's shard; the oldest makes room when there is none."""
        self._publish(channel_of(show_id), message)

    async def subscribe(self, show_id: str) -> None:
        """Wants this room's messages; waits a moment for Redis to confirm."""
        channel = channel_of(show_id)
        self._wanted.setdefault(channel, None)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SUBSCRIBE_TIMEOUT_S):
                await self._map_known.wait()
        place = self._owner_of(channel)
        if place is None or channel not in self._wanted:
            return  # the next map places it, and then its room is compared with the log
        self._wanted[channel] = place
        await self._link(place).subscribe(channel, SUBSCRIBE_TIMEOUT_S)

    async def unsubscribe(self, show_id: str) -> None:
        """Does not want them any longer."""
        place = self._wanted.pop(channel_of(show_id), None)
        link = self._links.get(place) if place is not None else None
        if link is not None:
            link.unsubscribe(channel_of(show_id))

    def on_message(self, handler: Callable[[str, bytes], None]) -> None:
        """Sets the one handler."""
        self._handler = handler

    def on_lapse(self, handler: Callable[[str], None]) -> None:
        """Sets whom to tell of a room that was not heard for a while and is heard again."""
        self._lapse_handler = handler

    # --- what links say ----------------------------------------------------------------------

    def heard(self, channel: str, message: bytes) -> None:
        """A message came."""
        self._handler(show_of(channel), message)

    def lapsed(self, channel: str) -> None:
        """A channel is heard (again)."""
        self._lapse_handler(show_of(channel))

    def misplaced(self, channel: str, message: bytes | None) -> None:
        """A slot has moved: the message waits for the next map."""
        if message is not None:
            if len(self._homeless) == limits.BUS_QUEUE_MESSAGES_MAX:
                self._dropped += 1
            self._homeless.append((channel, message))
        self._stale.set()

    def away(self) -> None:
        """A server is away: perhaps another one has its slots by now."""
        self._stale.set()

    # --- life --------------------------------------------------------------------------------

    async def start(self) -> None:
        """Starts. Does not wait for Redis."""
        self._tasks = [asyncio.create_task(self._follow(), name="bus-cluster-map")]

    async def stop(self) -> None:
        """Sends what is queued, if Redis takes it within a second, and ends."""
        await end(self._tasks)
        self._tasks = []
        await asyncio.gather(*(link.stop(FLUSH_TIMEOUT_S) for link in self._links.values()))

    async def __aenter__(self) -> ShardedRoomBus:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    # --- the map -----------------------------------------------------------------------------

    async def _follow(self) -> None:
        """Reads the map again whenever something says that it has changed, and now and then."""
        backoff = Backoff(self._random.random)
        while True:
            try:
                async with asyncio.timeout(MAP_INTERVAL_S):
                    await self._stale.wait()
            except TimeoutError:
                backoff.reset()  # all was well
            self._stale.clear()
            try:
                await self._take(await self._maps.read())
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("bus_cluster_unreachable", error=type(error).__name__)
                self._stale.set()
            except Exception as error:
                log.exception("bus_cluster_map_failed", error=type(error).__name__)
                self._stale.set()
            await asyncio.sleep(backoff.next_s())

    async def _take(self, new: ClusterMap) -> None:
        """Follows the slots to where they are."""
        self._map = new
        self._map_known.set()
        for channel, before in list(self._wanted.items()):
            place = new.owner_of(channel)
            if channel not in self._wanted or place == before or place is None:
                continue
            self._wanted[channel] = place
            self._link(place).subscriptions.want(channel)
            if before in self._links:
                self._links[before].unsubscribe(channel)
        for link in self._links.values():
            link.poke()
        homeless, self._homeless = list(self._homeless), deque(maxlen=self._homeless.maxlen)
        for channel, message in homeless:
            self._publish(channel, message)
        await self._let_go(new)

    async def _let_go(self, new: ClusterMap) -> None:
        """Ends links to servers that have no slot any longer."""
        owners = set(new.owners)
        gone = [place for place in self._links if place not in owners]
        for place in gone:
            if self._links[place].subscriptions.wanted:
                continue  # its slots have no owner now: it may come back
            link = self._links.pop(place)
            await link.stop(0.0)
            self._dropped += link.dropped

    def _owner_of(self, channel: str) -> Place | None:
        return self._map.owner_of(channel) if self._map is not None else None

    def _publish(self, channel: str, message: bytes) -> None:
        place = self._owner_of(channel)
        if place is None:
            self.misplaced(channel, message)
        else:
            self._link(place).publish(channel, message)

    def _link(self, place: Place) -> BusLink:
        link = self._links.get(place)
        if link is None:
            link = BusLink(lambda: self._connect(place), SHARDED, self._random.random, self)
            self._links[place] = link
            link.start()
        return link

    def _connect(self, place: Place) -> Redis:
        return connect_to(
            *place,
            self._address,
            socket_timeout=CALL_TIMEOUT_S,
            socket_connect_timeout=CALL_TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
        )
