"""Which numbers are not to be texted, in PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import asyncpg

from rooms.sms.ports import ConsentSource, PhoneChannel
from storage.sms.hashing import NumberHash
from storage.sms.statements import SILENCE, SUPPRESS

_PHONE = "SELECT id FROM phones WHERE channel = $1 AND number = $2"

_IS_SUPPRESSED = """
SELECT EXISTS (SELECT FROM suppressions WHERE sender = $1 AND channel = $2 AND number_hash = $3
                  AND lifted_at IS NULL)
"""


class PostgresSuppressions:
    """`rooms.sms.ports.Suppressions`."""

    def __init__(self, pool: asyncpg.Pool[Any], hashes: NumberHash) -> None:
        self._pool = pool
        self._hashes = hashes

    async def suppress(
        self,
        sender: str,
        channel: PhoneChannel,
        number: str,
        *,
        source: ConsentSource,
        at: datetime,
    ) -> None:
        """From now on nothing is sent to this number, of any show."""
        number_hash = self._hashes.of(channel, number)
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.fetchval(SUPPRESS, sender, channel, number_hash, at, source)
            phone_id = await connection.fetchval(_PHONE, channel, number)
            if phone_id is not None:
                await connection.execute(SILENCE, phone_id)

    async def is_suppressed(self, sender: str, channel: PhoneChannel, number: str) -> bool:
        """Whether a sender must not text this number."""
        number_hash = self._hashes.of(channel, number)
        return bool(await self._pool.fetchval(_IS_SUPPRESSED, sender, channel, number_hash))
