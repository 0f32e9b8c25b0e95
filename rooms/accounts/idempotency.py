"""``Idempotency-Key``: what a store must know of calls that create something."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct


class Claimed(Struct, frozen=True):
    """The caller carries it out.

    ``creation_id`` is the id of what is created. A call that is taken up again after a crash
    gets the same one, so that a creation that had reached the database is found, not repeated.
    """

    creation_id: str


class Replay(Struct, frozen=True):
    """It was carried out: this was the answer."""

    status: int
    content_type: str
    body: bytes


class StillAtWork(Struct, frozen=True):
    """The first call with this key has not ended."""


class KeyReused(Struct, frozen=True):
    """The key was used for another call or another body."""


Found = Claimed | Replay | StillAtWork | KeyReused


class IdempotencyKeys(Protocol):
    """Keeps keys per account."""

    async def claim(
        self,
        new_id: str,
        scope_id: str,
        key: str,
        operation: str,
        request_hash: bytes,
        *,
        now: datetime,
        patience: timedelta,
    ) -> Found:
        """Takes a key, or tells what became of it.

        Args:
            new_id: the creation id, if the key is new.
            scope_id: the account that the key belongs to.
            patience: an unfinished call older than this is taken up again.
        """
        ...

    async def complete(
        self, creation_id: str, status: int, content_type: str, body: bytes | None, now: datetime
    ) -> None:
        """Keeps the answer. Without a body a replay is `Claimed` again: for answers that hold
        secrets, which are made anew from what was created."""
        ...

    async def release(self, creation_id: str, long_ago: datetime) -> None:
        """The call failed: the next one may try at once."""
        ...
