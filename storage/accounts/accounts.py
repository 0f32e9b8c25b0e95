"""Accounts in PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from rooms.accounts.ports import AccountRecord, EmailTaken, NewAccount
from rooms.accounts.profile import HomeCity, Privacy
from rooms.mail import notices
from rooms.participants import Role
from storage.outbox.entries import put_effects
from storage.shows.catalogue import Connection

COLUMNS = (
    "id, email, display_name, role, created_at, password_hash, disabled_at, language, "
    "home_city::text AS home_city, show_name, show_presence, remember_rooms"
)

_CREATE = f"""
INSERT INTO accounts (id, kind, role, email, password_hash, display_name, created_at, updated_at)
VALUES ($1, CASE WHEN $3::text IS NULL THEN 'guest' ELSE 'user' END, $2, $3, $4, $5, $6, $6)
ON CONFLICT (id) DO NOTHING
RETURNING {COLUMNS}
"""

_UPGRADE = f"""
UPDATE accounts
   SET kind = 'user', role = $2, email = $3, password_hash = $4, display_name = $5,
       upgraded_at = $6, updated_at = $6
 WHERE id = $1 AND kind = 'guest' AND disabled_at IS NULL
RETURNING {COLUMNS}
"""

_BY_ID = f"SELECT {COLUMNS} FROM accounts WHERE id = $1"

_RENAME_ATTENDEES = """
UPDATE attendees a
   SET display_name = CASE WHEN accounts.show_name OR a.role <> 'fan' THEN $2
                           ELSE 'Fan ' || right(a.id::text, 4) END
  FROM accounts WHERE a.account_id = $1 AND accounts.id = $1
"""


class PostgresAccounts:
    """`rooms.accounts.ports.AccountStore`."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def create(self, account: NewAccount, now: datetime) -> AccountRecord:
        """Inserts; the same id again returns what is there."""
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                row = await connection.fetchrow(
                    _CREATE,
                    account.account_id,
                    account.role.value,
                    account.email,
                    account.password_hash,
                    account.display_name,
                    now,
                )
                if row is not None and account.email is not None:
                    await _welcome(connection, account)
        except asyncpg.UniqueViolationError:
            raise EmailTaken from None
        if row is None:
            known = await self.by_id(account.account_id)
            if known is None:
                raise LookupError("an account vanished between two statements")
            return known
        return account_of(row)

    async def upgrade_guest(self, account: NewAccount, now: datetime) -> AccountRecord | None:
        """Turns a guest into an account; its id, attendees and ballots stay."""
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                row = await connection.fetchrow(
                    _UPGRADE,
                    account.account_id,
                    account.role.value,
                    account.email,
                    account.password_hash,
                    account.display_name,
                    now,
                )
                if row is None:
                    return None
                await connection.execute(
                    _RENAME_ATTENDEES, account.account_id, account.display_name
                )
                await _welcome(connection, account)
        except asyncpg.UniqueViolationError:
            raise EmailTaken from None
        return account_of(row)

    async def by_id(self, account_id: str) -> AccountRecord | None:
        """One account."""
        row = await self._pool.fetchrow(f"SELECT {COLUMNS} FROM accounts WHERE id = $1", account_id)
        return account_of(row) if row else None

    async def by_email(self, email: str) -> AccountRecord | None:
        """One account, without regard to case."""
        row = await self._pool.fetchrow(
            f"SELECT {COLUMNS} FROM accounts WHERE lower(email) = lower($1)", email
        )
        return account_of(row) if row else None

    async def set_password_hash(
        self, account_id: str, password_hash: str, instead_of: str, changed_at: datetime | None
    ) -> bool:
        """Replaces the hash of a user's password, unless it was replaced meanwhile."""
        async with self._pool.acquire() as connection, connection.transaction():
            found = await connection.fetchval(
                "UPDATE accounts SET password_hash = $2 "
                "WHERE id = $1 AND kind = 'user' AND password_hash = $3 RETURNING id",
                account_id,
                password_hash,
                instead_of,
            )
            if found is not None and changed_at is not None:
                told = notices.password_changed(account_id, changed_at)
                await put_effects(connection, [(None, told)])
        return found is not None


async def _welcome(connection: Connection, account: NewAccount) -> None:
    """In the transaction that makes the account."""
    effect = notices.signed_up(account.account_id, account.language)
    await put_effects(connection, [(None, effect)])


def account_of(row: Any) -> AccountRecord:
    """A row of `COLUMNS`."""
    city = row["home_city"]
    return AccountRecord(
        account_id=str(row["id"]),
        email=row["email"],
        display_name=row["display_name"],
        role=Role(row["role"]),
        created_at=row["created_at"],
        password_hash=row["password_hash"],
        disabled=row["disabled_at"] is not None,
        language=row["language"],
        home_city=msgspec.json.decode(city, type=HomeCity) if city else None,
        privacy=Privacy(
            show_name=row["show_name"],
            show_presence=row["show_presence"],
            remember_rooms=row["remember_rooms"],
        ),
    )
