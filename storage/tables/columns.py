"""Column shapes that all tables share."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from piccolo.columns import UUID, Timestamptz
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.defaults.uuid import UUID7
from piccolo.constraints import Check

from storage.ids import uuid7


class Uuid7(UUID7):
    """``uuidv7()`` in the database, and the same here (Python has it from 3.14 only)."""

    def python(self) -> uuid.UUID:
        return uuid7()


def primary_key() -> UUID:
    """``uuid PRIMARY KEY DEFAULT uuidv7()``."""
    return UUID(primary_key=True, default=Uuid7())


def created_now() -> Timestamptz:
    """``timestamptz NOT NULL DEFAULT now()``."""
    return Timestamptz(default=TimestamptzNow())


def one_of(column: str, values: Iterable[str]) -> Check:
    """A CHECK that the column holds one of ``values`` (or null, where it may be null)."""
    listed = ", ".join(f"'{value}'" for value in values)
    return Check(f'"{column}" IN ({listed})')
