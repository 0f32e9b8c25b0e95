"""The audit log, written in the transaction of the change it tells of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import asyncpg
import msgspec

_ADD = """
INSERT INTO audit_log (at, show_id, account_id, action, subject, before, after)
VALUES ($1, $2, $3, $4, $5, $6::text::jsonb, $7::text::jsonb)
"""


async def write_audit(
    connection: asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any],
    *,
    at: datetime,
    show_id: str | None,
    account_id: str | None,
    action: str,
    subject: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Adds one entry: who, when, before, after."""
    await connection.execute(
        _ADD, at, show_id, account_id, action, subject, _json(before), _json(after)
    )


def _json(value: dict[str, Any] | None) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()
