"""Line-ups in PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import asyncpg

from rooms.shows.ports import Taken
from rooms.shows.records import (
    Billing,
    LineUpRecord,
    LineUpStatus,
)
from storage.shows.audit import write_audit
from storage.shows.catalogue import Connection, artist_by_name
from storage.shows.crew import reassign

_LINE_UP = """
SELECT l.id, a.id AS artist_id, a.name, l.billing, l.position, l.status
  FROM line_up l JOIN artists a ON a.id = l.artist_id
"""

_ADD = """
INSERT INTO line_up (id, show_id, artist_id, billing, position, status)
SELECT $1, $2, $3, $4, coalesce(max(position), 0) + 1, $5 FROM line_up WHERE show_id = $2
"""

_REMOVE = "DELETE FROM line_up WHERE show_id = $1 AND artist_id = $2 RETURNING id, billing"

# Of crew it is who came by an invitation of this artist's, and by no other.
_CAME_WITH = """
DELETE FROM crew c USING invitations i
 WHERE i.line_up_id = (SELECT id FROM line_up WHERE show_id = $1 AND artist_id = $2)
   AND i.status = 'accepted' AND c.show_id = $1 AND c.account_id = i.answered_by
   AND c.role = 'artist'
   AND NOT EXISTS (SELECT FROM invitations other
                    WHERE other.show_id = $1 AND other.answered_by = c.account_id
                      AND other.status = 'accepted'
                      AND other.line_up_id IS DISTINCT FROM i.line_up_id)
RETURNING c.account_id
"""

_LOSE_TOUR = """
UPDATE shows SET tour_id = NULL
 WHERE id = $1 AND tour_id IN (SELECT id FROM tours WHERE artist_id = $2)
"""

_ARRANGE = """
UPDATE line_up l SET billing = u.billing, position = u.position
  FROM unnest($2::uuid[], $3::text[]) WITH ORDINALITY AS u (artist_id, billing, position)
 WHERE l.show_id = $1 AND l.artist_id = u.artist_id
"""


class PostgresLineUps:
    """`rooms.shows.ports.LineUpStore`."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def line_up_of(self, show_id: str) -> list[LineUpRecord]:
        """In order of position."""
        rows = await self._pool.fetch(
            f"{_LINE_UP} WHERE l.show_id = $1 ORDER BY l.position, l.id", show_id
        )
        return [_line_up(row) for row in rows]

    async def add_artist(
        self,
        show_id: str,
        *,
        line_up_id: str,
        artist_id: str | None,
        name: str | None,
        billing: Billing,
        invitation: tuple[bytes, str | None, datetime] | None,
        account_id: str,
        now: datetime,
    ) -> LineUpRecord | None:
        """Adds an artist, perhaps with an invitation."""
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                if artist_id is None:
                    artist_id = await artist_by_name(connection, name or "")
                elif not await connection.fetchval(
                    "SELECT true FROM artists WHERE id = $1", artist_id
                ):
                    return None
                there = await self._by_id(connection, line_up_id)
                if there is not None:
                    return there
                await connection.execute(
                    "SELECT FROM shows WHERE id = $1 FOR NO KEY UPDATE", show_id
                )
                status = LineUpStatus.INVITED if invitation else LineUpStatus.PROPOSED
                await connection.execute(
                    _ADD, line_up_id, show_id, artist_id, billing.value, status.value
                )
                if invitation:
                    token_hash, email, expires_at = invitation
                    await connection.execute(
                        "INSERT INTO invitations (show_id, line_up_id, kind, email, token_hash, "
                        "invited_by, created_at, expires_at) "
                        "VALUES ($1, $2, 'artist', $3, $4, $5, $6, $7)",
                        show_id,
                        line_up_id,
                        email,
                        token_hash,
                        account_id,
                        now,
                        expires_at,
                    )
                await write_audit(
                    connection,
                    at=now,
                    show_id=show_id,
                    account_id=account_id,
                    action="add_artist",
                    subject=f"artist:{artist_id}",
                    after={"billing": billing.value, "status": status.value},
                )
                return await self._by_id(connection, line_up_id)
        except asyncpg.UniqueViolationError:
            raise Taken("artist") from None

    async def remove_artist(
        self, show_id: str, artist_id: str, account_id: str, now: datetime
    ) -> list[str] | None:
        """Takes an artist out of a line-up."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT FROM shows WHERE id = $1 FOR NO KEY UPDATE", show_id)
            came = await connection.fetch(_CAME_WITH, show_id, artist_id)
            removed = await connection.fetchrow(_REMOVE, show_id, artist_id)
            if removed is None:
                return None
            await connection.execute(_LOSE_TOUR, show_id, artist_id)
            changed = await reassign(connection, show_id, [str(row[0]) for row in came])
            await write_audit(
                connection,
                at=now,
                show_id=show_id,
                account_id=account_id,
                action="remove_artist",
                subject=f"artist:{artist_id}",
                before={"billing": removed["billing"]},
            )
        return changed

    async def arrange(
        self, show_id: str, billings: dict[str, Billing], account_id: str, now: datetime
    ) -> list[LineUpRecord] | None:
        """Puts a line-up into order."""
        in_order = f"{_LINE_UP} WHERE l.show_id = $1 ORDER BY l.position, l.id"
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT FROM shows WHERE id = $1 FOR NO KEY UPDATE", show_id)
            before = [_line_up(row) for row in await connection.fetch(in_order, show_id)]
            if {artist.artist_id for artist in before} != billings.keys():
                return None
            values = [billing.value for billing in billings.values()]
            await connection.execute(_ARRANGE, show_id, list(billings), values)
            after = [_line_up(row) for row in await connection.fetch(in_order, show_id)]
            if after != before:
                await write_audit(
                    connection,
                    at=now,
                    show_id=show_id,
                    account_id=account_id,
                    action="arrange_line_up",
                    subject=f"show:{show_id}",
                    before={"artists": [[one.artist_id, one.billing.value] for one in before]},
                    after={"artists": [[one.artist_id, one.billing.value] for one in after]},
                )
        return after

    async def _by_id(self, connection: Connection, line_up_id: str) -> LineUpRecord | None:
        row = await connection.fetchrow(f"{_LINE_UP} WHERE l.id = $1", line_up_id)
        return _line_up(row) if row else None


def _line_up(row: Any) -> LineUpRecord:
    return LineUpRecord(
        artist_id=str(row["artist_id"]),
        name=row["name"],
        billing=Billing(row["billing"]),
        position=row["position"],
        status=LineUpStatus(row["status"]),
    )
