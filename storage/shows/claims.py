"""Claims to be an artist, in PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import asyncpg

from rooms.shows.ports import Taken
from rooms.shows.records import ClaimRecord
from storage.shows.audit import write_audit
from storage.shows.catalogue import Connection

_CLAIM = "SELECT id, artist_id, account_id, status, created_at FROM claims"

# Who was invited by the show's crew as this artist, and accepted, has shown enough.
_WAS_INVITED = """
SELECT FROM invitations i JOIN line_up l ON l.id = i.line_up_id
 WHERE l.artist_id = $1 AND i.answered_by = $2 AND i.status = 'accepted'
   AND i.invited_by IS DISTINCT FROM $2
"""


class PostgresClaims:
    """`rooms.shows.ports.ClaimStore`."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

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


async def _give_artist(connection: Connection, artist_id: str, account_id: str) -> None:
    given = await connection.fetchval(
        "UPDATE artists SET claimed_by = $2 "
        "WHERE id = $1 AND (claimed_by IS NULL OR claimed_by = $2) RETURNING id",
        artist_id,
        account_id,
    )
    if given is None:
        raise Taken("artist")


def _claim(row: Any) -> ClaimRecord:
    return ClaimRecord(
        claim_id=str(row["id"]),
        artist_id=str(row["artist_id"]),
        account_id=str(row["account_id"]),
        status=row["status"],
        created_at=row["created_at"],
    )
