"""Attendees and tickets in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg
import structlog

from rooms.participants import Participant, Role
from rooms.show import Access, ShowStatus
from rooms.shows.ports import NewTicket, Standing, TicketUse
from rooms.shows.records import AttendeeRecord
from storage.batching import Batched
from storage.rooms.failures import not_writing

log = structlog.get_logger(__name__)

_STANDING = """
SELECT shows.id AS show_id, shows.status, shows.access, shows.join_code, shows.owner_id,
       crew.role AS crew_role,
       a.id AS attendee_id, a.account_id, a.role, a.admitted, a.removed_at, a.device_id,
       a.display_name
  FROM shows
  LEFT JOIN crew ON crew.show_id = shows.id AND crew.account_id = $2
  LEFT JOIN attendees a ON a.show_id = shows.id AND a.account_id = $2
 WHERE shows.id = $1
"""

_JOIN = """
INSERT INTO attendees AS a (id, show_id, account_id, role, display_name, admitted, joined_at,
                            device_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (show_id, account_id) DO UPDATE
   SET role = excluded.role, admitted = a.admitted OR excluded.admitted,
       display_name = excluded.display_name,
       device_id = coalesce(a.device_id, excluded.device_id)
RETURNING id AS attendee_id, show_id, account_id, role, admitted, removed_at, device_id,
          display_name
"""

_ADD_TICKET = """
INSERT INTO tickets (id, show_id, participant_id, account_id, session_id, created_at,
                     first_use_by, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""

# The SELECT sees the tickets as they were before the UPDATE: one round trip for both. Rows are
# locked by id: two nodes that are shown the same tickets in other orders wait for each other in
# one direction only.
_USE_TICKETS = """
WITH asked AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[])
             WITH ORDINALITY AS q (id, show_id, at, place)
), unused AS MATERIALIZED (
    SELECT t.id, q.at FROM tickets t
      JOIN asked q ON t.id = q.id AND t.show_id = q.show_id
     WHERE t.first_used_at IS NULL AND t.first_use_by >= q.at AND t.revoked_at IS NULL
     ORDER BY t.id FOR NO KEY UPDATE OF t
), first_use AS (
    UPDATE tickets t SET first_used_at = unused.at FROM unused
     WHERE t.id = unused.id AND t.first_used_at IS NULL AND t.revoked_at IS NULL
)
SELECT q.place, t.id, t.session_id, a.id AS participant_id, a.account_id, a.role, a.display_name,
       a.admitted, a.removed_at, a.device_id, accounts.kind, accounts.show_presence,
       (t.first_used_at IS NOT NULL OR t.first_use_by >= q.at)
           AND t.revoked_at IS NULL AND t.expires_at > q.at AS usable,
       s.revoked_at IS NULL AND s.expires_at > q.at AND accounts.disabled_at IS NULL AS session_live
  FROM asked q
  JOIN tickets t ON t.id = q.id AND t.show_id = q.show_id
  JOIN attendees a ON a.id = t.participant_id
  JOIN accounts ON accounts.id = t.account_id
  JOIN sessions s ON s.id = t.session_id
"""

_Shown = tuple[str, str, datetime]
"""A ticket as it is shown: its id, the show, when."""


class PostgresAttendees:
    """`rooms.shows.ports.AttendeeStore`."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool
        self._uses: Batched[_Shown, TicketUse | None] = Batched(self._use_all)

    async def standing(self, show_id: str, account_id: str | None) -> Standing | None:
        """What an account is to a show, in one read."""
        row = await self._pool.fetchrow(_STANDING, show_id, account_id)
        if row is None:
            return None
        return Standing(
            show_id=str(row["show_id"]),
            status=ShowStatus(row["status"]),
            access=Access(row["access"]),
            join_code=row["join_code"],
            owner_id=str(row["owner_id"]) if row["owner_id"] else None,
            crew_role=Role(row["crew_role"]) if row["crew_role"] else None,
            attendee=_attendee(row) if row["attendee_id"] else None,
        )

    async def join(
        self,
        attendee_id: str,
        show_id: str,
        account_id: str,
        *,
        role: Role,
        display_name: str,
        admitted: bool,
        device_id: str | None,
        now: datetime,
    ) -> AttendeeRecord:
        """Makes or updates an attendee."""
        row = await self._pool.fetchrow(
            _JOIN,
            attendee_id,
            show_id,
            account_id,
            role.value,
            display_name,
            admitted,
            now,
            device_id,
        )
        return _attendee(row)

    async def add_ticket(self, ticket: NewTicket) -> None:
        """Keeps a ticket."""
        await self._pool.execute(
            _ADD_TICKET,
            ticket.ticket_id,
            ticket.show_id,
            ticket.participant_id,
            ticket.account_id,
            ticket.session_id,
            ticket.created_at,
            ticket.first_use_by,
            ticket.expires_at,
        )

    async def use_ticket(self, ticket_id: str, show_id: str, now: datetime) -> TicketUse | None:
        """Uses a ticket and tells whose it is; those shown at the same time share a statement.

        Raises:
            LogUnavailable: that could not be found out.
        """
        return await self._uses.ask((ticket_id, show_id, now))

    async def _use_all(self, shown: Sequence[_Shown]) -> list[TicketUse | None]:
        ids, shows, times = (list(column) for column in zip(*shown, strict=True))
        with not_writing():
            try:
                rows = await self._pool.fetch(_USE_TICKETS, ids, shows, times)
            except asyncpg.TransactionRollbackError as error:
                # Taken back as a whole because of somebody else (a sign-out that revokes several,
                # say), who is done by now: not a reason to send a whole batch away.
                log.info("tickets_used_again", error=type(error).__name__, tickets=len(shown))
                rows = await self._pool.fetch(_USE_TICKETS, ids, shows, times)
        uses: list[TicketUse | None] = [None] * len(shown)
        for row in rows:
            uses[row["place"] - 1] = _use(row)
        return uses


def _use(row: Any) -> TicketUse:
    return TicketUse(
        ticket_id=str(row["id"]),
        session_id=str(row["session_id"]),
        participant=Participant(
            participant_id=str(row["participant_id"]),
            account_id=str(row["account_id"]),
            role=Role(row["role"]),
            display_name=row["display_name"],
            guest=row["kind"] == "guest",
            admitted=row["admitted"],
            device_id=str(row["device_id"]) if row["device_id"] else None,
            shows_presence=row["show_presence"],
        ),
        usable=row["usable"],
        session_live=row["session_live"],
        removed=row["removed_at"] is not None,
    )


def _attendee(row: Any) -> AttendeeRecord:
    return AttendeeRecord(
        device_id=str(row["device_id"]) if row["device_id"] else None,
        attendee_id=str(row["attendee_id"]),
        show_id=str(row["show_id"]),
        account_id=str(row["account_id"]),
        role=Role(row["role"]),
        admitted=row["admitted"],
        removed=row["removed_at"] is not None,
        display_name=row["display_name"],
    )
