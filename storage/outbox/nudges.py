"""Hears that something was put into the outbox, or another queue (`rooms.outbox.Nudges`).

A trigger says ``NOTIFY outbox`` in the transaction that fills the outbox, so it is heard at the
commit and never before. Whatever is missed while the connection is away is found by time.
"""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import structlog

CHANNEL = "outbox"
"""Also named by the trigger, in the migrations."""

MESSAGES = "messages"
"""The same for messages and broadcasts."""

log = structlog.get_logger(__name__)


class PostgresNudges:
    """Listens on one connection of the pool, taken anew when it is lost."""

    def __init__(self, pool: asyncpg.Pool[Any], channel: str = CHANNEL) -> None:
        self._pool = pool
        self._channel = channel
        self._connection: Any = None
        self._connecting = asyncio.Lock()
        self._count = 0
        self._moved = asyncio.Event()

    @property
    def count(self) -> int:
        """How many there were."""
        return self._count

    async def beyond(self, count: int, timeout_s: float) -> None:
        """Returns when there have been more than ``count``, or after ``timeout_s`` seconds."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._listen()
                while self._count <= count:
                    await self._moved.wait()
        except TimeoutError:
            pass
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("outbox_not_heard", error=type(error).__name__)
            await asyncio.sleep(timeout_s)

    async def close(self) -> None:
        """Gives the connection back."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        connection.remove_termination_listener(self._lost)
        try:
            await connection.remove_listener(self._channel, self._heard)
        finally:
            await self._pool.release(connection)

    async def _listen(self) -> None:
        async with self._connecting:
            if self._connection is not None:
                return
            connection = await self._pool.acquire()
            try:
                connection.add_termination_listener(self._lost)
                await connection.add_listener(self._channel, self._heard)
            except BaseException:
                await self._pool.release(connection)
                raise
            self._connection = connection
            # Something may have come before anybody listened.
            self._heard()

    def _lost(self, _: object) -> None:
        # The pool has taken it back by itself. Whoever waits is woken and listens anew.
        self._connection = None
        self._heard()

    def _heard(self, *_: object) -> None:
        self._count += 1
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()
