"""A room whose head is locked: one turn in one short transaction."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import asyncpg
import structlog

from rooms import limits
from rooms.ports import Appended, AppendOutcome, Delta, Head, LogUnavailable, Turn
from storage.rooms import reading, records, turn_checks
from storage.rooms.epochs import Epochs
from storage.rooms.failures import BROKEN, drop, not_writing, uninterrupted, writing
from storage.rooms.turn_arguments import call_of

CALL_TIMEOUT_S = 2.0
"""Wait for one call in here. The server gives up before that."""

BEGIN = f"""
BEGIN ISOLATION LEVEL READ COMMITTED;
SET LOCAL lock_timeout = {limits.TURN_LOCK_TIMEOUT_MS};
SET LOCAL idle_in_transaction_session_timeout = {limits.TURN_IDLE_IN_TRANSACTION_MS};
"""
"""From here on the server ends a transaction that waits, or that is waited for, too long."""

# FOR NO KEY UPDATE: rows that refer to the room can be inserted meanwhile. Nothing is read in
# this statement: what a locking statement reads may be older than the lock (READ COMMITTED).
LOCK = "SELECT FROM rooms WHERE show_id = $1 FOR NO KEY UPDATE"

log = structlog.get_logger()


class PostgresLockedRoom:
    """`rooms.ports.LockedRoom` on one connection. Good for one turn."""

    def __init__(self, connection: asyncpg.Connection[Any], show_id: str, epochs: Epochs) -> None:
        self._connection = connection
        self._show_id = show_id
        self._epochs = epochs
        self._open = False

    async def lock(self) -> None:
        """Begins the transaction and takes the lock.

        Raises:
            LogUnavailable: the lock was not had in time, or there is no such room.
        """
        with not_writing():
            self._open = True
            try:
                await self._connection.execute(BEGIN, timeout=CALL_TIMEOUT_S)
                rows = await self._connection.fetch(LOCK, self._show_id, timeout=CALL_TIMEOUT_S)
            except BaseException:
                await self.release()
                raise
        if not rows:
            await self.release()
            raise LogUnavailable("there is no such room")

    async def read_since(self, head: Head, participants: Collection[str]) -> Delta:
        """Everything after ``head``. Nobody moves it while the lock is held."""
        with not_writing():
            row = await self._connection.fetchrow(
                reading.READ_SINCE,
                self._show_id,
                head.seq,
                head.state_version,
                list(participants),
                timeout=CALL_TIMEOUT_S,
            )
        return records.delta_of(row)

    async def append(self, turn: Turn) -> AppendOutcome:
        """Appends and, if that was done, commits: what it returns is durable.

        Raises:
            OutcomeUnknown: the connection broke around the commit.
            LogUnavailable: it broke before, or the lock is gone; nothing was written.
            AnotherLog: see `rooms.ports`; nothing was written.
        """
        if not self._open:
            raise LogUnavailable("the lock has been released")
        turn_checks.check(turn)
        await self._epochs.check(self._connection, turn)
        statement, arguments = call_of(turn)
        with not_writing():
            row = await self._connection.fetchrow(statement, *arguments, timeout=CALL_TIMEOUT_S)
        outcome = records.outcome_of(row)
        if isinstance(outcome, Appended):
            self._open = False
            with writing():
                commit = self._connection.execute("COMMIT")
                await uninterrupted(self._connection, commit, CALL_TIMEOUT_S)
        return outcome

    async def release(self) -> None:
        """Gives the lock back; without a committed turn nothing was written."""
        if not self._open:
            return
        self._open = False
        try:
            await self._connection.execute("ROLLBACK", timeout=CALL_TIMEOUT_S)
        except BROKEN as error:
            # Without its connection the server ends the transaction by itself, if it has not.
            log.info("room_lock_dropped", error=type(error).__name__)
            drop(self._connection)
        except BaseException:
            drop(self._connection)
            raise
