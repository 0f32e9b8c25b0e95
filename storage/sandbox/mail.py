"""Kept mail in PostgreSQL (`rooms.sandbox.mail.SandboxMailbox`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

from rooms import limits
from rooms.sandbox.mail import SandboxMailRecord

_KEEP = """
INSERT INTO sandbox_mail (id, sender, recipient, subject, content, show_id, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING
"""

_MAY_SEE = """
($1::uuid IS NULL
 OR EXISTS (SELECT FROM shows s WHERE s.id = m.show_id AND s.owner_id = $1)
 OR EXISTS (SELECT FROM crew c WHERE c.show_id = m.show_id AND c.account_id = $1
                AND c.role <> 'brand')
 OR EXISTS (SELECT FROM accounts a WHERE a.id = $1 AND lower(a.email) = lower(m.recipient)))
"""

_LISTED = f"""
SELECT m.id, m.sender, m.recipient, m.subject, m.show_id, m.created_at, ''::bytea AS content
  FROM sandbox_mail m
 WHERE {_MAY_SEE}
   AND ($2::timestamptz IS NULL OR (m.created_at, m.id) < ($2, $3::uuid))
 ORDER BY m.created_at DESC, m.id DESC LIMIT $4
"""

_ONE = f"SELECT m.* FROM sandbox_mail m WHERE m.id = $2 AND {_MAY_SEE}"


class PostgresSandboxMail:
    """Keeps mail instead of sending it."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def keep(self, mail: SandboxMailRecord) -> None:
        """Keeps a mail; the same id again keeps it once."""
        if len(mail.raw) > limits.SANDBOX_MAIL_BYTES_MAX:
            raise ValueError("a mail is larger than the sandbox keeps")
        await self._pool.execute(
            _KEEP,
            mail.mail_id,
            mail.sender,
            mail.recipient,
            mail.subject[: limits.SANDBOX_SUBJECT_CHARACTERS_MAX],
            mail.raw,
            mail.show_id,
            mail.created_at,
        )

    async def visible_to(
        self, account_id: str | None, before: tuple[datetime, str] | None, limit: int
    ) -> Sequence[SandboxMailRecord]:
        """The newest first."""
        at, mail_id = before or (None, None)
        return [
            _mail(row) for row in await self._pool.fetch(_LISTED, account_id, at, mail_id, limit)
        ]

    async def one(self, mail_id: str, account_id: str | None) -> SandboxMailRecord | None:
        """One mail with its content."""
        row = await self._pool.fetchrow(_ONE, account_id, mail_id)
        return _mail(row) if row else None


def _mail(row: Any) -> SandboxMailRecord:
    return SandboxMailRecord(
        mail_id=str(row["id"]),
        sender=row["sender"],
        recipient=row["recipient"],
        subject=row["subject"],
        raw=row["content"],
        show_id=str(row["show_id"]) if row["show_id"] else None,
        created_at=row["created_at"],
    )
