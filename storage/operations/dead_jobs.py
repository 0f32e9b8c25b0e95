"""Dead jobs in PostgreSQL (`rooms.operations.dead_letters.DeadJobs`)."""

from __future__ import annotations

from typing import Any

import asyncpg
import msgspec

from rooms.operations.dead_letters import DeadJob

# A worker that dies between burying and acknowledging makes another one bury again: what was put
# back or discarded meanwhile is not dead anew by that.
_BURY = """
INSERT INTO dead_jobs AS d (job_key, task, priority, reason, message, payload, error, attempts,
                            first_failed_at, last_failed_at)
VALUES ($1, $2, $3, $4, $5::text::json, $6, $7, $8, $9, $10)
    ON CONFLICT (job_key) DO UPDATE
   SET reason = excluded.reason, message = excluded.message, error = excluded.error,
       attempts = excluded.attempts, last_failed_at = excluded.last_failed_at,
       first_failed_at = CASE d.state WHEN 'dead' THEN d.first_failed_at
                                      ELSE excluded.first_failed_at END,
       state = 'dead', settled_at = NULL
 WHERE d.state = 'dead' OR d.settled_at < excluded.last_failed_at
"""


class PostgresDeadJobs:
    """Keeps dead jobs."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def bury(self, job: DeadJob) -> None:
        """Keeps it, in one row per job."""
        message = None if job.message is None else msgspec.json.encode(job.message).decode()
        await self._pool.execute(
            _BURY,
            job.job_key,
            job.task,
            job.priority.value,
            job.reason.value,
            message,
            job.payload,
            job.error,
            job.attempts,
            job.first_failed_at,
            job.last_failed_at,
        )
