"""Simulated phones in PostgreSQL (`rooms.sandbox.ports.PhoneStore`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

from rooms import limits
from rooms.sandbox.ports import NewPhone, PhoneChange, TooManyPhones
from rooms.sandbox.records import PhoneChannel, SandboxPhone

_COUNT = "SELECT count(*) FROM sandbox_phones WHERE account_id = $1 AND crowd = $2"

_FREE = """
SELECT wanted.number FROM unnest($2::text[]) WITH ORDINALITY AS wanted (number, place)
 WHERE NOT EXISTS (SELECT FROM sandbox_phones p WHERE p.channel = $1 AND p.number = wanted.number)
 ORDER BY wanted.place LIMIT $3
"""

_ADD = """
INSERT INTO sandbox_phones (id, account_id, channel, number, country, name, crowd, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT DO NOTHING
RETURNING *
"""

_OF_ACCOUNT = "SELECT * FROM sandbox_phones WHERE account_id = $1 ORDER BY crowd, created_at, id"

_CHANGE = """
UPDATE sandbox_phones
   SET name = coalesce($3, name), switched_off = coalesce($4, switched_off),
       carrier_opt_out = coalesce($5, carrier_opt_out),
       opted_out_at = CASE WHEN $5 IS FALSE THEN NULL ELSE opted_out_at END
 WHERE id = $1 AND account_id = $2
RETURNING *
"""


class PostgresSandboxPhones:
    """Keeps simulated phones."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def add(
        self, phones: Sequence[NewPhone], numbers: Sequence[str], now: datetime
    ) -> list[SandboxPhone]:
        """Adds phones of one account, of one kind."""
        first = phones[0]
        most = (
            limits.SANDBOX_CROWD_PER_ACCOUNT if first.crowd else limits.SANDBOX_PHONES_PER_ACCOUNT
        )
        async with self._pool.acquire() as connection, connection.transaction():
            # Two who add at once take turns: numbers are chosen before they are taken.
            await connection.execute("LOCK TABLE sandbox_phones IN SHARE ROW EXCLUSIVE MODE")
            there = await connection.fetchval(_COUNT, first.account_id, first.crowd)
            free = await connection.fetch(_FREE, first.channel.value, list(numbers), len(phones))
            if there + len(phones) > most or len(free) < len(phones):
                raise TooManyPhones
            rows = [
                await connection.fetchrow(
                    _ADD,
                    phone.phone_id,
                    phone.account_id,
                    phone.channel.value,
                    row["number"],
                    phone.country,
                    phone.name,
                    phone.crowd,
                    now,
                )
                for phone, row in zip(phones, free, strict=True)
            ]
        return [_phone(row) for row in rows if row is not None]

    async def of_account(self, account_id: str) -> list[SandboxPhone]:
        """Those looked at first."""
        return [_phone(row) for row in await self._pool.fetch(_OF_ACCOUNT, account_id)]

    async def one(self, phone_id: str, account_id: str) -> SandboxPhone | None:
        """One phone of an account."""
        row = await self._pool.fetchrow(
            "SELECT * FROM sandbox_phones WHERE id = $1 AND account_id = $2", phone_id, account_id
        )
        return _phone(row) if row else None

    async def by_number(self, channel: PhoneChannel, number: str) -> SandboxPhone | None:
        """The phone that has a number."""
        row = await self._pool.fetchrow(
            "SELECT * FROM sandbox_phones WHERE channel = $1 AND number = $2",
            channel.value,
            number,
        )
        return _phone(row) if row else None

    async def change(
        self, phone_id: str, account_id: str, change: PhoneChange
    ) -> SandboxPhone | None:
        """Changes a phone."""
        row = await self._pool.fetchrow(
            _CHANGE, phone_id, account_id, change.name, change.switched_off, change.carrier_opt_out
        )
        return _phone(row) if row else None

    async def opt_out(self, phone_id: str, at: datetime | None) -> None:
        """Notes since when the carrier sends nothing to a phone."""
        await self._pool.execute(
            "UPDATE sandbox_phones SET opted_out_at = $2 WHERE id = $1", phone_id, at
        )

    async def remove(self, phone_id: str, account_id: str) -> bool:
        """Removes a phone with its messages."""
        status: str = await self._pool.execute(
            "DELETE FROM sandbox_phones WHERE id = $1 AND account_id = $2", phone_id, account_id
        )
        return status != "DELETE 0"

    async def remove_crowd(self, account_id: str) -> int:
        """Removes an account's crowd."""
        status: str = await self._pool.execute(
            "DELETE FROM sandbox_phones WHERE account_id = $1 AND crowd", account_id
        )
        return int(status.rpartition(" ")[2])

    async def drives_shows(self, account_id: str) -> bool:
        """Whether somebody owns a show or is in the crew of one."""
        found: bool = await self._pool.fetchval(
            "SELECT EXISTS (SELECT FROM shows WHERE owner_id = $1) "
            "OR EXISTS (SELECT FROM crew WHERE account_id = $1 AND role <> 'brand')",
            account_id,
        )
        return found


def _phone(row: Any) -> SandboxPhone:
    return SandboxPhone(
        phone_id=str(row["id"]),
        account_id=str(row["account_id"]),
        channel=PhoneChannel(row["channel"]),
        number=row["number"],
        country=row["country"],
        name=row["name"],
        crowd=row["crowd"],
        switched_off=row["switched_off"],
        carrier_opt_out=row["carrier_opt_out"],
        opted_out_at=row["opted_out_at"],
        created_at=row["created_at"],
    )
