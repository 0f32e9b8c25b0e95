"""One server that messages go through: a queue, and a connection for each direction.

Two tasks: one sends what is queued, in pipelines; one listens and, after each reconnection,
subscribes to everything again. Neither ever gives up, and neither waits for the other.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

import structlog
from redis.exceptions import RedisError, ResponseError

from rooms import limits
from rooms.backoff import Backoff
from rooms.tasks import end
from storage.redis.clients import AnyRedis
from storage.rooms.subscriptions import PLAIN, Subscriptions, Verbs

PIPELINE_MESSAGES_MAX = 256
"""Messages sent together: enough to catch up, little enough to lose."""

PING_INTERVAL_S = 2.0
"""How often a listener that hears nothing asks whether it is still connected."""

AGAIN_INTERVAL_S = 1.0
"""How often it asks again for channels that were not confirmed."""

log = structlog.get_logger()


class Listening(Protocol):
    """Whom a link tells what happens. Nothing here may block."""

    def heard(self, channel: str, message: bytes) -> None:
        """A message came."""
        ...

    def lapsed(self, channel: str) -> None:
        """A channel is heard (again): what was said before is missing."""
        ...

    def misplaced(self, channel: str, message: bytes | None) -> None:
        """The server says that a channel is not its own; the message was not sent."""
        ...

    def away(self) -> None:
        """The server cannot be reached."""
        ...


class BusLink:
    """See the module.

    Args:
        connect: makes a client; called again after each failure.
        random: for the jitter of reconnections.
    """

    def __init__(
        self,
        connect: Callable[[], AnyRedis],
        verbs: Verbs,
        random: Callable[[], float],
        listening: Listening,
    ) -> None:
        self.subscriptions = Subscriptions(verbs, listening.lapsed)
        self._connect = connect
        self._verbs = verbs
        self._random = random
        self._listening = listening
        self._queue: deque[tuple[str, bytes]] = deque(maxlen=limits.BUS_QUEUE_MESSAGES_MAX)
        self._filled = asyncio.Event()
        self._drained = asyncio.Event()
        self._drained.set()
        self._tasks: list[asyncio.Task[None]] = []
        self._sending_fails = False
        self._poking: asyncio.Task[None] | None = None
        self.dropped = 0
        """Messages that were never sent, since the start."""

    @property
    def is_away(self) -> bool:
        """Whether it cannot be heard or reached now, as far as known."""
        wanted = bool(self.subscriptions.wanted) and not self.subscriptions.is_connected
        return wanted or self._sending_fails

    def publish(self, channel: str, message: bytes) -> None:
        """Queues a message; the oldest makes room when there is none."""
        if len(self._queue) == limits.BUS_QUEUE_MESSAGES_MAX:
            self.dropped += 1
        self._queue.append((channel, message))
        self._drained.clear()
        self._filled.set()

    async def subscribe(self, channel: str, timeout_s: float) -> None:
        """Wants a channel; waits so long for it to be confirmed."""
        await self.subscriptions.add(channel, timeout_s)

    def unsubscribe(self, channel: str) -> None:
        """Does not want it any longer. Waits for nobody."""
        self.subscriptions.drop(channel)
        self.poke()

    def poke(self) -> None:
        """Says to the server what changed in what is wanted, soon."""
        if self._poking is None:
            self._poking = asyncio.create_task(self._tell(), name="bus-subscriptions")

    async def _tell(self) -> None:
        try:
            await self.subscriptions.again()
        except (RedisError, OSError, TimeoutError) as error:
            log.info("bus_subscriptions_wait", error=type(error).__name__)
        finally:
            self._poking = None

    def start(self) -> None:
        """Starts both tasks; they connect once there is something to send or to hear."""
        self._tasks = [
            asyncio.create_task(self._publish_forever(), name="bus-publisher"),
            asyncio.create_task(self._listen_forever(), name="bus-listener"),
        ]

    async def stop(self, flush_s: float) -> None:
        """Sends what is queued, if Redis takes it in so many seconds, and ends both tasks."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(flush_s):
                await self._drained.wait()
        await end([*self._tasks, *([self._poking] if self._poking else [])])
        self._tasks = []

    # --- sending -----------------------------------------------------------------------------

    async def _publish_forever(self) -> None:
        backoff = Backoff(self._random)
        while True:
            try:
                await self._filled.wait()
                async with self._connect() as client:
                    while True:
                        await self._filled.wait()
                        await self._publish_some(client)
                        self._sending_fails = False
                        backoff.reset()
            except Exception as error:
                log.warning(
                    "bus_publish_failed", error=type(error).__name__, exc_info=_unexpected(error)
                )
                self._sending_fails = True
                self._listening.away()
                await asyncio.sleep(backoff.next_s())

    async def _publish_some(self, client: AnyRedis) -> None:
        count = min(len(self._queue), PIPELINE_MESSAGES_MAX)
        batch = [self._queue.popleft() for _ in range(count)]
        try:
            pipeline: Any = client.pipeline(transaction=False)
            for channel, message in batch:
                pipeline.execute_command(self._verbs.publish, channel, message)
            answers = await pipeline.execute(raise_on_error=False)
        except BaseException:
            # Some may have been sent: sending them again would only make receivers compare.
            self.dropped += len(batch)
            raise
        finally:
            if not self._queue:
                self._filled.clear()
                self._drained.set()
        self._settle(batch, answers)

    def _settle(self, batch: list[tuple[str, bytes]], answers: list[Any]) -> None:
        refused = [
            (said, answer)
            for said, answer in zip(batch, answers, strict=True)
            if isinstance(answer, Exception)
        ]
        for (channel, message), _ in refused:
            if self._verbs is PLAIN:
                self.dropped += 1
            else:
                self._listening.misplaced(channel, message)
        if refused and self._verbs is PLAIN:
            raise refused[0][1]

    # --- listening ---------------------------------------------------------------------------

    async def _listen_forever(self) -> None:
        backoff = Backoff(self._random)
        while True:
            await self.subscriptions.needed.wait()
            try:
                client: Any = self._connect()
                async with client, client.pubsub() as pubsub:
                    await self.subscriptions.connected(pubsub)
                    log.info("bus_connected")
                    await self._listen(pubsub, backoff)
            except Exception as error:
                log.warning(
                    "bus_disconnected", error=type(error).__name__, exc_info=_unexpected(error)
                )
            finally:
                self.subscriptions.disconnected()
            self._listening.away()
            await asyncio.sleep(backoff.next_s())

    async def _listen(self, pubsub: Any, backoff: Backoff) -> None:
        asked, again_at = False, time.monotonic() + AGAIN_INTERVAL_S
        while True:
            try:
                message = await pubsub.get_message(timeout=PING_INTERVAL_S)
            except ResponseError:
                if self._verbs is PLAIN:
                    raise
                # A channel of another shard, or of none now: `again` asks, whoever has it then.
                self._listening.misplaced("", None)
                continue
            if time.monotonic() >= again_at:
                again_at = time.monotonic() + AGAIN_INTERVAL_S
                self.poke()
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
        kind, channel = message["type"], (message["channel"] or b"").decode()
        if kind == self._verbs.message:
            if channel not in self.subscriptions.wanted:
                return  # on its way when it was left
            try:
                self._listening.heard(channel, message["data"])
            except Exception:
                log.exception("bus_handler_failed", channel=channel)
        elif kind == self._verbs.subscribe:
            self.subscriptions.confirm(channel)
        elif kind == self._verbs.unsubscribe and self.subscriptions.taken_away(channel):
            self._listening.misplaced(channel, None)  # its slot has moved


def _unexpected(error: Exception) -> Exception | None:
    """What is no outage: a mistake of ours or the driver's, whose place is worth a look. It is no
    reason to give up either: a node that stays would never hear of another again."""
    return None if isinstance(error, RedisError | OSError) else error
