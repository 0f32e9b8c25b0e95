"""Invitations to a line-up or a crew in PostgreSQL. Of a token only a hash is kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import asyncpg

from rooms import limits
from rooms.participants import Role
from rooms.shows.invitations import (
    Answered,
    InvitationKind,
    InvitationRecord,
    NewInvitation,
    TooManyInvitations,
)
from rooms.shows.ports import Taken
from storage.shows.audit import write_audit
from storage.shows.catalogue import Connection
from storage.shows.crew import reassign

_SELECT = """
SELECT i.id, i.show_id, i.kind, i.role, i.email, i.created_at, i.expires_at, i.answered_at,
       i.status, s.title AS show_title, s.slug AS show_slug, s.starts_at AS show_starts_at,
       l.artist_id, a.name AS artist_name, inviter.display_name AS invited_by,
       answerer.display_name AS answered_by
  FROM invitations i
  JOIN shows s ON s.id = i.show_id
  LEFT JOIN line_up l ON l.id = i.line_up_id
  LEFT JOIN artists a ON a.id = l.artist_id
  LEFT JOIN accounts inviter ON inviter.id = i.invited_by
  LEFT JOIN accounts answerer ON answerer.id = i.answered_by
"""

# The same id again has a new token: the answer that held the first one got lost.
_CREATE = """
INSERT INTO invitations AS i (id, show_id, line_up_id, kind, role, email, token_hash, invited_by,
                              created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (id) DO UPDATE SET token_hash = excluded.token_hash
 WHERE i.show_id = excluded.show_id AND i.status = 'pending'
RETURNING xmax = 0 AS made
"""

_ANSWER = """
UPDATE invitations SET status = $2, answered_at = $3, answered_by = $4
 WHERE token_hash = $1 AND status = 'pending' AND expires_at > $3
RETURNING id, line_up_id, show_id, kind, role
"""

_JOIN_CREW = """
INSERT INTO crew (show_id, account_id, role)
SELECT $1, $2, $3 FROM shows WHERE id = $1 AND owner_id IS DISTINCT FROM $2
    ON CONFLICT (show_id, account_id) DO NOTHING
"""


class PostgresInvitations:
    """`rooms.shows.invitations.InvitationStore`."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def create(self, invitation: NewInvitation, now: datetime) -> InvitationRecord | None:
        """Inserts an invitation, in place of the pending one of the same artist."""
        show_id = invitation.show_id
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT FROM shows WHERE id = $1 FOR NO KEY UPDATE", show_id)
            line_up_id = None
            if invitation.artist_id is not None:
                place = await connection.fetchrow(
                    "SELECT id, status FROM line_up WHERE show_id = $1 AND artist_id = $2",
                    show_id,
                    invitation.artist_id,
                )
                if place is None:
                    return None
                if place["status"] == "accepted":
                    raise Taken("artist")
                line_up_id = place["id"]
                await connection.execute(
                    "UPDATE invitations SET status = 'withdrawn' "
                    "WHERE line_up_id = $1 AND status = 'pending' AND id <> $2",
                    line_up_id,
                    invitation.invitation_id,
                )
                await connection.execute(
                    "UPDATE line_up SET status = 'invited' WHERE id = $1", line_up_id
                )
            await _check_room(connection, invitation, now)
            row = await connection.fetchrow(
                _CREATE,
                invitation.invitation_id,
                show_id,
                line_up_id,
                invitation.kind.value,
                invitation.role.value if invitation.role else None,
                invitation.email,
                invitation.token_hash,
                invitation.account_id,
                now,
                invitation.expires_at,
            )
            if row is None:
                return None
            if row["made"]:
                await write_audit(
                    connection,
                    at=now,
                    show_id=show_id,
                    account_id=invitation.account_id,
                    action="invite",
                    subject=f"invitation:{invitation.invitation_id}",
                    after={
                        "kind": invitation.kind.value,
                        "role": invitation.role.value if invitation.role else None,
                        "artist_id": invitation.artist_id,
                    },
                )
            made = await connection.fetchrow(f"{_SELECT} WHERE i.id = $1", invitation.invitation_id)
        return _invitation(made)

    async def of_show(self, show_id: str) -> list[InvitationRecord]:
        """Those that wait first, then the others, the newest first."""
        rows = await self._pool.fetch(
            f"{_SELECT} WHERE i.show_id = $1 ORDER BY i.status <> 'pending', i.id DESC LIMIT $2",
            show_id,
            limits.INVITATIONS_SHOWN,
        )
        return [_invitation(row) for row in rows]

    async def by_token(self, token_hash: bytes) -> InvitationRecord | None:
        """The invitation of a token."""
        row = await self._pool.fetchrow(f"{_SELECT} WHERE i.token_hash = $1", token_hash)
        return _invitation(row) if row else None

    async def answer(
        self, token_hash: bytes, *, accept: bool, account_id: str, now: datetime
    ) -> Answered | None:
        """Accepts or declines a pending invitation, once."""
        status = "accepted" if accept else "declined"
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(_ANSWER, token_hash, status, now, account_id)
            if row is None:
                return None
            show_id = str(row["show_id"])
            if row["line_up_id"] is not None:
                await connection.execute(
                    "UPDATE line_up SET status = $2 WHERE id = $1", row["line_up_id"], status
                )
            changed: list[str] = []
            if accept:
                role = row["role"] if row["kind"] == "crew" else "artist"
                await connection.execute(_JOIN_CREW, show_id, account_id, role)
                changed = await reassign(connection, show_id, [account_id])
            await write_audit(
                connection,
                at=now,
                show_id=show_id,
                account_id=account_id,
                action="answer_invitation",
                subject=f"invitation:{row['id']}",
                before={"status": "invited"},
                after={"status": status},
            )
            answered = await connection.fetchrow(f"{_SELECT} WHERE i.id = $1", row["id"])
        return Answered(invitation=_invitation(answered), participants=tuple(changed))

    async def withdraw(
        self, show_id: str, invitation_id: str, account_id: str, now: datetime
    ) -> str | None:
        """Takes a pending invitation back; its status before."""
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(
                "SELECT status, line_up_id FROM invitations WHERE id = $1 AND show_id = $2 "
                "FOR NO KEY UPDATE",
                invitation_id,
                show_id,
            )
            if row is None:
                return None
            if row["status"] == "pending":
                await connection.execute(
                    "UPDATE invitations SET status = 'withdrawn' WHERE id = $1", invitation_id
                )
                await connection.execute(
                    "UPDATE line_up SET status = 'proposed' WHERE id = $1 AND status = 'invited'",
                    row["line_up_id"],
                )
                await write_audit(
                    connection,
                    at=now,
                    show_id=show_id,
                    account_id=account_id,
                    action="withdraw_invitation",
                    subject=f"invitation:{invitation_id}",
                )
        return str(row["status"])


async def _check_room(connection: Connection, invitation: NewInvitation, now: datetime) -> None:
    waiting = await connection.fetchval(
        "SELECT count(*) FROM invitations "
        "WHERE show_id = $1 AND status = 'pending' AND expires_at > $2 AND id <> $3",
        invitation.show_id,
        now,
        invitation.invitation_id,
    )
    if waiting >= limits.INVITATIONS_PER_SHOW:
        raise TooManyInvitations


def _invitation(row: Any) -> InvitationRecord:
    return InvitationRecord(
        invitation_id=str(row["id"]),
        show_id=str(row["show_id"]),
        kind=InvitationKind(row["kind"]),
        role=Role(row["role"]) if row["role"] else None,
        artist_id=str(row["artist_id"]) if row["artist_id"] else None,
        artist_name=row["artist_name"],
        email=row["email"],
        status=row["status"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        answered_at=row["answered_at"],
        invited_by=row["invited_by"],
        answered_by=row["answered_by"],
        show_title=row["show_title"],
        show_slug=row["show_slug"],
        show_starts_at=row["show_starts_at"],
    )
