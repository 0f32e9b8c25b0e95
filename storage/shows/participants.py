"""Who has been in a show's room, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg

from rooms.participants import Role
from rooms.shows.records import ParticipantRecord

_PAGE = """
SELECT a.id, a.display_name, lower(a.display_name) AS name_key, a.role, a.joined_at,
       accounts.kind, accounts.show_presence
  FROM attendees a JOIN accounts ON accounts.id = a.account_id
 WHERE a.show_id = $1 AND a.merged_into IS NULL AND a.removed_at IS NULL
   AND accounts.deleted_at IS NULL
   AND ($2 = '' OR strpos(lower(a.display_name), lower($2)) > 0)
   AND ($3::text IS NULL OR (lower(a.display_name), a.id) > ($3, $4::uuid))
 ORDER BY lower(a.display_name), a.id
 LIMIT $5
"""


class Participants:
    """`rooms.shows.ports.ParticipantStore`. Who was removed or is somebody else by now is not
    among them."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def page(
        self, show_id: str, q: str, after: tuple[str, str] | None, limit: int
    ) -> Sequence[ParticipantRecord]:
        """By name, at most ``limit`` of those whose name holds ``q``.

        Args:
            after: the name's key and the id of the last one that was told.
        """
        key, last_id = after or (None, None)
        rows = await self._pool.fetch(_PAGE, show_id, q, key, last_id, limit)
        return [
            ParticipantRecord(
                participant_id=str(row["id"]),
                display_name=row["display_name"],
                name_key=row["name_key"],
                role=Role(row["role"]),
                joined_at=row["joined_at"],
                has_account=row["kind"] == "user",
                shows_presence=row["show_presence"],
            )
            for row in rows
        ]
