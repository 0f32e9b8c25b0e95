"""Deletes what has had its time, a little at a time."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from jobs.upkeep.ports import ExpiredRows, Expiring

KEPT: dict[Expiring, timedelta] = {
    # A phone that was offline for a fortnight says its commands again: once is still once.
    Expiring.REPLIES: timedelta(days=14),
    Expiring.TICKETS: timedelta(days=1),
    Expiring.DISPLAY_TICKETS: timedelta(days=1),
    Expiring.SESSIONS: timedelta(days=30),
    Expiring.IDEMPOTENCY_KEYS: timedelta(days=2),
    Expiring.OUTBOX: timedelta(days=30),
    # What somebody texted is not needed beyond a complaint about the night; consents stay.
    Expiring.SMS_INBOUND: timedelta(days=30),
    Expiring.CONFIRM_CODES: timedelta(days=1),
    Expiring.CONFIRM_LINKS: timedelta(days=2),
    # Longer than a show's messages are looked up at the carrier; a trial is over by then.
    Expiring.SANDBOX_MESSAGES: timedelta(days=7),
    Expiring.SANDBOX_MAIL: timedelta(days=30),
    # Nobody looks for a job of last season; whoever settled one is in the audit log for good.
    Expiring.DEAD_JOBS: timedelta(days=90),
}
"""How long rows stay after their time (a reply's and a key's: their making)."""

ROWS_PER_STATEMENT = 5_000
"""Few enough that a delete takes some ms and holds nobody up."""

STATEMENTS_MAX = 200
"""Per kind and run: a million rows. The next run goes on."""

log = structlog.get_logger(__name__)


async def delete_expired(rows: ExpiredRows, now: datetime) -> dict[Expiring, int]:
    """Deletes everything that is over; returns how much of each kind."""
    deleted = {what: await _delete(rows, what, now - kept) for what, kept in KEPT.items()}
    found = {str(what): count for what, count in deleted.items() if count}
    if found:
        log.info("expired_deleted", **found)
    return deleted


async def _delete(rows: ExpiredRows, what: Expiring, before: datetime) -> int:
    deleted = 0
    for _ in range(STATEMENTS_MAX):
        count = await rows.delete(what, before, ROWS_PER_STATEMENT)
        deleted += count
        if count < ROWS_PER_STATEMENT:
            break
    return deleted
