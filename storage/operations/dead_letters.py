"""The page of dead letters: dead jobs and dead effects of the outbox, looked at and settled."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import asyncpg
import msgspec

from rooms.operations.dead_letters import RUN_JOB, DeadLetter, Place, Reason, Source
from rooms.operations.priorities import Priority
from storage.ids import uuid7
from storage.shows.audit import write_audit

_JOBS = """
SELECT id, 'job' AS source, task AS name, priority, reason, error, attempts, first_failed_at,
       last_failed_at, state, settled_at, NULL::uuid AS show_id, message IS NOT NULL AS can_retry,
       message::text AS message, payload
  FROM dead_jobs
"""

# An effect that is discarded counts as delivered, and is deleted as those are.
_EFFECTS = """
SELECT id, 'effect' AS source, kind AS name, NULL::text AS priority, 'failed' AS reason,
       coalesce(last_error, '') AS error, attempts, created_at AS first_failed_at,
       dead_at AS last_failed_at,
       CASE WHEN delivered_at IS NULL THEN 'dead' ELSE 'discarded' END AS state,
       delivered_at AS settled_at, show_id, true AS can_retry,
       payload::text AS message, NULL::bytea AS payload
  FROM outbox
"""

# Each side by its own index, then the first of both.
_PAGE = f"""
SELECT * FROM (
    ({_JOBS} WHERE state = 'dead'
        AND ($1::timestamptz IS NULL OR (last_failed_at, id) < ($1, $2::uuid))
      ORDER BY last_failed_at DESC, id DESC LIMIT $3)
    UNION ALL
    ({_EFFECTS} WHERE dead_at IS NOT NULL AND delivered_at IS NULL
        AND ($1::timestamptz IS NULL OR (dead_at, id) < ($1, $2::uuid))
      ORDER BY dead_at DESC, id DESC LIMIT $3)
) AS letters ORDER BY last_failed_at DESC, id DESC LIMIT $3
"""

_COUNTS = """
SELECT (SELECT count(*) FROM dead_jobs WHERE state = 'dead') AS jobs,
       (SELECT count(*) FROM outbox WHERE dead_at IS NOT NULL AND delivered_at IS NULL) AS effects
"""

_SETTLE_JOB = """
UPDATE dead_jobs SET state = $2, settled_at = $3 WHERE id = $1 AND state = 'dead'
RETURNING task, priority, message::text AS message
"""

_PUT_BACK = """
INSERT INTO outbox (kind, dedupe_key, payload) VALUES ($1, $2, $3::text::json)
"""

_RETRY_EFFECT = """
UPDATE outbox SET dead_at = NULL, attempts = 0, available_at = now()
 WHERE id = $1 AND dead_at IS NOT NULL AND delivered_at IS NULL RETURNING kind
"""

_DISCARD_EFFECT = """
UPDATE outbox SET delivered_at = $2
 WHERE id = $1 AND dead_at IS NOT NULL AND delivered_at IS NULL RETURNING kind
"""

_NUDGE: Final = "SELECT pg_notify('outbox', '')"


class NotDead(Exception):
    """It was put back or discarded already, or it cannot be put back."""


class DeadLetters:
    """Reads and settles dead letters."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def page(self, after: Place | None, limit: int) -> list[DeadLetter]:
        """Those that wait for somebody, the latest first."""
        rows = await self._pool.fetch(
            _PAGE,
            after.last_failed_at if after else None,
            after.letter_id if after else None,
            limit,
        )
        return [_letter(row, whole=False) for row in rows]

    async def counts(self) -> dict[Source, int]:
        """How many wait for somebody."""
        row = await self._pool.fetchrow(_COUNTS)
        return {Source.JOB: row["jobs"], Source.EFFECT: row["effects"]}

    async def one(self, letter_id: str) -> DeadLetter | None:
        """One with all that is known of it; ``None``: there is none."""
        row = await self._pool.fetchrow(
            f"{_JOBS} WHERE id = $1 UNION ALL {_EFFECTS} WHERE id = $1 AND dead_at IS NOT NULL",
            letter_id,
        )
        return _letter(row, whole=True) if row else None

    async def retry(self, letter_id: str, account_id: str, now: datetime) -> None:
        """Puts it back, once.

        Raises:
            NotDead: it is none that can be.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(_SETTLE_JOB, letter_id, "retried", now)
            if row is None:
                kind = await connection.fetchval(_RETRY_EFFECT, letter_id)
                if kind is None:
                    raise NotDead
                await connection.execute(_NUDGE)
                name, source = kind, Source.EFFECT
            else:
                if row["message"] is None:
                    raise NotDead
                name, source = row["task"], Source.JOB
                await _put_back(connection, row)
            await _audit(connection, "retry_dead_letter", letter_id, source, name, account_id, now)

    async def discard(self, letter_id: str, account_id: str, now: datetime) -> None:
        """Takes it off the page for good.

        Raises:
            NotDead: it is not on it.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(_SETTLE_JOB, letter_id, "discarded", now)
            kind = None if row else await connection.fetchval(_DISCARD_EFFECT, letter_id, now)
            if row is None and kind is None:
                raise NotDead
            source = Source.JOB if row else Source.EFFECT
            name = str(row["task"] if row else kind)
            await _audit(
                connection, "discard_dead_letter", letter_id, source, name, account_id, now
            )


async def _put_back(connection: Any, row: Any) -> None:
    put_back_id = str(uuid7())
    payload = {
        "put_back_id": put_back_id,
        "priority": row["priority"],
        "message": msgspec.Raw(row["message"].encode()),
    }
    await connection.execute(
        _PUT_BACK, RUN_JOB, f"{RUN_JOB}:{put_back_id}", msgspec.json.encode(payload).decode()
    )


async def _audit(
    connection: Any,
    action: str,
    letter_id: str,
    source: Source,
    name: str,
    account_id: str,
    now: datetime,
) -> None:
    await write_audit(
        connection,
        at=now,
        show_id=None,
        account_id=account_id,
        action=action,
        subject=f"{source.value}:{letter_id}",
        before={"name": name, "state": "dead"},
    )


def _letter(row: Any, *, whole: bool) -> DeadLetter:
    what = None
    if whole and row["message"] is not None:
        what = msgspec.json.decode(row["message"], type=dict[str, Any])
    elif whole and row["payload"] is not None:
        what = {"payload": bytes(row["payload"]).decode(errors="backslashreplace")}
    return DeadLetter(
        letter_id=str(row["id"]),
        source=Source(row["source"]),
        name=row["name"],
        priority=Priority(row["priority"]) if row["priority"] else None,
        reason=Reason(row["reason"]),
        error=row["error"],
        attempts=row["attempts"],
        first_failed_at=row["first_failed_at"],
        last_failed_at=row["last_failed_at"],
        state=row["state"],
        can_retry=row["can_retry"] and row["state"] == "dead",
        show_id=str(row["show_id"]) if row["show_id"] else None,
        settled_at=row["settled_at"],
        what=what,
    )
