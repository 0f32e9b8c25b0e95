"""Publications between nodes over Redis pub/sub: `rooms.ports.RoomBus`.

Nothing here is relied on: what is lost is healed from the log. So nothing here waits for Redis,
retries a message or keeps it for long, and nothing ever gives up: absent at the start, stopped,
started again empty, Redis is tried for as long as the node lives.

Two tasks with a connection each: one sends what is queued, in pipelines; one listens and, after
each reconnection, subscribes to everything again.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from random import Random
from types import TracebackType
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from rooms import limits
from rooms.backoff import Backoff
from rooms.tasks import end
from storage.rooms.subscriptions import Subscriptions

PIPELINE_MESSAGES_MAX = 256
"""Messages sent together: enough to catch up, little enough to lose."""

CALL_TIMEOUT_S = 2.0
"""A Redis that does not answer for this long is treated as gone."""

PING_INTERVAL_S = 2.0
"""How often a listener that hears nothing asks whether it is still connected."""

SUBSCRIBE_TIMEOUT_S = 1.0
"""How long `subscribe` waits for Redis to confirm. Without it the log heals the difference."""

FLUSH_TIMEOUT_S = 1.0
"""How long `stop` waits for the queue to empty."""

log = structlog.get_logger()


def channel_of(show_id: str) -> str:
    """The channel of one room."""
    return f"setroom:room:{show_id}"


class RedisRoomBus:
    """See the module. Use as an async context manager, or `start` and `stop`.

    Args:
        url: ``redis://…``; may hold a password, so it is never logged.
        random: for the jitter of reconnections.
    """

    def __init__(self, url: str, *, random: Random | None = None) -> None:
        self._url = url
        self._random = random or Random()
        self._queue: deque[tuple[str, bytes]] = deque(maxlen=limits.BUS_QUEUE_MESSAGES_MAX)
        self._filled = asyncio.Event()
        self._drained = asyncio.Event()
        self._drained.set()
        self._subscriptions = Subscriptions()
        self._handler: Callable[[str, bytes], None] = _nobody
        self._tasks: list[asyncio.Task[None]] = []
        self.dropped = 0
        """Messages that were never sent, since the start."""

    # --- the port ----------------------------------------------------------------------------

    def publish(self, show_id: str, message: bytes) -> None:
        """Queues a message; the oldest makes room when there is none."""
        if len(self._queue) == limits.BUS_QUEUE_MESSAGES_MAX:
            self.dropped += 1
        self._queue.append((show_id, message))
        self._drained.clear()
        self._filled.set()

    async def subscribe(self, show_id: str) -> None:
        """Wants this room's messages; waits a moment for Redis to confirm."""
        await self._subscriptions.add(channel_of(show_id), SUBSCRIBE_TIMEOUT_S)

    async def unsubscribe(self, show_id: str) -> None:
        """Does not want them any longer."""
        await self._subscriptions.remove(channel_of(show_id))

    def on_message(self, handler: Callable[[str, bytes], None]) -> None:
        """Sets the one handler."""
        self._handler = handler

    # --- life --------------------------------------------------------------------------------

    async def start(self) -> None:
        """Starts both tasks. Does not wait for Redis."""
        self._tasks = [
            asyncio.create_task(self._publish_forever(), name="bus-publisher"),
            asyncio.create_task(self._listen_forever(), name="bus-listener"),
        ]

    async def stop(self) -> None:
        """Sends what is queued, if Redis takes it within a second, and ends both tasks."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FLUSH_TIMEOUT_S):
                await self._drained.wait()
        await end(self._tasks)
        self._tasks = []

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

    # --- sending -----------------------------------------------------------------------------

    async def _publish_forever(self) -> None:
        backoff = Backoff(self._random.random)
        while True:
            try:
                async with _client(self._url) as client:
                    while True:
                        await self._filled.wait()
                        await self._publish_some(client)
                        backoff.reset()
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("bus_publish_failed", error=type(error).__name__)
                await asyncio.sleep(backoff.next_s())

    async def _publish_some(self, client: Redis) -> None:
        count = min(len(self._queue), PIPELINE_MESSAGES_MAX)
        batch = [self._queue.popleft() for _ in range(count)]
        try:
            pipeline = client.pipeline(transaction=False)
            for show_id, message in batch:
                pipeline.publish(channel_of(show_id), message)
            await pipeline.execute()
        except BaseException:
            # Some may have been sent: sending them again would only make receivers compare.
            self.dropped += len(batch)
            raise
        finally:
            if not self._queue:
                self._filled.clear()
                self._drained.set()

    # --- listening ---------------------------------------------------------------------------

    async def _listen_forever(self) -> None:
        backoff = Backoff(self._random.random)
        while True:
            try:
                async with _client(self._url) as client, client.pubsub() as pubsub:
                    await self._subscriptions.connected(pubsub)
                    log.info("bus_connected")
                    await self._listen(pubsub, backoff)
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("bus_disconnected", error=type(error).__name__)
            finally:
                self._subscriptions.disconnected()
            await asyncio.sleep(backoff.next_s())

    async def _listen(self, pubsub: Any, backoff: Backoff) -> None:
        asked = False
        while True:
            message = await pubsub.get_message(timeout=PING_INTERVAL_S)
            if message is None:
                if asked:
                    raise TimeoutError("no pong")
                await pubsub.ping()
                asked = True
                continue
            asked = False
            backoff.reset()
            self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        channel = message["channel"] or b""
        match message["type"]:
            case "message":
                show_id = channel.decode().rpartition(":")[2]
                try:
                    self._handler(show_id, message["data"])
                except Exception:
                    log.exception("bus_handler_failed", show_id=show_id)
            case "subscribe":
                self._subscriptions.confirm(channel.decode())
            case _:
                pass


def _client(url: str) -> Redis:
    return Redis.from_url(
        url,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=CALL_TIMEOUT_S,
        socket_connect_timeout=CALL_TIMEOUT_S,
        single_connection_client=False,
    )


def _nobody(show_id: str, message: bytes) -> None:
    """Before a handler is set, messages are lost."""
