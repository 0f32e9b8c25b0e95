"""The room's log, with a watch on its commits."""

from __future__ import annotations

import time
from typing import Any, Protocol

import asyncpg

from rooms.meters import Times
from rooms.ports import AppendOutcome, Turn
from storage.rooms.log import PostgresRoomLog


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
        began = time.perf_counter()
        try:
            if self._tracing is None:
                return await super().append(turn)
            with self._tracing.commit(turn) as told:
                outcome = await super().append(turn)
                told(outcome)
                return outcome
        finally:
            self._commits.took(time.perf_counter() - began)
