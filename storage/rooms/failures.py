"""What a database error means for a turn: nothing written, not known, or refused."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg

from rooms.ports import LogUnavailable, OutcomeUnknown, TurnRefused

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
