"""What becomes of a message once a carrier was called, asked, or has said something by itself."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

import asyncpg
import structlog

from rooms import limits
from rooms.messaging.carrier_statuses import heard as understood
from rooms.messaging.ports import (
    Accepted,
    Heard,
    LeasedMessage,
    Lookup,
    NotFound,
    Outcome,
    Permanent,
    Temporary,
    Unknown,
)
from rooms.messaging.states import MessageState
from storage.messaging.suppressing import suppress
from storage.shows.catalogue import Connection

# One at a time for each of the carrier's names: what it says of a message and our learning its
# name may come at once, and neither may miss the other.
_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended($1, 18))"

_NAME = """
UPDATE messages SET carrier_id = coalesce(carrier_id, $2) WHERE id = $1 RETURNING carrier_id
"""

_ADVANCE = """
UPDATE messages m
   SET state = $2::text, reason = $3, error_code = $4,
       sent_at = CASE WHEN $2::text IN ('sent', 'delivered')
                      THEN coalesce(m.sent_at, $5::timestamptz) ELSE m.sent_at END,
       delivered_at = CASE WHEN $2::text = 'delivered' THEN $5::timestamptz
                           ELSE m.delivered_at END,
       ended_at = CASE WHEN message_rank($2::text) = 4 THEN $5::timestamptz ELSE m.ended_at END
 WHERE m.id = $1 AND message_rank(m.state) < 4 AND message_rank($2::text) > message_rank(m.state)
"""

_BY_TAG = "UPDATE messages SET carrier_id = coalesce(carrier_id, $2) WHERE id = $1 RETURNING id"
_BY_NAME = "SELECT id FROM messages WHERE carrier_id = $1"

_KEEP = """
INSERT INTO carrier_callbacks (carrier_id, status, error_code, received_at)
VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
"""

_KEPT = """
DELETE FROM carrier_callbacks WHERE carrier_id = $1
RETURNING carrier_id, status, error_code, received_at
"""

_FAIL = """
UPDATE messages SET state = $3, reason = $4, error_code = $5, handed_at = NULL, ended_at = now()
 WHERE id = $1 AND lease = $2 AND message_rank(state) < 3
"""

_AGAIN = """
UPDATE messages
   SET state = 'sending', reason = $3, error_code = $4, handed_at = NULL,
       due_at = now() + make_interval(secs => $5)
 WHERE id = $1 AND lease = $2 AND state IN ('sending', 'unknown')
"""

_UNKNOWN = """
UPDATE messages
   SET state = 'unknown', reason = $3,
       due_at = greatest(now(), handed_at + make_interval(secs => $4))
 WHERE id = $1 AND lease = $2 AND state IN ('sending', 'unknown') AND handed_at IS NOT NULL
"""

_LATER = """
UPDATE messages SET due_at = now() + make_interval(secs => $3), reason = $4
 WHERE id = $1 AND lease = $2 AND state = 'unknown'
"""

_IS_OLD = """
SELECT handed_at + make_interval(secs => $2) <= now() AS old, attempts FROM messages WHERE id = $1
"""

_NOW = "SELECT now()"

log = structlog.get_logger(__name__)


async def settle(
    connection: Connection, message: LeasedMessage, outcome: Outcome, retry_s: float | None
) -> None:
    """Writes down what became of a try, in the caller's transaction."""
    key = (message.message_id, message.lease)
    match outcome:
        case Accepted():
            await _taken(connection, message, outcome)
        case Permanent(opted_out=opted_out):
            state = MessageState.SUPPRESSED if opted_out else MessageState.FAILED
            await connection.execute(_FAIL, *key, state, outcome.reason, outcome.error_code)
            if outcome.suppress:
                await suppress(connection, message.message_id)
        case Temporary() if retry_s is None:
            failed = MessageState.FAILED
            await connection.execute(_FAIL, *key, failed, outcome.reason, outcome.error_code)
        case Temporary():
            await connection.execute(_AGAIN, *key, outcome.reason, outcome.error_code, retry_s)
        case Unknown():
            await connection.execute(_UNKNOWN, *key, outcome.reason, limits.LOOKUP_AFTER_S)
        case _:
            assert_never(outcome)


async def found(
    connection: Connection, message: LeasedMessage, lookup: Lookup, again_s: float
) -> None:
    """Writes down what a lookup said, in the caller's transaction."""
    key = (message.message_id, message.lease)
    match lookup:
        case Accepted():
            await _taken(connection, message, lookup)
        case NotFound():
            row = await connection.fetchrow(_IS_OLD, message.message_id, limits.LOOKUP_AFTER_S)
            if row is None:
                return
            if not row["old"]:
                # Lists lag behind: that it is not there yet says nothing.
                await connection.execute(_UNKNOWN, *key, "not_listed_yet", limits.LOOKUP_AFTER_S)
            elif row["attempts"] >= limits.MESSAGE_ATTEMPTS_MAX:
                failed = MessageState.FAILED
                await connection.execute(_FAIL, *key, failed, "carrier_unavailable", None)
            else:
                await connection.execute(_AGAIN, *key, "not_at_carrier", None, 0.0)
        case Temporary():
            await connection.execute(_LATER, *key, again_s, lookup.reason)
        case _:
            assert_never(lookup)


async def hear(connection: Connection, heard: Heard, now: datetime) -> bool:
    """Moves a message forward by what its carrier says, in the caller's transaction."""
    await connection.execute(_ALONE, heard.carrier_id)
    found = None
    if heard.tag is not None:
        found = await connection.fetchrow(_BY_TAG, heard.tag, heard.carrier_id)
    if found is None:
        found = await connection.fetchrow(_BY_NAME, heard.carrier_id)
    if found is None:
        await connection.execute(_KEEP, heard.carrier_id, heard.status, heard.error_code, now)
        return False
    await _advance(connection, str(found["id"]), heard, now)
    return True


async def _taken(connection: Connection, message: LeasedMessage, accepted: Accepted) -> None:
    await connection.execute(_ALONE, accepted.carrier_id)
    try:
        async with connection.transaction():
            name = await connection.fetchval(_NAME, message.message_id, accepted.carrier_id)
    except asyncpg.UniqueViolationError:
        # Found by a lookup that another message was faster to.
        log.error("carrier_id_taken", message_id=message.message_id)
        return
    if name is not None and name != accepted.carrier_id:
        log.error("message_taken_twice", message_id=message.message_id)
    now: datetime = await connection.fetchval(_NOW)
    said = Heard(
        carrier_id=accepted.carrier_id,
        status="",
        state=accepted.state,
        error_code=accepted.error_code,
        reason=accepted.reason,
        suppress=accepted.suppress,
    )
    kept = await connection.fetch(_KEPT, accepted.carrier_id)
    await _advance(connection, message.message_id, said, now)
    for row in sorted(kept, key=lambda row: row["received_at"]):
        code = row["error_code"]
        early = understood(
            row["carrier_id"], row["status"], int(code) if code and code.isdigit() else None, None
        )
        await _advance(connection, message.message_id, early, row["received_at"])


async def _advance(connection: Connection, message_id: str, heard: Heard, now: datetime) -> None:
    if heard.state is None:
        return
    await connection.execute(
        _ADVANCE, message_id, heard.state.value, heard.reason, heard.error_code, now
    )
    if heard.suppress:
        await suppress(connection, message_id)
