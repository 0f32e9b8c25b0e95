"""The room's log, with a watch on its commits."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol

import asyncpg

from rooms.meters import Times
from rooms.ports import AppendOutcome, Delta, Head, LockedRoom, Turn
from storage.rooms.log import PostgresRoomLog

Append = Callable[[Turn], Awaitable[AppendOutcome]]


class CommitTracing(Protocol):
    """The part of `server.telemetry.tracing.RoomTracing` that is needed here."""

    def commit(self, turn: Turn) -> Any:
        """A context manager around a commit; its value takes the outcome."""
        ...


class WatchedRoomLog(PostgresRoomLog):
    """Times every turn's commit, and shows it in traces where there are any."""

    def __init__(
        self, pool: asyncpg.Pool[Any], commits: Times, tracing: CommitTracing | None = None
    ) -> None:
        super().__init__(pool)
        self._commits = commits
        self._tracing = tracing

    async def append(self, turn: Turn) -> AppendOutcome:
        """See `storage.rooms.log.PostgresRoomLog.append`."""
        return await self._watched(super().append, turn)

    def locked(self, show_id: str) -> AbstractAsyncContextManager[LockedRoom]:
        """See `storage.rooms.log.PostgresRoomLog.locked`; what it appends is timed as well."""
        return self._watched_lock(super().locked(show_id))

    @asynccontextmanager
    async def _watched_lock(
        self, locked: AbstractAsyncContextManager[LockedRoom]
    ) -> AsyncIterator[LockedRoom]:
        async with locked as room:
            yield _WatchedLockedRoom(room, self._watched)

    async def _watched(self, append: Append, turn: Turn) -> AppendOutcome:
        began = time.perf_counter()
        try:
            if self._tracing is None:
                return await append(turn)
            with self._tracing.commit(turn) as told:
                outcome = await append(turn)
                told(outcome)
                return outcome
        finally:
            self._commits.took(time.perf_counter() - began)


class _WatchedLockedRoom:
    """A room under its lock. Waiting for the lock is not part of a commit."""

    def __init__(
        self, room: LockedRoom, watched: Callable[[Append, Turn], Awaitable[AppendOutcome]]
    ) -> None:
        self._room = room
        self._watched = watched

    async def read_since(self, head: Head, participants: Collection[str]) -> Delta:
        """See `rooms.ports.LockedRoom.read_since`."""
        return await self._room.read_since(head, participants)

    async def append(self, turn: Turn) -> AppendOutcome:
        """See `rooms.ports.LockedRoom.append`."""
        return await self._watched(self._room.append, turn)
