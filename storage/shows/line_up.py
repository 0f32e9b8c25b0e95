"""Line-ups, invitations and claims in PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import asyncpg

from rooms.shows.ports import Taken
from rooms.shows.records import (
    Billing,
    ClaimRecord,
    InvitationRecord,
    LineUpRecord,
    LineUpStatus,
)
from storage.shows.audit import write_audit
from storage.shows.catalogue import Connection, artist_by_name

_LINE_UP = """
SELECT l.id, a.id AS artist_id, a.name, l.billing, l.position, l.status
  FROM line_up l JOIN artists a ON a.id = l.artist_id
"""

_ADD = """
INSERT INTO line_up (id, show_id, artist_id, billing, position, status)
SELECT $1, $2, $3, $4, coalesce(max(position), 0) + 1, $5 FROM line_up WHERE show_id = $2
"""

_INVITATION = """
SELECT i.id, i.show_id, l.artist_id, a.name, i.status, i.expires_at
  FROM invitations i
  JOIN line_up l ON l.id = i.line_up_id
  JOIN artists a ON a.id = l.artist_id
"""

_ANSWER = """
UPDATE invitations SET status = $2, answered_at = $3, answered_by = $4
 WHERE token_hash = $1 AND status = 'pending' AND expires_at > $3
RETURNING id, line_up_id, show_id
"""

_CLAIM = "SELECT id, artist_id, account_id, status, created_at FROM claims"

# Who was invited by the show's crew as this artist, and accepted, has shown enough.
_WAS_INVITED = """
SELECT FROM invitations i JOIN line_up l ON l.id = i.line_up_id
 WHERE l.artist_id = $1 AND i.answered_by = $2 AND i.status = 'accepted'
   AND i.invited_by IS DISTINCT FROM $2
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

    async def invitation(self, token_hash: bytes) -> InvitationRecord | None:
        """The invitation of a token."""
        row = await self._pool.fetchrow(f"{_INVITATION} WHERE i.token_hash = $1", token_hash)
        return _invitation(row) if row else None

    async def answer(
        self, token_hash: bytes, *, accept: bool, account_id: str, now: datetime
    ) -> InvitationRecord | None:
        """Accepts or declines a pending invitation, once."""
        status = "accepted" if accept else "declined"
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(_ANSWER, token_hash, status, now, account_id)
            if row is None:
                return None
            await connection.execute(
                "UPDATE line_up SET status = $2 WHERE id = $1", row["line_up_id"], status
            )
            if accept:
                await _join_crew(connection, str(row["show_id"]), account_id)
            await write_audit(
                connection,
                at=now,
                show_id=str(row["show_id"]),
                account_id=account_id,
                action="answer_invitation",
                subject=f"invitation:{row['id']}",
                before={"status": "invited"},
                after={"status": status},
            )
            answered = await connection.fetchrow(f"{_INVITATION} WHERE i.id = $1", row["id"])
        return _invitation(answered)

    async def artist_name(self, artist_id: str) -> str | None:
        """An artist's name."""
        name: str | None = await self._pool.fetchval(
            "SELECT name FROM artists WHERE id = $1", artist_id
        )
        return name

    async def claim(
        self, claim_id: str, artist_id: str, account_id: str, evidence: str | None, now: datetime
    ) -> ClaimRecord:
        """An account claims an artist."""
        async with self._pool.acquire() as connection, connection.transaction():
            # One claim of an artist at a time: two at once would both find it free.
            holder = await connection.fetchval(
                "SELECT claimed_by FROM artists WHERE id = $1 FOR NO KEY UPDATE", artist_id
            )
            known = await connection.fetchrow(
                f"{_CLAIM} WHERE artist_id = $1 AND account_id = $2 "
                "AND status IN ('pending', 'approved') ORDER BY id DESC LIMIT 1",
                artist_id,
                account_id,
            )
            if known is not None:
                return _claim(known)
            if holder is not None and str(holder) != account_id:
                raise Taken("artist")
            invited = await connection.fetchrow(_WAS_INVITED, artist_id, account_id)
            approved = invited is not None
            await connection.execute(
                "INSERT INTO claims (id, artist_id, account_id, evidence, created_at, status, "
                "decided_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                claim_id,
                artist_id,
                account_id,
                evidence,
                now,
                "approved" if approved else "pending",
                now if approved else None,
            )
            if approved:
                await _give_artist(connection, artist_id, account_id)
            await write_audit(
                connection,
                at=now,
                show_id=None,
                account_id=account_id,
                action="claim_artist",
                subject=f"artist:{artist_id}",
                after={"claim_id": claim_id, "approved": approved},
            )
            return _claim(await connection.fetchrow(f"{_CLAIM} WHERE id = $1", claim_id))

    async def decide_claim(
        self, claim_id: str, *, approve: bool, account_id: str, now: datetime
    ) -> ClaimRecord | None:
        """Approves or rejects a pending claim."""
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(
                "UPDATE claims SET status = $2, decided_at = $3, decided_by = $4 "
                "WHERE id = $1 AND status = 'pending' "
                "RETURNING id, artist_id, account_id, status, created_at",
                claim_id,
                "approved" if approve else "rejected",
                now,
                account_id,
            )
            if row is None:
                return None
            if approve:
                await _give_artist(connection, str(row["artist_id"]), str(row["account_id"]))
            await write_audit(
                connection,
                at=now,
                show_id=None,
                account_id=account_id,
                action="decide_claim",
                subject=f"claim:{claim_id}",
                before={"status": "pending"},
                after={"status": row["status"]},
            )
        return _claim(row)

    async def _by_id(self, connection: Connection, line_up_id: str) -> LineUpRecord | None:
        row = await connection.fetchrow(f"{_LINE_UP} WHERE l.id = $1", line_up_id)
        return _line_up(row) if row else None


async def _join_crew(connection: Connection, show_id: str, account_id: str) -> None:
    """Who performs at a show belongs to its crew, as the artist."""
    await connection.execute(
        "INSERT INTO crew (show_id, account_id, role) "
        "SELECT $1, $2, 'artist' FROM shows WHERE id = $1 AND owner_id IS DISTINCT FROM $2 "
        "ON CONFLICT (show_id, account_id) DO NOTHING",
        show_id,
        account_id,
    )


async def _give_artist(connection: Connection, artist_id: str, account_id: str) -> None:
    given = await connection.fetchval(
        "UPDATE artists SET claimed_by = $2 "
        "WHERE id = $1 AND (claimed_by IS NULL OR claimed_by = $2) RETURNING id",
        artist_id,
        account_id,
    )
    if given is None:
        raise Taken("artist")


def _line_up(row: Any) -> LineUpRecord:
    return LineUpRecord(
        artist_id=str(row["artist_id"]),
        name=row["name"],
        billing=Billing(row["billing"]),
        position=row["position"],
        status=LineUpStatus(row["status"]),
    )


def _invitation(row: Any) -> InvitationRecord:
    return InvitationRecord(
        invitation_id=str(row["id"]),
        show_id=str(row["show_id"]),
        artist_id=str(row["artist_id"]),
        artist_name=row["name"],
        status=row["status"],
        expires_at=row["expires_at"],
    )


def _claim(row: Any) -> ClaimRecord:
    return ClaimRecord(
        claim_id=str(row["id"]),
        artist_id=str(row["artist_id"]),
        account_id=str(row["account_id"]),
        status=row["status"],
        created_at=row["created_at"],
    )
