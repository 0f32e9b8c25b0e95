"""Displays and their tickets in PostgreSQL. Only hashes of tokens are kept."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

import asyncpg

from rooms import limits
from rooms.displays.ports import (
    DisplayRecord,
    DisplayTicketUse,
    NewDisplay,
    NewDisplayTicket,
    TooManyDisplays,
)
from rooms.participants import DisplayKind
from storage.shows.audit import write_audit

SEEN_EVERY: Final = timedelta(seconds=30)
"""A display's time is written no more often: nobody asks for it by the second."""

_COLUMNS = "id, show_id, kind, name, token_hash, created_at, last_seen_at, revoked_at"

_CREATE = f"""
INSERT INTO displays AS d (id, show_id, kind, name, token_hash, made_by, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id) DO UPDATE SET token_hash = excluded.token_hash
 WHERE d.show_id = excluded.show_id AND d.revoked_at IS NULL
RETURNING {_COLUMNS}, xmax = 0 AS made
"""

_FORGET = """
DELETE FROM displays
 WHERE id IN (SELECT id FROM displays WHERE show_id = $1 AND revoked_at IS NOT NULL
               ORDER BY revoked_at DESC OFFSET $2)
"""

_OF_SHOW = f"""
SELECT {_COLUMNS} FROM displays WHERE show_id = $1
 ORDER BY revoked_at IS NOT NULL, id DESC LIMIT $2
"""

_REVOKE = """
UPDATE displays SET revoked_at = $2, revoked_by = $3 WHERE id = $1 AND revoked_at IS NULL
RETURNING show_id, kind, name
"""

# The SELECT sees the ticket as it was before the UPDATE: one round trip for both.
_USE_TICKET = """
WITH first_use AS (
    UPDATE display_tickets SET first_used_at = $3
     WHERE id = $1 AND first_used_at IS NULL AND first_use_by >= $3
)
SELECT d.id, d.show_id, d.kind, d.name, d.token_hash, d.created_at, d.last_seen_at, d.revoked_at,
       (t.first_used_at IS NOT NULL OR t.first_use_by >= $3) AND t.expires_at > $3 AS usable
  FROM display_tickets t JOIN displays d ON d.id = t.display_id
 WHERE t.id = $1 AND d.show_id = $2
"""

_SEEN = """
UPDATE displays SET last_seen_at = $2
 WHERE id = ANY ($1::uuid[]) AND (last_seen_at IS NULL OR last_seen_at < $3)
"""

_REVOKED_AMONG = """
SELECT wanted.id
  FROM unnest($1::uuid[]) AS wanted (id)
  LEFT JOIN displays d ON d.id = wanted.id AND d.revoked_at IS NULL
 WHERE d.id IS NULL
"""


class PostgresDisplays:
    """`rooms.displays.ports.DisplayStore`."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def create(self, display: NewDisplay, now: datetime) -> DisplayRecord:
        """Inserts a display; the same id again takes the new token."""
        async with self._pool.acquire() as connection, connection.transaction():
            # Two that are made at once are counted one after the other.
            await connection.execute(
                "SELECT FROM shows WHERE id = $1 FOR NO KEY UPDATE", display.show_id
            )
            in_use = await connection.fetchval(
                "SELECT count(*) FROM displays "
                "WHERE show_id = $1 AND revoked_at IS NULL AND id <> $2",
                display.show_id,
                display.display_id,
            )
            if in_use >= limits.DISPLAYS_PER_SHOW:
                raise TooManyDisplays
            row = await connection.fetchrow(
                _CREATE,
                display.display_id,
                display.show_id,
                display.kind.value,
                display.name,
                display.token_hash,
                display.account_id,
                now,
            )
            if row is None:
                raise LookupError("a display that is asked for again was revoked meanwhile")
            if row["made"]:
                await connection.execute(_FORGET, display.show_id, limits.DISPLAYS_REVOKED_SHOWN)
                await write_audit(
                    connection,
                    at=now,
                    show_id=display.show_id,
                    account_id=display.account_id,
                    action="make_display",
                    subject=f"display:{display.display_id}",
                    after={"kind": display.kind.value, "name": display.name},
                )
        return _display(row)

    async def by_id(self, display_id: str) -> DisplayRecord | None:
        """One display."""
        row = await self._pool.fetchrow(
            f"SELECT {_COLUMNS} FROM displays WHERE id = $1", display_id
        )
        return _display(row) if row else None

    async def of_show(self, show_id: str) -> list[DisplayRecord]:
        """Those in use first."""
        shown = limits.DISPLAYS_PER_SHOW + limits.DISPLAYS_REVOKED_SHOWN
        return [_display(row) for row in await self._pool.fetch(_OF_SHOW, show_id, shown)]

    async def revoke(self, display_id: str, account_id: str, now: datetime) -> None:
        """Ends a display; saying it twice does it once."""
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(_REVOKE, display_id, now, account_id)
            if row is None:
                return
            await write_audit(
                connection,
                at=now,
                show_id=str(row["show_id"]),
                account_id=account_id,
                action="revoke_display",
                subject=f"display:{display_id}",
                before={"kind": row["kind"], "name": row["name"]},
            )

    async def add_ticket(self, ticket: NewDisplayTicket) -> None:
        """Keeps a ticket."""
        await self._pool.execute(
            "INSERT INTO display_tickets (id, display_id, created_at, first_use_by, expires_at) "
            "VALUES ($1, $2, $3, $4, $5)",
            ticket.ticket_id,
            ticket.display_id,
            ticket.created_at,
            ticket.first_use_by,
            ticket.expires_at,
        )

    async def use_ticket(
        self, ticket_id: str, show_id: str, now: datetime
    ) -> DisplayTicketUse | None:
        """Uses a ticket and tells whose it is."""
        row = await self._pool.fetchrow(_USE_TICKET, ticket_id, show_id, now)
        return DisplayTicketUse(display=_display(row), usable=row["usable"]) if row else None

    async def seen(self, display_ids: Collection[str], now: datetime) -> None:
        """Notes that these are connected."""
        await self._pool.execute(_SEEN, list(display_ids), now, now - SEEN_EVERY)

    async def revoked_among(self, display_ids: Collection[str]) -> set[str]:
        """Those that are revoked or unknown."""
        rows = await self._pool.fetch(_REVOKED_AMONG, list(display_ids))
        return {str(row["id"]) for row in rows}


def _display(row: Any) -> DisplayRecord:
    return DisplayRecord(
        display_id=str(row["id"]),
        show_id=str(row["show_id"]),
        kind=DisplayKind(row["kind"]),
        name=row["name"],
        created_at=row["created_at"],
        token_hash=row["token_hash"],
        last_seen_at=row["last_seen_at"],
        revoked_at=row["revoked_at"],
    )
