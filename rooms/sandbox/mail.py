"""Mail that nobody sends: kept, to be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct


class SandboxMailRecord(Struct, frozen=True):
    """One mail. ``raw``: as it would have gone out (RFC 5322); empty in lists."""

    mail_id: str
    sender: str
    recipient: str
    subject: str
    raw: bytes
    show_id: str | None
    created_at: datetime


class SandboxMailbox(Protocol):
    """Keeps mail instead of sending it, and shows it."""

    async def keep(self, mail: SandboxMailRecord) -> None:
        """Keeps a mail; the same id again keeps it once.

        Raises:
            ValueError: it is larger than `rooms.limits.SANDBOX_MAIL_BYTES_MAX`.
        """
        ...

    async def visible_to(
        self, account_id: str | None, before: tuple[datetime, str] | None, limit: int
    ) -> Sequence[SandboxMailRecord]:
        """The newest first: mail of the shows in whose crew an account is, and to its own
        address; all of it for ``None``."""
        ...

    async def one(self, mail_id: str, account_id: str | None) -> SandboxMailRecord | None:
        """One mail with its content, if it is visible to the account."""
        ...
