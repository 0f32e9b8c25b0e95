"""Sessions and refresh tokens in PostgreSQL. Only hashes of tokens are kept."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

import asyncpg

from rooms.accounts.ports import NewSession, Reused, Rotated, Rotation, SessionRecord, SessionView
from rooms.mail import notices
from rooms.participants import Role
from storage.outbox.entries import put_effects

_OPEN = """
INSERT INTO sessions (id, account_id, token_hash, created_at, last_used_at, expires_at, device_id,
                      device_label)
VALUES ($1, $2, $3, $4, $4, $5, $6, $7)
"""

# Sessions are kept for a while after their end: a device that was away for longer is a new one.
_KNOWS_DEVICE = """
SELECT EXISTS (SELECT FROM sessions WHERE account_id = $1 AND device_id = $2)
"""

_LIVE = """
SELECT s.id, s.account_id, s.expires_at, s.device_id, s.last_used_at, a.display_name, a.role,
       a.kind, a.show_name, a.show_presence
  FROM sessions s JOIN accounts a ON a.id = s.account_id
 WHERE s.id = $1 AND s.account_id = $2 AND s.revoked_at IS NULL AND s.expires_at > $3
   AND a.disabled_at IS NULL
"""

# After a restore the current token of a session is not known (`storage.backup.adopting`): in the
# place of its hash stands the session's id, and the first authentic token is taken.
_ROTATE = """
UPDATE sessions s
   SET previous_hash = token_hash, token_hash = $3, generation = generation + 1,
       rotated_at = $4, last_used_at = $4, expires_at = greatest(s.expires_at, $5)
  FROM accounts a
 WHERE s.id = $1 AND s.token_hash IN ($2, uuid_send(s.id)) AND s.revoked_at IS NULL
   AND s.expires_at > $4 AND a.id = s.account_id AND a.disabled_at IS NULL
RETURNING s.id, s.account_id, s.expires_at, s.device_id, a.display_name, a.role, a.kind,
          a.show_name, a.show_presence
"""

_REVOKE_REUSED = """
UPDATE sessions SET revoked_at = $3, revoked_reason = 'refresh_token_reused'
 WHERE id = $1 AND token_hash <> $2 AND revoked_at IS NULL
RETURNING account_id
"""

_REVOKED_AMONG = """
SELECT wanted.id
  FROM unnest($1::uuid[]) AS wanted (id)
  LEFT JOIN sessions s ON s.id = wanted.id AND s.revoked_at IS NULL AND s.expires_at > $2
  LEFT JOIN accounts a ON a.id = s.account_id AND a.disabled_at IS NULL
 WHERE a.id IS NULL
"""


_USED = "UPDATE sessions SET last_used_at = $2 WHERE id = $1 AND last_used_at < $3"

_OF_ACCOUNT = """
SELECT id, device_label, created_at, last_used_at FROM sessions
 WHERE account_id = $1 AND revoked_at IS NULL AND expires_at > $2
 ORDER BY last_used_at DESC, id DESC LIMIT $3
"""

USED_EVERY: Final = timedelta(minutes=5)
"""A session's last use is written no more often: calls come by the second."""

SESSIONS_SHOWN: Final = 100
"""Sessions in a list; a guest opens one at each visit, and they end after sixty days."""


