"""What keeping displays asks of a store, with the records that cross the border."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from rooms.participants import DisplayKind


class DisplayRecord(Struct, frozen=True):
    """A display. Its token is never kept, only a hash.

    Attributes:
        last_seen_at: when it was last connected, to half a minute.
    """

    display_id: str
    show_id: str
    kind: DisplayKind
    name: str
    created_at: datetime
    token_hash: bytes
    last_seen_at: datetime | None = None
    revoked_at: datetime | None = None


class NewDisplay(Struct, frozen=True):
    """A display to be. ``account_id``: who of the crew makes it."""

    display_id: str
    show_id: str
    kind: DisplayKind
    name: str
    token_hash: bytes
    account_id: str


class NewDisplayTicket(Struct, frozen=True):
    """A ticket to be."""

    ticket_id: str
    display_id: str
    created_at: datetime
    first_use_by: datetime
    expires_at: datetime


class DisplayTicketUse(Struct, frozen=True):
    """A ticket as it was found. ``usable``: within its minute, or used before."""

    display: DisplayRecord
    usable: bool


class TooManyDisplays(Exception):
    """The show has as many displays as are allowed."""


class DisplayStore(Protocol):
    """Keeps displays and the tickets of their connections."""

    async def create(self, display: NewDisplay, now: datetime) -> DisplayRecord:
        """Inserts, with an audit entry; the same id again takes the new token.

        Raises:
            TooManyDisplays: `rooms.limits.DISPLAYS_PER_SHOW` are in use.
        """
        ...

    async def by_id(self, display_id: str) -> DisplayRecord | None:
        """One display, revoked ones too."""
        ...

    async def of_show(self, show_id: str) -> list[DisplayRecord]:
        """Those in use, then the revoked ones, the newest first; bounded."""
        ...

    async def revoke(self, display_id: str, account_id: str, now: datetime) -> None:
        """Ends a display, with an audit entry; once."""
        ...

    async def add_ticket(self, ticket: NewDisplayTicket) -> None:
        """Keeps a ticket."""
        ...

    async def use_ticket(
        self, ticket_id: str, show_id: str, now: datetime
    ) -> DisplayTicketUse | None:
        """Uses a ticket: for the first time within its minute, or again."""
        ...

    async def seen(self, display_ids: Collection[str], now: datetime) -> None:
        """Notes that these are connected; at most one write each half a minute."""
        ...

    async def revoked_among(self, display_ids: Collection[str]) -> set[str]:
        """Those that are revoked or unknown; one query."""
        ...
