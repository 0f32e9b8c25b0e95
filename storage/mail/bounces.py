"""What was reported of addresses (`rooms.mail.ports.Bounces`), and which mails were handed over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import asyncpg

from rooms.mail.bounces import SOFT_BOUNCES_WITHIN, Report, Verdict, suppression_after
from rooms.mail.decisions import Suppression
from storage.mail.hashing import AddressHash
from storage.shows.catalogue import Connection

_KEEP = """
INSERT INTO mail_bounces (report, address_hash, verdict, status, message_id, received_at)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (report) DO NOTHING RETURNING report
"""

# Since the last mail that arrived: what went wrong before it is mended. One message counts once,
# whoever reports it.
_SOFT = """
SELECT count(DISTINCT coalesce(b.message_id::text, b.report)) FROM mail_bounces b
 WHERE b.address_hash = $1 AND b.verdict = 'soft' AND b.received_at > $2
   AND b.received_at > coalesce((SELECT max(d.received_at) FROM mail_bounces d
                                  WHERE d.address_hash = $1 AND d.verdict = 'delivered'),
                                '-infinity')
"""

_WENT_TO = """
SELECT coalesce(m.address, a.email) FROM messages m LEFT JOIN accounts a ON a.id = m.account_id
 WHERE m.id = $1 AND m.channel = 'mail'
"""

_SUPPRESS = """
INSERT INTO mail_suppressions (address_hash, reason, source, since) VALUES ($1, $2, $3, $4)
ON CONFLICT (address_hash) DO UPDATE
   SET reason = excluded.reason, source = excluded.source, since = excluded.since,
       lifted_at = NULL
 WHERE mail_suppressions.lifted_at IS NOT NULL OR excluded.reason = 'complained'
"""

_BOUNCED = """
UPDATE messages SET state = 'failed', reason = $2, error_code = $3, ended_at = $4, due_at = $4
 WHERE id = $1 AND channel = 'mail' AND state IN ('sending', 'unknown', 'sent')
"""

_DELIVERED = """
UPDATE messages SET state = 'delivered', delivered_at = $2, ended_at = $2
 WHERE id = $1 AND channel = 'mail' AND state IN ('sending', 'unknown', 'sent')
"""


class PostgresMailBounces:
    """Keeps reports and draws the conclusions."""

    def __init__(self, pool: asyncpg.Pool[Any], hashed: AddressHash) -> None:
        self._pool = pool
        self._hash = hashed

    async def is_of_ours(self, report: Report) -> bool:
        """Whether a report names a mail of ours that went to the address it speaks of."""
        if report.message_id is None:
            return False
        address = await self._pool.fetchval(_WENT_TO, report.message_id)
        return address is not None and self._hash(address) == self._hash(report.address)

    async def hear(self, report: Report, source: str, now: datetime) -> bool:
        """One transaction: a report is kept with everything that follows from it."""
        address = self._hash(report.address)
        async with self._pool.acquire() as connection, connection.transaction():
            fresh = await connection.fetchval(
                _KEEP,
                report.report,
                address,
                report.verdict.value,
                report.status,
                report.message_id,
                now,
            )
            if fresh is None:
                return False
            await _move(connection, report, now)
            soft = 0
            if report.verdict is Verdict.SOFT:
                soft = await connection.fetchval(_SOFT, address, now - SOFT_BOUNCES_WITHIN)
            reason = suppression_after(report.verdict, soft)
            if reason is not None:
                await connection.execute(_SUPPRESS, address, reason.value, source, now)
        return True

    async def suppress(self, address: str, reason: Suppression, source: str, now: datetime) -> None:
        """Nothing goes to an address any more. A complaint outweighs a bounce."""
        await self._pool.execute(_SUPPRESS, self._hash(address), reason.value, source, now)


class PostgresHanded:
    """`rooms.mail.ports.Handed`."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def about_to(self, message_id: str, now: datetime) -> None:
        """Written before the last byte is sent."""
        await self._pool.execute(
            "INSERT INTO mail_handed (message_id, at) VALUES ($1, $2) "
            "ON CONFLICT (message_id) DO UPDATE SET at = excluded.at",
            message_id,
            now,
        )

    async def not_after_all(self, message_id: str) -> None:
        """The server said no."""
        await self._pool.execute("DELETE FROM mail_handed WHERE message_id = $1", message_id)

    async def may_be_there(self, message_id: str) -> bool:
        """Whether it came that far."""
        found = await self._pool.fetchval(
            "SELECT true FROM mail_handed WHERE message_id = $1", message_id
        )
        return found is not None

    async def forget_address(self, message_id: str) -> None:
        """The last mail to somebody who is gone has been sent: nobody needs the address."""
        await self._pool.execute("UPDATE messages SET address = NULL WHERE id = $1", message_id)


async def _move(connection: Connection, report: Report, now: datetime) -> None:
    if report.message_id is None:
        return
    match report.verdict:
        case Verdict.HARD | Verdict.SOFT:
            await connection.execute(_BOUNCED, report.message_id, "bounced", report.status, now)
        case Verdict.DELIVERED:
            await connection.execute(_DELIVERED, report.message_id, now)
        case Verdict.COMPLAINT:
            pass  # it arrived: that is what is complained about
