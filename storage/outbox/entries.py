"""Putting effects into the outbox, in the transaction of their cause."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import asyncpg
import msgspec

from rooms.ports import OutboxRecord

_PUT = """
INSERT INTO outbox (show_id, kind, dedupe_key, payload)
SELECT u.show, u.kind, u.key, u.payload::json
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS u (show, kind, key, payload)
    ON CONFLICT (dedupe_key) DO NOTHING
"""


async def put_effects(
    connection: asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any],
    effects: Iterable[tuple[str | None, OutboxRecord]],
) -> None:
    """Adds effects, each with the show it belongs to; those that are there already stay as
    they are."""
    kept = list(effects)
    if not kept:
        return
    await connection.execute(
        _PUT,
        [show_id for show_id, _ in kept],
        [effect.kind for _, effect in kept],
        [effect.dedupe_key for _, effect in kept],
        [msgspec.json.encode(effect.payload).decode() for _, effect in kept],
    )