class PostgresSessions:
    """`rooms.accounts.ports.SessionStore`."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def open(self, session: NewSession, now: datetime) -> None:
        """Inserts a session with its first refresh token."""
        async with self._pool.acquire() as connection, connection.transaction():
            unknown = session.signed_in and not await connection.fetchval(
                _KNOWS_DEVICE, session.account_id, session.device_id
            )
            await connection.execute(
                _OPEN,
                session.session_id,
                session.account_id,
                session.refresh_hash,
                now,
                session.expires_at,
                session.device_id,
                session.device_label,
            )
            if unknown:
                told = notices.signed_in(
                    session.account_id, session.session_id, session.device_label, now
                )
                await put_effects(connection, [(None, told)])

    async def live(self, session_id: str, account_id: str, now: datetime) -> SessionRecord | None:
        """The session, if it may still be used: one look-up by primary key.

        Once in a while it is written down that it was used.
        """
        row = await self._pool.fetchrow(_LIVE, session_id, account_id, now)
        if row is not None and row["last_used_at"] < now - USED_EVERY:
            await self._pool.execute(_USED, session_id, now, now - USED_EVERY)
        return _session(row) if row else None

    async def rotate(
        self,
        session_id: str,
        refresh_hash: bytes,
        successor: bytes,
        *,
        now: datetime,
        expires_at: datetime,
    ) -> Rotation:
        """Uses a refresh token once; one that is not the current one revokes the session."""
        row = await self._pool.fetchrow(
            _ROTATE, session_id, refresh_hash, successor, now, expires_at
        )
        if row is not None:
            return Rotated(session=_session(row))
        account_id = await self._pool.fetchval(_REVOKE_REUSED, session_id, refresh_hash, now)
        return Reused(account_id=str(account_id)) if account_id else None

    async def extend(self, session_id: str, expires_at: datetime) -> None:
        """Moves the session's end; never earlier."""
        await self._pool.execute(
            "UPDATE sessions SET expires_at = greatest(expires_at, $2) "
            "WHERE id = $1 AND revoked_at IS NULL",
            session_id,
            expires_at,
        )

    async def revoke(self, session_id: str, reason: str, now: datetime) -> bool:
        """Ends a session; whether it had been live."""
        found = await self._pool.fetchval(
            "UPDATE sessions SET revoked_at = $3, revoked_reason = $2 "
            "WHERE id = $1 AND revoked_at IS NULL RETURNING id",
            session_id,
            reason,
            now,
        )
        return found is not None

    async def of_account(self, account_id: str, now: datetime) -> list[SessionView]:
        """An account's live sessions, the one used last first."""
        rows = await self._pool.fetch(_OF_ACCOUNT, account_id, now, SESSIONS_SHOWN)
        return [
            SessionView(
                session_id=str(row["id"]),
                device_label=row["device_label"],
                created_at=row["created_at"],
                last_used_at=row["last_used_at"],
            )
            for row in rows
        ]

    async def revoke_others(
        self, account_id: str, keep: str, reason: str, now: datetime
    ) -> list[str]:
        """Ends all sessions of an account but one."""
        rows = await self._pool.fetch(
            "UPDATE sessions SET revoked_at = $4, revoked_reason = $3 "
            "WHERE account_id = $1 AND id <> $2 AND revoked_at IS NULL AND expires_at > $4 "
            "RETURNING id",
            account_id,
            keep,
            reason,
            now,
        )
        return [str(row["id"]) for row in rows]

    async def revoke_own(self, account_id: str, session_id: str, now: datetime) -> bool:
        """Ends a session, if it is this account's."""
        found = await self._pool.fetchval(
            "UPDATE sessions SET revoked_at = $3, revoked_reason = 'ended' "
            "WHERE id = $1 AND account_id = $2 AND revoked_at IS NULL AND expires_at > $3 "
            "RETURNING id",
            session_id,
            account_id,
            now,
        )
        return found is not None

    async def revoked_among(self, session_ids: Collection[str], now: datetime) -> set[str]:
        """Those that are revoked, over, unknown, or of a disabled account."""
        if not session_ids:
            return set()
        rows = await self._pool.fetch(_REVOKED_AMONG, list(session_ids), now)
        return {str(row["id"]) for row in rows}


def _session(row: Any) -> SessionRecord:
    return SessionRecord(
        session_id=str(row["id"]),
        account_id=str(row["account_id"]),
        display_name=row["display_name"],
        role=Role(row["role"]),
        guest=row["kind"] == "guest",
        expires_at=row["expires_at"],
        device_id=str(row["device_id"]) if row["device_id"] else None,
        shows_name=row["show_name"],
        shows_presence=row["show_presence"],
    )
