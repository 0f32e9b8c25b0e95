"""A guest who signs in to an account: what the guest did becomes the account's."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import asyncpg

_IS_GUEST = """
UPDATE accounts SET disabled_at = $2, updated_at = $2
 WHERE id = $1 AND kind = 'guest' AND disabled_at IS NULL
RETURNING id
"""

_MOVE = """
UPDATE attendees g
   SET account_id = $2,
       display_name = CASE WHEN accounts.show_name THEN $3 ELSE 'Fan ' || right(g.id::text, 4) END
  FROM accounts
 WHERE accounts.id = $2 AND g.account_id = $1
   AND NOT EXISTS (SELECT FROM attendees a WHERE a.show_id = g.show_id AND a.account_id = $2)
RETURNING g.id
"""

_LINK = """
UPDATE attendees g SET merged_into = a.id
  FROM attendees a
 WHERE g.account_id = $1 AND a.account_id = $2 AND a.show_id = g.show_id
   AND g.merged_into IS NULL
RETURNING g.id
"""

_PHONES = "UPDATE phones SET account_id = $2 WHERE account_id = $1"

_TRIES = 3
"""The account may join a room of the guest's between two statements: then it is looked at again."""


class PostgresGuests:
    """`rooms.accounts.ports.GuestStore`."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def claim(
        self, guest_id: str, account_id: str, display_name: str, now: datetime
    ) -> int | None:
        """Hands a guest's attendees to an account, in one transaction; the guest is over."""
        for _ in range(_TRIES - 1):
            try:
                return await self._claim(guest_id, account_id, display_name, now)
            except asyncpg.UniqueViolationError:
                continue
        return await self._claim(guest_id, account_id, display_name, now)

    async def _claim(
        self, guest_id: str, account_id: str, display_name: str, now: datetime
    ) -> int | None:
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(_IS_GUEST, guest_id, now) is None:
                return None
            moved = await connection.fetch(_MOVE, guest_id, account_id, display_name)
            linked = await connection.fetch(_LINK, guest_id, account_id)
            await connection.execute(_PHONES, guest_id, account_id)
            return len(moved) + len(linked)
