"""Codes and links that prove whose phone it is, in PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import asyncpg

from rooms.ports import NewId
from rooms.show import ShowStatus
from rooms.sms.records import (
    AppPhone,
    CodeRecord,
    ConsentKind,
    ConsentSource,
    LinkRecord,
    PhoneChannel,
    PhoneKey,
    PhoneState,
)
from storage.sms.statements import ADD_CONSENT, CONFIRM, KNOWN_BY_PHONE
from storage.sms.work import lock_key

_CLEAR_CODE = """
DELETE FROM confirm_codes WHERE code_hash = $1 AND (expires_at <= $2 OR used_at IS NOT NULL)
"""

_ADD_CODE = """
INSERT INTO confirm_codes (code_hash, attendee_id, show_id, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (attendee_id) DO UPDATE
   SET code_hash = excluded.code_hash, created_at = excluded.created_at,
       expires_at = excluded.expires_at, used_at = NULL
"""

_CODE = """
SELECT c.attendee_id, c.show_id, shows.title, a.account_id, accounts.kind, c.expires_at, c.used_at
  FROM confirm_codes c JOIN attendees a ON a.id = c.attendee_id
  JOIN accounts ON accounts.id = a.account_id JOIN shows ON shows.id = c.show_id
 WHERE c.code_hash = $1
"""

_APP_PHONE = """
SELECT a.phone_confirmed_at IS NOT NULL AS confirmed,
       EXISTS (SELECT FROM confirm_codes c WHERE c.attendee_id = a.id AND c.used_at IS NULL
                  AND c.expires_at > $3) AS pending,
       (SELECT p.number FROM phones p WHERE p.account_id = a.account_id
         ORDER BY p.created_at DESC, p.id LIMIT 1) AS number
  FROM attendees a WHERE a.show_id = $1 AND a.account_id = $2
"""

_LINK = """
SELECT l.phone_id, l.attendee_id, l.show_id, l.expires_at, l.used_at, shows.slug, shows.title,
       shows.status, p.channel, p.number, p.language, p.account_id, accounts.kind, h.state,
       a.merged_into
  FROM confirm_links l JOIN shows ON shows.id = l.show_id JOIN phones p ON p.id = l.phone_id
  JOIN accounts ON accounts.id = p.account_id JOIN attendees a ON a.id = l.attendee_id
  JOIN phone_attendances h ON h.phone_id = l.phone_id AND h.show_id = l.show_id
 WHERE l.token_hash = $1
"""

_USE_LINKS = """
UPDATE confirm_links SET used_at = $3
 WHERE phone_id = $1 AND show_id = $2 AND used_at IS NULL
"""

_SHARED = """
SELECT a.show_id, a.id AS one, b.id AS other
  FROM attendees a JOIN attendees b ON b.show_id = a.show_id AND b.account_id = $2
  JOIN shows ON shows.id = a.show_id
 WHERE a.account_id = $1 AND a.merged_into IS NULL AND shows.status NOT IN ('archived', 'cancelled')
"""

_PHONE = "SELECT id, account_id FROM phones WHERE channel = $1 AND number = $2"

_ADD_PHONE = """
INSERT INTO phones (id, channel, number, number_hash, account_id, language, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""

_OWNER = "SELECT account_id FROM attendees WHERE id = $1"

# The phone's own guest had other shows: they are the person's as well.
_MOVE = """
UPDATE attendees g SET account_id = $2
 WHERE g.account_id = $1 AND g.merged_into IS NULL
   AND EXISTS (SELECT FROM accounts WHERE accounts.id = $1 AND kind = 'guest')
   AND NOT EXISTS (SELECT FROM attendees a WHERE a.show_id = g.show_id AND a.account_id = $2)
"""

_GIVE = "UPDATE phones SET account_id = $2 WHERE account_id = $1"

# Who is looked for by a phone is found in two steps (`storage.sms.rows.WHO_FROM`): a phone that
# moved on is known as the last one, whoever it was in between.
_SHORTEN = """
UPDATE attendees came SET merged_into = was.merged_into
  FROM phone_attendances here, attendees was
 WHERE here.phone_id = $1 AND came.id = here.attendee_id AND was.id = came.merged_into
   AND was.merged_into IS NOT NULL
"""

_ATTEND = """
INSERT INTO phone_attendances AS p (attendee_id, phone_id, show_id, state, joined_at, confirmed_at)
VALUES ($1, $2, $3, 'active', $4, $4)
ON CONFLICT (phone_id, show_id) DO UPDATE
   SET state = 'active', confirmed_at = coalesce(p.confirmed_at, excluded.confirmed_at),
       joined_at = excluded.joined_at
 WHERE p.state <> 'suppressed'
"""


class PostgresProofs:
    """`rooms.sms.ports.Proofs`."""

    def __init__(self, pool: asyncpg.Pool[Any], new_id: NewId) -> None:
        self._pool = pool
        self._new_id = new_id

    async def add_code(
        self, code_hash: bytes, attendee_id: str, show_id: str, now: datetime, expires_at: datetime
    ) -> bool:
        """A new code of an attendee, its only one; false: somebody else's is the same now."""
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                await connection.execute(_CLEAR_CODE, code_hash, now)
                await connection.execute(
                    _ADD_CODE, code_hash, attendee_id, show_id, now, expires_at
                )
        except asyncpg.UniqueViolationError:
            return False
        return True

    async def code(self, code_hash: bytes) -> CodeRecord | None:
        """A code, used or not."""
        row = await self._pool.fetchrow(_CODE, code_hash)
        if row is None:
            return None
        return CodeRecord(
            attendee_id=str(row["attendee_id"]),
            show_id=str(row["show_id"]),
            title=row["title"],
            account_id=str(row["account_id"]),
            guest=row["kind"] == "guest",
            expires_at=row["expires_at"],
            used_at=row["used_at"],
        )

    async def app_phone(self, show_id: str, account_id: str, now: datetime) -> AppPhone:
        """What an account has proven of its phone in one show."""
        row = await self._pool.fetchrow(_APP_PHONE, show_id, account_id, now)
        if row is None:
            return AppPhone(confirmed=False, pending=False)
        return AppPhone(row["confirmed"], row["pending"], row["number"])

    async def link(self, token_hash: bytes) -> LinkRecord | None:
        """A link, used or not."""
        row = await self._pool.fetchrow(_LINK, token_hash)
        if row is None:
            return None
        return LinkRecord(
            phone_id=str(row["phone_id"]),
            attendee_id=str(row["attendee_id"]),
            show_id=str(row["show_id"]),
            show_slug=row["slug"],
            title=row["title"],
            status=ShowStatus(row["status"]),
            channel=PhoneChannel(row["channel"]),
            number=row["number"],
            language=row["language"],
            state=PhoneState(row["state"]),
            account_id=str(row["account_id"]),
            guest=row["kind"] == "guest",
            merged_into=str(row["merged_into"]) if row["merged_into"] else None,
            expires_at=row["expires_at"],
            used_at=row["used_at"],
        )

    async def confirm_by_link(self, link: LinkRecord, wording: str, now: datetime) -> None:
        """A tap on the link: ``pending`` → ``active``, unless it has said STOP since."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_USE_LINKS, link.phone_id, link.show_id, now)
            state = await connection.fetchval(
                "SELECT state FROM phone_attendances WHERE phone_id = $1 AND show_id = $2"
                " FOR NO KEY UPDATE",
                link.phone_id,
                link.show_id,
            )
            if state != PhoneState.PENDING:
                return
            await connection.execute(CONFIRM, link.phone_id, link.show_id, now)
            await connection.execute(KNOWN_BY_PHONE, link.attendee_id, now)
            await connection.execute(
                ADD_CONSENT,
                self._new_id(),
                link.phone_id,
                link.show_id,
                ConsentKind.CONFIRM,
                wording,
                link.language,
                ConsentSource.WEB_LINK,
                now,
            )

    async def shared_shows(
        self, account_id: str, other_account_id: str
    ) -> list[tuple[str, str, str]]:
        """Shows that both attend and that are not over: (show, attendee of one, of the other)."""
        rows = await self._pool.fetch(_SHARED, account_id, other_account_id)
        return [(str(row["show_id"]), str(row["one"]), str(row["other"])) for row in rows]

    async def give_phone(
        self,
        phone: PhoneKey | str,
        attendee_id: str,
        show_id: str,
        *,
        language: str,
        wording: str,
        source: ConsentSource,
        now: datetime,
    ) -> None:
        """The phone is that attendee's account's from now on, and ``active`` in its show."""
        async with self._pool.acquire() as connection, connection.transaction():
            owner = await connection.fetchval(_OWNER, attendee_id)
            phone_id: Any = phone
            if isinstance(phone, PhoneKey):
                await connection.execute(
                    "SELECT pg_advisory_xact_lock($1)", lock_key(phone.number_hash)
                )
                row = await connection.fetchrow(_PHONE, phone.channel, phone.number)
                phone_id = row["id"] if row is not None else self._new_id()
                if row is None:
                    await connection.execute(
                        _ADD_PHONE,
                        phone_id,
                        phone.channel,
                        phone.number,
                        phone.number_hash,
                        owner,
                        language,
                        now,
                    )
            before = await connection.fetchval(
                "SELECT account_id FROM phones WHERE id = $1", phone_id
            )
            if before != owner:
                await connection.execute(_MOVE, before, owner)
                await connection.execute(_GIVE, before, owner)
            await connection.execute(_SHORTEN, phone_id)
            await connection.execute(_ATTEND, attendee_id, phone_id, show_id, now)
            await connection.execute(KNOWN_BY_PHONE, attendee_id, now)
            await connection.execute(_USE_LINKS, phone_id, show_id, now)
            await connection.execute(
                ADD_CONSENT,
                self._new_id(),
                phone_id,
                show_id,
                ConsentKind.CONFIRM,
                wording,
                language,
                source,
                now,
            )
