"""Crew lists in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from rooms.participants import Role
from rooms.shows.records import CrewRecord
from storage.shows.audit import write_audit
from storage.shows.catalogue import Connection

_CREW_OF = """
SELECT accounts.id, accounts.display_name,
       CASE accounts.role WHEN 'admin' THEN 'admin' ELSE 'artist' END AS role, true AS owner
  FROM shows JOIN accounts ON accounts.id = shows.owner_id WHERE shows.id = $1
UNION ALL
(SELECT accounts.id, accounts.display_name, crew.role, false
  FROM crew JOIN accounts ON accounts.id = crew.account_id
 WHERE crew.show_id = $1 ORDER BY crew.id)
"""

_STAGE_NAMES = """
SELECT accounts.display_name FROM shows JOIN accounts ON accounts.id = shows.owner_id
 WHERE shows.id = $1
UNION
SELECT accounts.display_name FROM crew JOIN accounts ON accounts.id = crew.account_id
 WHERE crew.show_id = $1 AND crew.role <> 'brand'
UNION
SELECT artists.name FROM line_up JOIN artists ON artists.id = line_up.artist_id
 WHERE line_up.show_id = $1
"""

_ROLES = "SELECT account_id, role FROM crew WHERE show_id = $1"

# Who leaves the crew goes on as a fan; curators and admins are what they are everywhere.
_REASSIGN = """
UPDATE attendees a
   SET role = coalesce(crew.role,
                       CASE WHEN accounts.role IN ('admin', 'curator') THEN accounts.role
                            ELSE 'fan' END),
       admitted = a.admitted OR crew.role IS NOT NULL
  FROM accounts
  LEFT JOIN crew ON crew.show_id = $1 AND crew.account_id = accounts.id
 WHERE a.show_id = $1 AND a.account_id = accounts.id AND accounts.id = ANY($2::uuid[])
RETURNING a.id
"""


class PostgresCrew:
    """`rooms.shows.ports.CrewStore`."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def crew_of(self, show_id: str) -> list[CrewRecord]:
        """Owner first."""
        return [
            CrewRecord(
                account_id=str(row["id"]),
                display_name=row["display_name"],
                role=Role(row["role"]),
                owner=row["owner"],
            )
            for row in await self._pool.fetch(_CREW_OF, show_id)
        ]

    async def stage_names(self, show_id: str) -> list[str]:
        """Of who drives the show or performs at it, each once."""
        return [row[0] for row in await self._pool.fetch(_STAGE_NAMES, show_id)]

    async def roles_of(self, account_id: str, show_ids: Sequence[str]) -> dict[str, Role]:
        """The account's role in the crews of these shows."""
        rows = await self._pool.fetch(
            "SELECT show_id, role FROM crew WHERE account_id = $1 AND show_id = ANY ($2::uuid[])",
            account_id,
            list(show_ids),
        )
        return {str(row["show_id"]): Role(row["role"]) for row in rows}

    async def set_crew(
        self, show_id: str, members: dict[str, Role], account_id: str, now: datetime
    ) -> list[str]:
        """Replaces the list and the roles of those in the room."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT FROM shows WHERE id = $1 FOR NO KEY UPDATE", show_id)
            known = await connection.fetchval(
                "SELECT count(*) FROM accounts WHERE id = ANY($1::uuid[]) AND kind = 'user' "
                "AND disabled_at IS NULL",
                list(members),
            )
            if known != len(members):
                raise LookupError("not every account is known")
            before = {
                str(row["account_id"]): str(row["role"])
                for row in await connection.fetch(_ROLES, show_id)
            }
            after = {member: role.value for member, role in members.items()}
            if before == after:
                return []
            await connection.execute(
                "DELETE FROM crew WHERE show_id = $1 AND account_id <> ALL($2::uuid[])",
                show_id,
                list(after),
            )
            await connection.executemany(
                "INSERT INTO crew (show_id, account_id, role) VALUES ($1, $2, $3) "
                "ON CONFLICT (show_id, account_id) DO UPDATE SET role = excluded.role",
                [(show_id, member, role) for member, role in after.items()],
            )
            moved = {key for key in before | after if before.get(key) != after.get(key)}
            changed = await reassign(connection, show_id, moved)
            await write_audit(
                connection,
                at=now,
                show_id=show_id,
                account_id=account_id,
                action="set_crew",
                subject=f"show:{show_id}",
                before=before,
                after=after,
            )
        return changed


async def reassign(connection: Connection, show_id: str, account_ids: Collection[str]) -> list[str]:
    """Gives these accounts the role in the room that they have in the crew; the participants."""
    rows = await connection.fetch(_REASSIGN, show_id, list(account_ids))
    return [str(row["id"]) for row in rows]
