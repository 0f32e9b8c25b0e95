"""What upkeep needs from the stores."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID


class Expiring(StrEnum):
    """What is deleted after its time."""

    REPLIES = "replies"
    TICKETS = "tickets"
    DISPLAY_TICKETS = "display_tickets"
    SESSIONS = "sessions"
    IDEMPOTENCY_KEYS = "idempotency_keys"
    OUTBOX = "outbox"
    SMS_INBOUND = "sms_inbound"
    CONFIRM_CODES = "confirm_codes"
    CONFIRM_LINKS = "confirm_links"
    DEAD_JOBS = "dead_jobs"
    SANDBOX_MESSAGES = "sandbox_messages"
    SANDBOX_MAIL = "sandbox_mail"


class ExpiredRows(Protocol):
    """Deletes rows by age."""

    async def delete(self, what: Expiring, before: datetime, rows_max: int) -> int:
        """Deletes up to ``rows_max`` rows whose time was over ``before``; how many there were."""
        ...


class GrownRooms(Protocol):
    """Knows which rooms have grown."""

    async def grown(self, events_min: int, rooms_max: int) -> Sequence[str]:
        """Rooms with at least ``events_min`` events after their snapshot, the longest first."""
        ...


class UntrainedArtists(Protocol):
    """Knows whose suggestions are out of date."""

    async def untrained(self, artists_max: int) -> Sequence[UUID]:
        """Artists with enough shows and no model, or one that knows too few of them."""
        ...
