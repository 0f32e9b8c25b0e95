"""Who gets mail, and what they chose (`rooms.mail.ports.People`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from rooms.accounts.profile import HomeCity
from rooms.catalogue.distances import Near
from rooms.mail.decisions import Mailbox, Suppression
from rooms.mail.digests import next_times
from rooms.mail.facts import Reader
from rooms.mail.kinds import Frequency, MailType, language_of
from rooms.mail.ports import Person
from storage.catalogue.zones import zone_of
from storage.mail.hashing import AddressHash
from storage.shows.catalogue import Connection

_PERSON = """
SELECT a.email, a.display_name, a.role, a.language, a.home_city::text AS home_city,
       r.language AS mail_language,
       r.verified_address IS NOT DISTINCT FROM lower(a.email) AS verified,
       (SELECT json_object_agg(p.kind, p.frequency) FROM mail_preferences p
         WHERE p.account_id = a.id)::text AS frequencies
  FROM accounts a LEFT JOIN mail_recipients r ON r.account_id = a.id
 WHERE a.id = $1 AND a.email IS NOT NULL AND a.disabled_at IS NULL
"""

_SUPPRESSED = """
SELECT reason FROM mail_suppressions WHERE address_hash = $1 AND lifted_at IS NULL
"""

_CHOOSE = """
INSERT INTO mail_preferences (account_id, kind, frequency, source, changed_at)
SELECT $1, u.kind, u.frequency, $4, $5
  FROM unnest($2::text[], $3::text[]) AS u (kind, frequency)
 WHERE EXISTS (SELECT FROM accounts WHERE id = $1 AND email IS NOT NULL)
ON CONFLICT (account_id, kind) DO UPDATE
   SET frequency = excluded.frequency, source = excluded.source, changed_at = excluded.changed_at
"""

_SPEAK = """
INSERT INTO mail_recipients (account_id, language)
SELECT id, $2 FROM accounts WHERE id = $1 AND email IS NOT NULL
ON CONFLICT (account_id) DO UPDATE SET language = excluded.language
"""

_VERIFY = """
INSERT INTO mail_recipients (account_id, verified_address, verified_at)
SELECT id, lower(email), $3 FROM accounts
 WHERE id = $1 AND lower(email) = lower($2) AND disabled_at IS NULL
ON CONFLICT (account_id) DO UPDATE
   SET verified_address = excluded.verified_address, verified_at = excluded.verified_at
RETURNING account_id
"""

_LIFT = """
UPDATE mail_suppressions SET lifted_at = $2 WHERE address_hash = $1 AND lifted_at IS NULL
"""

_TIMES = """
UPDATE mail_recipients SET daily_at = $2, weekly_at = $3 WHERE account_id = $1
"""


class PostgresMailPeople:
    """Reads and changes what people want."""

    def __init__(self, pool: asyncpg.Pool[Any], hashed: AddressHash) -> None:
        self._pool = pool
        self._hash = hashed

    async def person(self, account_id: str) -> Person | None:
        """One; ``None``: a guest, or gone."""
        async with self._pool.acquire() as connection:
            return await self._person(connection, account_id)

    async def suppressed(self, address: str) -> Suppression | None:
        """Whether nothing may go to an address."""
        reason = await self._pool.fetchval(_SUPPRESSED, self._hash(address))
        return Suppression(reason) if reason else None

    async def choose(
        self,
        account_id: str,
        frequencies: Mapping[MailType, Frequency],
        source: str,
        now: datetime,
    ) -> None:
        """Changes what is named, and when the next digests go out."""
        kinds = [kind.value for kind in frequencies]
        values = [frequency.value for frequency in frequencies.values()]
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_CHOOSE, account_id, kinds, values, source, now)
            await self._schedule(connection, account_id, now)

    async def speak(self, account_id: str, language: str) -> None:
        """The language that mails are written in."""
        await self._pool.execute(_SPEAK, account_id, language)

    async def verify(self, account_id: str, address: str, now: datetime) -> bool:
        """The address is proven, and what suppressed it is over."""
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(_VERIFY, account_id, address, now) is None:
                return False
            await connection.execute(_LIFT, self._hash(address), now)
            await self._schedule(connection, account_id, now)
        return True

    async def _person(self, connection: Connection, account_id: str) -> Person | None:
        row = await connection.fetchrow(_PERSON, account_id)
        if row is None:
            return None
        reason = await connection.fetchval(_SUPPRESSED, self._hash(row["email"]))
        city = row["home_city"]
        home = msgspec.json.decode(city, type=HomeCity) if city else None
        chosen: dict[str, str] = msgspec.json.decode(row["frequencies"] or "{}")
        return Person(
            account_id=account_id,
            reader=Reader(
                name=row["display_name"],
                language=language_of(row["mail_language"], row["language"]),
                performs=row["role"] == "artist",
            ),
            mailbox=Mailbox(
                address=row["email"],
                verified=row["verified"],
                suppressed=Suppression(reason) if reason else None,
                frequencies={MailType(kind): Frequency(every) for kind, every in chosen.items()},
            ),
            home=Near(home.lat, home.lon) if home else None,
            zone=await zone_of(home.name, home.admin, home.country) if home else None,
        )

    async def _schedule(self, connection: Connection, account_id: str, now: datetime) -> None:
        """Sets when the next digests go out, by what is wanted now."""
        person = await self._person(connection, account_id)
        if person is None or not person.mailbox.verified:
            return
        times = next_times(person.mailbox, person.zone, now)
        await connection.execute(_TIMES, account_id, times.daily_at, times.weekly_at)
