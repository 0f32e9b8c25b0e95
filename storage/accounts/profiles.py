"""Profiles in PostgreSQL: changed together with what open rooms know of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from rooms.accounts.ports import AccountRecord, Deleted, ProfileChange, Renamed, Visit
from storage.accounts.accounts import COLUMNS, account_of
from storage.accounts.deleting import delete_account
from storage.accounts.log_names import rename_later

_CHANGE = f"""
UPDATE accounts
   SET display_name = $2, language = $3, home_city = $4::text::json, show_name = $5,
       show_presence = $6, remember_rooms = $7, updated_at = $8
 WHERE id = $1 AND disabled_at IS NULL
RETURNING {COLUMNS}
"""

_BEFORE = """
SELECT display_name, show_name, show_presence FROM accounts WHERE id = $1 FOR NO KEY UPDATE
"""

_RENAME = """
UPDATE attendees a
   SET display_name = CASE WHEN accounts.show_name OR a.role <> 'fan' THEN accounts.display_name
                           ELSE 'Fan ' || right(a.id::text, 4) END
  FROM accounts WHERE a.account_id = $1 AND accounts.id = $1
"""

OPEN_ROOMS = """
SELECT a.id, a.show_id, a.display_name
  FROM attendees a JOIN shows s ON s.id = a.show_id
 WHERE a.account_id = $1 AND s.status IN ('draft', 'published', 'live')
 ORDER BY a.joined_at DESC LIMIT 500
"""
"""Where people meet now. Nobody is in five hundred rooms at once."""

_VISITS = """
SELECT s.id, s.slug, s.title, s.status, s.starts_at, a.joined_at, a.role
  FROM attendees a
  JOIN shows s ON s.id = a.show_id
  JOIN accounts ON accounts.id = a.account_id
 WHERE a.account_id = $1 AND accounts.remember_rooms AND a.removed_at IS NULL
   AND ($2::timestamptz IS NULL OR (a.joined_at, a.show_id) < ($2, $3::uuid))
 ORDER BY a.joined_at DESC, a.show_id DESC LIMIT $4
"""


class PostgresProfiles:
    """`rooms.accounts.ports.ProfileStore`."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def change(
        self, account_id: str, change: ProfileChange, now: datetime
    ) -> tuple[AccountRecord, list[Renamed]] | None:
        """Replaces a profile. Whoever hides their name is renamed in the logs as well."""
        city = change.home_city
        async with self._pool.acquire() as connection, connection.transaction():
            before = await connection.fetchrow(_BEFORE, account_id)
            row = await connection.fetchrow(
                _CHANGE,
                account_id,
                change.display_name,
                change.language,
                None if city is None else msgspec.json.encode(city).decode(),
                change.privacy.show_name,
                change.privacy.show_presence,
                change.privacy.remember_rooms,
                now,
            )
            if row is None or before is None:
                return None
            seen = ("display_name", "show_name", "show_presence")
            if all(before[name] == row[name] for name in seen):
                return account_of(row), []
            await connection.execute(_RENAME, account_id)
            if before["show_name"] and not row["show_name"]:
                await rename_later(connection, account_id, now)
            affected = await connection.fetch(OPEN_ROOMS, account_id)
        return account_of(row), [renamed_of(one) for one in affected]

    async def visits(
        self, account_id: str, before: tuple[datetime, str] | None, limit: int
    ) -> list[Visit]:
        """Rooms that somebody was in; none for who would not have them remembered."""
        at, show_id = before or (None, None)
        return [
            Visit(
                show_id=str(row["id"]),
                slug=row["slug"],
                title=row["title"],
                status=row["status"],
                starts_at=row["starts_at"],
                joined_at=row["joined_at"],
                role=row["role"],
            )
            for row in await self._pool.fetch(_VISITS, account_id, at, show_id, limit)
        ]

    async def delete(self, account_id: str, now: datetime) -> Deleted:
        """Takes a person out of what is kept."""
        async with self._pool.acquire() as connection, connection.transaction():
            session_ids = await delete_account(connection, account_id, now)
            if session_ids is None:
                return Deleted((), ())
            await rename_later(connection, account_id, now)
            affected = await connection.fetch(OPEN_ROOMS, account_id)
        return Deleted(session_ids, tuple(renamed_of(one) for one in affected))


def renamed_of(row: Any) -> Renamed:
    """A row of `OPEN_ROOMS`."""
    return Renamed(
        show_id=str(row["show_id"]),
        participant_id=str(row["id"]),
        display_name=row["display_name"],
    )
