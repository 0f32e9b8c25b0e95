"""Leases on effects (`rooms.outbox.Outbox`). The database's clock is the only one that counts."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import asyncpg
import msgspec

from rooms import limits
from rooms.outbox import Effect, KindCount

# Found by an index of what is undelivered, by kind and time; the dead are due at infinity.
_WAITING = "delivered_at IS NULL AND dead_at IS NULL"

# A worker that is killed by an effect cannot say so: its tries are counted when they begin.
_BURY = f"""
UPDATE outbox
   SET dead_at = now(), available_at = 'infinity',
       last_error = coalesce(last_error, 'The worker was lost.')
 WHERE {_WAITING} AND kind = ANY ($1) AND available_at <= now() AND attempts >= $2
"""

_LEASE = f"""
UPDATE outbox SET attempts = attempts + 1, available_at = now() + make_interval(secs => $3)
 WHERE id = (SELECT id FROM outbox
              WHERE {_WAITING} AND kind = ANY ($1) AND available_at <= now() AND attempts < $2
              ORDER BY available_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, show_id, kind, dedupe_key, payload::text AS payload, created_at, attempts
"""

_DELIVERED = """
UPDATE outbox SET delivered_at = now(), last_error = NULL WHERE id = $1 AND delivered_at IS NULL
"""

# ``attempts`` tells leases apart: whoever was too slow does not judge for the next one.
_FAILED = f"""
UPDATE outbox
   SET last_error = $3, dead_at = CASE WHEN $4::float8 IS NULL THEN now() END,
       available_at = CASE WHEN $4::float8 IS NULL THEN 'infinity'
                           ELSE now() + make_interval(secs => $4::float8) END
 WHERE id = $1 AND attempts = $2 AND {_WAITING}
"""

_COUNTS = """
SELECT kind, count(*) FILTER (WHERE dead_at IS NULL) AS waiting,
       count(*) FILTER (WHERE dead_at IS NOT NULL) AS dead,
       coalesce(extract(epoch FROM now() - min(created_at) FILTER (WHERE dead_at IS NULL)), 0)
           ::float8 AS oldest_s
  FROM outbox WHERE delivered_at IS NULL GROUP BY kind ORDER BY kind
"""


class PostgresOutbox:
    """Leases effects, and tells how many there are."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def lease(self, kinds: Collection[str]) -> Effect | None:
        """Takes the effect that has been due longest; sets aside those without tries left."""
        wanted, tries = list(kinds), limits.EFFECT_ATTEMPTS_MAX
        row = await self._pool.fetchrow(_LEASE, wanted, tries, limits.EFFECT_LEASE_S)
        if row is None:
            await self._pool.execute(_BURY, wanted, tries)
            return None
        return Effect(
            effect_id=str(row["id"]),
            kind=row["kind"],
            dedupe_key=row["dedupe_key"],
            payload=msgspec.json.decode(row["payload"], type=dict[str, Any]),
            created_at=row["created_at"],
            attempt=row["attempts"],
            show_id=str(row["show_id"]) if row["show_id"] else None,
        )

    async def delivered(self, effect: Effect) -> None:
        """It is done, whoever did it."""
        await self._pool.execute(_DELIVERED, effect.effect_id)

    async def failed(self, effect: Effect, error: str, retry_after_s: float | None) -> None:
        """It was not done; ``None``: it never will be. Without effect under an old lease."""
        await self._pool.execute(_FAILED, effect.effect_id, effect.attempt, error, retry_after_s)

    async def counts(self) -> list[KindCount]:
        """What is undelivered, by kind."""
        return [
            KindCount(row["kind"], row["waiting"], row["dead"], row["oldest_s"])
            for row in await self._pool.fetch(_COUNTS)
        ]
