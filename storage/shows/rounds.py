"""Where a round belongs."""

from __future__ import annotations

from typing import Any

import asyncpg


class RoundIndex:
    """Finds the show of a round, whose id is all that some addresses hold."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def show_of(self, round_id: str) -> str | None:
        """The show's id; ``None``: no such round."""
        found = await self._pool.fetchval("SELECT show_id FROM rounds WHERE id = $1", round_id)
        return str(found) if found else None
