"""Invitations to a show's line-up or crew: records and the port."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from rooms.participants import Role


class InvitationKind(StrEnum):
    """What somebody is invited to."""

    ARTIST = "artist"
    CREW = "crew"
    ATTENDEE = "attendee"


class InvitationRecord(Struct, frozen=True):
    """An invitation. Its token is never kept, only a hash.

    Attributes:
        role: in the crew; of an artist ``None``.
        status: ``pending``, ``accepted``, ``declined``, ``withdrawn``; whether a pending one has
            expired is told by ``expires_at``.
        invited_by, answered_by: names, where they are known still.
    """

    invitation_id: str
    show_id: str
    kind: InvitationKind
    role: Role | None
    artist_id: str | None
    artist_name: str | None
    email: str | None
    status: str
    created_at: datetime
    expires_at: datetime
    answered_at: datetime | None
    invited_by: str | None
    answered_by: str | None
    show_title: str
    show_slug: str
    show_starts_at: datetime


class NewInvitation(Struct, frozen=True):
    """An invitation to be. ``artist_id``: of the line-up, for an artist's."""

    invitation_id: str
    show_id: str
    kind: InvitationKind
    role: Role | None
    artist_id: str | None
    email: str | None
    token_hash: bytes
    account_id: str
    expires_at: datetime


class Answered(Struct, frozen=True):
    """An answered invitation, and participants whose role in the room changed by it."""

    invitation: InvitationRecord
    participants: tuple[str, ...]


class TooManyInvitations(Exception):
    """As many invitations of the show wait for an answer as are allowed."""


class InvitationStore(Protocol):
    """Keeps invitations."""

    async def create(self, invitation: NewInvitation, now: datetime) -> InvitationRecord | None:
        """Inserts, with an audit entry; an artist's pending one is withdrawn for it. The same id
        again takes the new token; ``None``: the artist is not in the line-up, or the one of this
        id has been answered.

        Raises:
            TooManyInvitations: `rooms.limits.INVITATIONS_PER_SHOW` wait.
            rooms.shows.ports.Taken: the artist has accepted already.
        """
        ...

    async def of_show(self, show_id: str) -> list[InvitationRecord]:
        """Those that wait first, then the others, the newest first; bounded."""
        ...

    async def by_token(self, token_hash: bytes) -> InvitationRecord | None:
        """The invitation of a token."""
        ...

    async def answer(
        self, token_hash: bytes, *, accept: bool, account_id: str, now: datetime
    ) -> Answered | None:
        """Accepts or declines a pending invitation, once; ``None``: not pending or over. Who
        accepts belongs to the crew; who belongs to it already keeps their role."""
        ...

    async def withdraw(
        self, show_id: str, invitation_id: str, account_id: str, now: datetime
    ) -> str | None:
        """Takes a pending invitation back; its status before, ``None``: there is none."""
        ...
