"""What brands were shown of a show, and the next that they are shown: one after the other, on
however many nodes they ask.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import asyncpg
import msgspec
from msgspec import Struct

from rooms.reports.withholding import Released, is_due

_READ = "SELECT released_at, figures::text AS figures FROM released_figures WHERE show_id = $1"

# The row is there before it is locked, or two nodes would both find none.
_BEGIN = """
INSERT INTO released_figures (show_id, released_at, figures)
VALUES ($1, '-infinity', $2::text::json) ON CONFLICT (show_id) DO NOTHING
"""

_DUE = f"{_READ} FOR NO KEY UPDATE"

_KEEP = """
UPDATE released_figures SET released_at = $2, figures = $3::text::json WHERE show_id = $1
"""

_decode = msgspec.json.Decoder(Released).decode


class Release(Struct, frozen=True):
    """What brands are shown, and since when."""

    released_at: datetime
    figures: Released


class ReleasedFigures:
    """Keeps what was released."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def current(
        self,
        show_id: str,
        now: datetime,
        advance: Callable[[Released], Awaitable[Released]],
    ) -> Release:
        """What may be shown now: what was released last, or, once that is old enough, the next.

        Args:
            advance: computes the next from the last; called under the show's lock.
        """
        row = await self._pool.fetchrow(_READ, show_id)
        if row is not None and not is_due(_at(row), now):
            return Release(row["released_at"], _decode(row["figures"]))
        empty = msgspec.json.encode(Released()).decode()
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_BEGIN, show_id, empty)
            row = await connection.fetchrow(_DUE, show_id)
            last = _decode(row["figures"])
            released_at = _at(row)
            if released_at is not None and not is_due(released_at, now):
                return Release(released_at, last)
            following = await advance(last)
            await connection.execute(_KEEP, show_id, now, msgspec.json.encode(following).decode())
        return Release(now, following)


def _at(row: Any) -> datetime | None:
    """When; ``None``: never."""
    at = row["released_at"]
    return at if isinstance(at, datetime) and at.year > 1 else None
