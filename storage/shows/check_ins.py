"""Checking in: the secret of a show's codes, and who was there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import asyncpg

_SECRET = """
UPDATE shows SET check_in_secret = $2 WHERE id = $1 AND check_in_secret IS NULL
RETURNING check_in_secret
"""


class CheckIns:
    """Keeps check-ins."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def secret(self, show_id: str) -> bytes | None:
        """What the show's codes are made from; ``None``: no code was ever asked for."""
        secret: bytes | None = await self._pool.fetchval(
            "SELECT check_in_secret FROM shows WHERE id = $1", show_id
        )
        return secret

    async def keep_secret(self, show_id: str, fresh: bytes) -> bytes:
        """The show's secret, ``fresh`` if there was none: two who ask at once get one.

        Raises:
            LookupError: there is no such show.
        """
        made: bytes | None = await self._pool.fetchval(_SECRET, show_id, fresh)
        secret = made or await self.secret(show_id)
        if secret is None:
            raise LookupError(show_id)
        return secret

    async def check_in(self, attendee_id: str, now: datetime) -> datetime:
        """Writes down that somebody is there; the first time stands.

        Raises:
            LookupError: there is no such attendee.
        """
        at: datetime | None = await self._pool.fetchval(
            "UPDATE attendees SET checked_in_at = coalesce(checked_in_at, $2) "
            "WHERE id = $1 RETURNING checked_in_at",
            attendee_id,
            now,
        )
        if at is None:
            raise LookupError(attendee_id)
        return at
