"""What a database error means for a turn: nothing written, not known, or refused."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import asyncpg

from rooms.ports import LogUnavailable, OutcomeUnknown, TurnRefused

T = TypeVar("T")

_ROLLED_BACK = (
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.TransactionRollbackError,
    asyncpg.InsufficientResourcesError,
    asyncpg.CannotConnectNowError,
    asyncpg.InvalidTransactionStateError,
)
"""The server itself says that the statement did not happen."""

_REFUSED = (
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.DataError,
    asyncpg.exceptions.NoDataFoundError,
)
"""A promise of the database stands against the turn."""

BROKEN = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InterfaceError,
    # What asyncpg says of a connection that the server has ended but whose end it has not read,
    # and of one where a cancelled call is still being taken back.
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
"""The connection ended, or the wait for it did: what became of the statement is not known."""


def drop(connection: asyncpg.Connection[Any]) -> None:
    """Ends a connection that must not be used again, without a word to the server."""
    # One that ended by itself is no longer ours to end.
    with contextlib.suppress(asyncpg.InterfaceError):
        connection.terminate()


async def uninterrupted(
    connection: asyncpg.Connection[Any], call: Coroutine[Any, Any, T], timeout_s: float
) -> T:
    """Makes a call that commits, and asks the server for nothing when it takes too long.

    A driver that gives up asks the server to cancel. A COMMIT that waits for its standby cannot be
    taken back: PostgreSQL then says that it is done and shows it to everybody, and the standby does
    not have it ("canceling wait for synchronous replication"). Who asked again would find the
    answer and acknowledge what the next failover loses. So the connection is dropped without a
    word: its server process goes on waiting, and nobody sees anything until the standby has it.

    Raises:
        TimeoutError: not known, after ``timeout_s``.
    """
    task = asyncio.ensure_future(call)
    try:
        done, _ = await asyncio.wait({task}, timeout=timeout_s)
    except BaseException:
        await _abandon(connection, task)
        raise
    if not done:
        await _abandon(connection, task)
        raise TimeoutError("no answer to a commit")
    return task.result()


async def _abandon(connection: asyncpg.Connection[Any], task: asyncio.Future[Any]) -> None:
    drop(connection)
    with contextlib.suppress(Exception):
        await task  # it ends with its connection


@contextmanager
def writing() -> Iterator[None]:
    """Around a statement that commits by itself, or around a COMMIT.

    Raises:
        LogUnavailable: nothing was written.
        OutcomeUnknown: perhaps it was.
        TurnRefused: it never can be.
    """
    try:
        yield
    except _REFUSED as error:
        raise TurnRefused(str(error)) from error
    except _ROLLED_BACK as error:
        raise LogUnavailable(type(error).__name__) from error
    except BROKEN as error:
        raise OutcomeUnknown(type(error).__name__) from error


@contextmanager
def not_writing() -> Iterator[None]:
    """Around reads, and around everything before the COMMIT of an open transaction.

    Raises:
        LogUnavailable: it failed, and so nothing was written.
        TurnRefused: a promise of the database stands against the turn.
    """
    try:
        yield
    except _REFUSED as error:
        raise TurnRefused(str(error)) from error
    except (*_ROLLED_BACK, *BROKEN) as error:
        raise LogUnavailable(type(error).__name__) from error
