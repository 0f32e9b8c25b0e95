"""The queue of messages (`rooms.messaging.ports.MessageStore`): adding, leasing, handing over.

The database's clock is the only one that counts. ``lease`` tells leases apart: whoever was too
slow does not judge for the next one. What a carrier has taken is a fact, whoever says it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from rooms import limits
from rooms.messaging.ports import (
    Heard,
    LeasedMessage,
    Lookup,
    NewMessage,
    Outcome,
)
from rooms.messaging.states import MessageState
from storage.messaging import settling
from storage.messaging.rows import leased_of
from storage.shows.catalogue import Connection

OPEN = "m.state IN ('scheduled', 'queued', 'sending', 'unknown') AND NOT m.held"
"""As the index ``messages_due`` has it."""

# After a restore it is not known what went out since the backup, and may be made a second time:
# texts are looked up before they go, mails are held (`storage.backup.adopting`).
_ADD = """
INSERT INTO messages (
    id, show_id, broadcast_id, round_id, attendee_id, phone_id, account_id, kind, channel, sender,
    address, language, body, payload, segments, dedupe_key, priority, state, reason, held,
    handed_at, created_at, due_at, expires_at)
SELECT n.id, n.show_id, n.broadcast_id, n.round_id, n.attendee_id, n.phone_id, n.account_id, n.kind,
       n.channel, n.sender, n.address, n.language, n.body, n.payload::json, n.segments,
       n.dedupe_key, n.priority,
       CASE WHEN restored.looks_up THEN 'unknown'
            WHEN n.due_at > now() + interval '1 second' THEN 'scheduled' ELSE 'queued' END,
       CASE WHEN restored.looks_up OR restored.holds THEN 'restored' END,
       coalesce(restored.holds, false),
       CASE WHEN restored.looks_up THEN restored.backup_at END,
       now(), n.due_at, n.expires_at
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[],
              $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[],
              $14::text[], $15::int[], $16::text[], $17::int[], $18::timestamptz[],
              $19::timestamptz[])
       AS n (id, show_id, broadcast_id, round_id, attendee_id, phone_id, account_id, kind, channel,
             sender, address, language, body, payload, segments, dedupe_key, priority, due_at,
             expires_at)
  LEFT JOIN LATERAL (
       SELECT r.backup_at, n.channel <> 'mail' AS looks_up,
              n.channel = 'mail' AND n.kind <> 'SECURITY'
              AND (a.id IS NULL OR a.created_at < r.restored_at) AS holds
         FROM (SELECT min(backup_at) AS backup_at, max(restored_at) AS restored_at
                 FROM restores WHERE released_at IS NULL) r
         LEFT JOIN accounts a ON a.id = n.account_id
        WHERE r.backup_at IS NOT NULL) restored ON true
ON CONFLICT (dedupe_key) DO NOTHING
"""

# What was handed over under a lease that has ended is unknown, not queued: nobody may repeat it
# before the carrier was asked. What is too late and was not handed over ends here.
_LEASE = f"""
WITH due AS (
    SELECT m.id, m.due_at, m.handed_at IS NULL AND m.expires_at <= now() AS late
      FROM messages m
     WHERE m.sender = $1 AND m.due_at <= now() AND {OPEN}
     ORDER BY m.priority, m.due_at, m.id LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE messages m
   SET lease = m.lease + 1,
       due_at = now() + make_interval(secs => $3),
       state = CASE WHEN due.late THEN 'cancelled'
                    WHEN m.handed_at IS NOT NULL THEN 'unknown'
                    WHEN m.state = 'scheduled' THEN 'queued' ELSE m.state END,
       reason = CASE WHEN due.late THEN 'too_late'
                     WHEN m.handed_at IS NOT NULL AND m.state = 'sending' THEN 'worker_lost'
                     ELSE m.reason END,
       ended_at = CASE WHEN due.late THEN now() END
  FROM due WHERE m.id = due.id
RETURNING m.id, m.lease, m.kind, m.channel, m.sender, m.language, m.state, m.attempts, m.body,
          m.payload::text AS payload, m.segments, m.created_at, due.due_at AS was_due_at,
          m.expires_at, m.handed_at, m.show_id, m.broadcast_id, m.attendee_id, m.phone_id,
          m.account_id, m.priority,
          coalesce(m.address,
                   (SELECT p.number FROM phones p WHERE p.id = m.phone_id),
                   (SELECT a.email FROM accounts a
                     WHERE a.id = m.account_id AND a.disabled_at IS NULL)) AS to_address
"""

# Judged at the last moment, in one statement with the mark: what is paused, cancelled or refused
# until now does not go.
_BEGIN = """
WITH judged AS (
    SELECT m.id, CASE
             WHEN b.state = 'cancelled' THEN 'cancelled'
             WHEN b.state = 'paused' THEN 'paused'
             WHEN m.expires_at <= now() THEN 'too_late'
             WHEN m.address IS NULL AND p.id IS NULL AND a.email IS NULL THEN 'recipient_gone'
             WHEN s.since IS NOT NULL THEN 'opted_out'
             WHEN m.broadcast_id IS NOT NULL AND p.id IS NOT NULL
                  AND pa.state IS DISTINCT FROM 'active' THEN 'not_confirmed'
             WHEN m.kind = 'NUDGE' AND r.status <> 'open' THEN 'round_closed'
             ELSE 'go' END AS verdict
      FROM messages m
      LEFT JOIN broadcasts b ON b.id = m.broadcast_id
      LEFT JOIN phones p ON p.id = m.phone_id
      LEFT JOIN phone_attendances pa ON pa.phone_id = m.phone_id AND pa.show_id = m.show_id
      LEFT JOIN accounts a ON a.id = m.account_id AND a.disabled_at IS NULL
      LEFT JOIN rounds r ON r.id = m.round_id
      LEFT JOIN suppressions s ON s.sender = m.sender AND s.channel = m.channel
                              AND s.number_hash = p.number_hash AND s.lifted_at IS NULL
     WHERE m.id = $1
)
UPDATE messages m
   SET state = CASE judged.verdict
                   WHEN 'go' THEN 'sending' WHEN 'paused' THEN m.state
                   WHEN 'opted_out' THEN 'suppressed' WHEN 'not_confirmed' THEN 'suppressed'
                   ELSE 'cancelled' END,
       reason = CASE judged.verdict WHEN 'go' THEN NULL WHEN 'paused' THEN m.reason
                                    ELSE judged.verdict END,
       error_code = NULL,
       due_at = CASE WHEN judged.verdict = 'paused' THEN now() + interval '1 second'
                     ELSE m.due_at END,
       attempts = m.attempts + (judged.verdict = 'go')::int,
       handed_at = CASE WHEN judged.verdict = 'go' THEN clock_timestamp() END,
       ended_at = CASE WHEN judged.verdict NOT IN ('go', 'paused') THEN now() END
  FROM judged
 WHERE m.id = judged.id AND m.lease = $2 AND m.due_at > now() AND NOT m.held
   AND m.handed_at IS NULL AND m.state IN ('queued', 'sending')
RETURNING judged.verdict, m.attempts, m.handed_at
"""

_RELEASE = """
UPDATE messages m SET due_at = back.due_at
  FROM unnest($1::uuid[], $2::int[], $3::timestamptz[]) AS back (id, lease, due_at)
 WHERE m.id = back.id AND m.lease = back.lease AND m.handed_at IS NULL
   AND m.state IN ('queued', 'sending')
"""


class PostgresMessages:
    """Queues and leases messages."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def enqueue(self, messages: Sequence[NewMessage]) -> int:
        """Adds messages that are not there yet; how many were new."""
        async with self._pool.acquire() as connection:
            return await add(connection, messages)

    async def lease(self, sender: str, limit: int) -> list[LeasedMessage]:
        """Takes what is due, for `limits.MESSAGE_LEASE_S`; see the port."""
        rows = await self._pool.fetch(_LEASE, sender, limit, limits.MESSAGE_LEASE_S)
        rows.sort(key=lambda row: (row["priority"], row["was_due_at"], row["id"]))
        return [leased_of(row) for row in rows if row["state"] != MessageState.CANCELLED]

    async def begin(self, message: LeasedMessage) -> LeasedMessage | None:
        """Marks it as handed over; ``None``: it must not be sent (any more)."""
        row = await self._pool.fetchrow(_BEGIN, message.message_id, message.lease)
        if row is None or row["verdict"] != "go":
            return None
        return msgspec.structs.replace(
            message,
            state=MessageState.SENDING,
            attempts=row["attempts"],
            handed_at=row["handed_at"],
        )

    async def settle(self, message: LeasedMessage, outcome: Outcome, retry_s: float | None) -> None:
        """Writes down what became of a try."""
        async with self._pool.acquire() as connection, connection.transaction():
            await settling.settle(connection, message, outcome, retry_s)

    async def found(self, message: LeasedMessage, lookup: Lookup, again_s: float) -> None:
        """Writes down what a lookup said."""
        async with self._pool.acquire() as connection, connection.transaction():
            await settling.found(connection, message, lookup, again_s)

    async def release(self, messages: Sequence[LeasedMessage]) -> None:
        """Gives back what was leased and not begun."""
        if not messages:
            return
        await self._pool.execute(
            _RELEASE,
            [message.message_id for message in messages],
            [message.lease for message in messages],
            [message.due_at for message in messages],
        )

    async def hear(self, heard: Heard, now: datetime) -> bool:
        """Moves a message forward by what its carrier says; false: nobody knows it yet."""
        async with self._pool.acquire() as connection, connection.transaction():
            return await settling.hear(connection, heard, now)

    async def of(self, carrier_ids: Sequence[str]) -> frozenset[str]:
        """Those that some message of ours is known by (`rooms.messaging.ports.Known`)."""
        rows = await self._pool.fetch(
            "SELECT carrier_id FROM messages WHERE carrier_id = ANY ($1)", list(carrier_ids)
        )
        return frozenset(row["carrier_id"] for row in rows)


async def add(connection: Connection, messages: Sequence[NewMessage]) -> int:
    """Adds messages that are not there yet, in the caller's transaction; how many were new."""
    if not messages:
        return 0
    status = await connection.execute(
        _ADD,
        [one.message_id for one in messages],
        [one.show_id for one in messages],
        [one.broadcast_id for one in messages],
        [one.round_id for one in messages],
        [one.attendee_id for one in messages],
        [one.phone_id for one in messages],
        [one.account_id for one in messages],
        [one.kind.value for one in messages],
        [one.channel.value for one in messages],
        [one.sender for one in messages],
        [one.address for one in messages],
        [one.language for one in messages],
        [one.body for one in messages],
        [_json(one.payload) for one in messages],
        [one.segments for one in messages],
        [one.dedupe_key for one in messages],
        [int(one.priority) for one in messages],
        [one.due_at for one in messages],
        [one.expires_at for one in messages],
    )
    return int(status.rpartition(" ")[2])


def _json(payload: object) -> str | None:
    return None if payload is None else msgspec.json.encode(payload).decode()
