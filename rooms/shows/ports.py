"""What keeping shows and their people asks of a store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from rooms.participants import Participant, Role
from rooms.show import Access, ShowStatus
from rooms.shows.records import (
    AttendeeRecord,
    Billing,
    ClaimRecord,
    CrewRecord,
    LineUpRecord,
    NewShow,
    ParticipantRecord,
    ShowChange,
    ShowFilter,
    ShowRecord,
)


class Taken(Exception):
    """A unique value is another's already. ``what``: ``slug``, ``join_code``, ``artist``, …"""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Standing(Struct, frozen=True):
    """What one account is to one show.

    Attributes:
        crew_role: from the crew list; the owner's own role is not in it.
        attendee: its row in the room, if it has joined.
    """

    show_id: str
    status: ShowStatus
    access: Access
    join_code: str | None
    owner_id: str | None
    crew_role: Role | None = None
    attendee: AttendeeRecord | None = None


class ShowStore(Protocol):
    """Keeps shows and the audit log of their changes."""

    async def create(self, show: NewShow, now: datetime) -> ShowRecord:
        """Inserts show, venue, line-up and an empty room; the same id again returns it.

        Raises:
            Taken: ``slug`` or ``join_code``.
        """
        ...

    async def by_id(self, show_id: str) -> ShowRecord | None:
        """One show."""
        ...

    async def by_slug(self, slug: str) -> ShowRecord | None:
        """One show."""
        ...

    async def by_join_code(self, join_code: str) -> ShowRecord | None:
        """One show; codes are compared as they are kept."""
        ...

    async def find(self, wanted: ShowFilter) -> list[ShowRecord]:
        """Up to ``limit`` shows in order of (starts_at, show_id)."""
        ...

    async def change(
        self, show_id: str, change: ShowChange, account_id: str, now: datetime
    ) -> ShowRecord | None:
        """Replaces a show's values, with an audit entry of what differs."""
        ...


class CrewStore(Protocol):
    """Keeps who drives a show."""

    async def crew_of(self, show_id: str) -> list[CrewRecord]:
        """Owner first, then in order of naming."""
        ...

    async def stage_names(self, show_id: str) -> list[str]:
        """What those are called who drive the show or perform at it, each once."""
        ...

    async def roles_of(self, account_id: str, show_ids: Sequence[str]) -> dict[str, Role]:
        """The account's role in the crews of these shows, its own shows aside."""
        ...

    async def set_crew(
        self, show_id: str, members: dict[str, Role], account_id: str, now: datetime
    ) -> list[str]:
        """Replaces the list, with an audit entry; participants whose role changed by it.

        Raises:
            LookupError: an account that does not exist, or a guest's.
        """
        ...


class LineUpStore(Protocol):
    """Keeps who performs, their invitations and their claims."""

    async def line_up_of(self, show_id: str) -> list[LineUpRecord]:
        """In order of position."""
        ...

    async def add_artist(
        self,
        show_id: str,
        *,
        line_up_id: str,
        artist_id: str | None,
        name: str | None,
        billing: Billing,
        invitation: tuple[bytes, str | None, datetime] | None,
        account_id: str,
        now: datetime,
    ) -> LineUpRecord | None:
        """Adds an artist (known by id, or found or made by name), perhaps with an invitation.

        Args:
            line_up_id: the id of the place; the same again returns what is there.
            invitation: hash of its token, an e-mail address, when it ends.

        Returns:
            ``None`` when there is no artist ``artist_id``.

        Raises:
            Taken: ``artist``, in the line-up already.
        """
        ...

    async def remove_artist(
        self, show_id: str, artist_id: str, account_id: str, now: datetime
    ) -> list[str] | None:
        """Takes an artist out of a line-up, with its invitations and the place in the crew that
        came of one; participants whose role changed by it. ``None``: it is not in the line-up."""
        ...

    async def arrange(
        self, show_id: str, billings: dict[str, Billing], account_id: str, now: datetime
    ) -> list[LineUpRecord] | None:
        """Puts a line-up into this order, with these billings; ``None``: these are not all of its
        artists, and no others."""
        ...


class ClaimStore(Protocol):
    """Keeps who says that they are an artist."""

    async def artist_name(self, artist_id: str) -> str | None:
        """An artist's name."""
        ...

    async def claim(
        self, claim_id: str, artist_id: str, account_id: str, evidence: str | None, now: datetime
    ) -> ClaimRecord:
        """An account claims an artist; approved at once if it accepted this artist's invitation.

        An open or approved claim of the same pair is returned as it is.

        Raises:
            Taken: ``artist``, claimed by another account.
        """
        ...

    async def decide_claim(
        self, claim_id: str, *, approve: bool, account_id: str, now: datetime
    ) -> ClaimRecord | None:
        """Approves or rejects a pending claim; ``None``: there is none.

        Raises:
            Taken: ``artist``, claimed by another account.
        """
        ...


class ParticipantStore(Protocol):
    """The people of a room, as crew looks for them."""

    async def page(
        self, show_id: str, q: str, after: tuple[str, str] | None, limit: int
    ) -> Sequence[ParticipantRecord]:
        """By name, at most ``limit`` of those whose name holds ``q``.

        Args:
            after: the ``name_key`` and the id of the last one that was told.
        """


class AttendeeStore(Protocol):
    """Keeps who has joined a room, and the tickets of its sockets."""

    async def standing(self, show_id: str, account_id: str | None) -> Standing | None:
        """What an account is to a show; ``None``: no such show."""
        ...

    async def join(
        self,
        attendee_id: str,
        show_id: str,
        account_id: str,
        *,
        role: Role,
        display_name: str,
        admitted: bool,
        device_id: str | None,
        now: datetime,
    ) -> AttendeeRecord:
        """Makes or updates an attendee. Who was admitted once stays admitted, and counts for the
        device that it came with first."""
        ...

    async def add_ticket(self, ticket: NewTicket) -> None:
        """Keeps a ticket."""
        ...

    async def use_ticket(self, ticket_id: str, show_id: str, now: datetime) -> TicketUse | None:
        """Uses a ticket: for the first time within its minute, or again."""
        ...


class NewTicket(Struct, frozen=True):
    """A ticket to be."""

    ticket_id: str
    show_id: str
    participant_id: str
    account_id: str
    session_id: str
    first_use_by: datetime
    expires_at: datetime
    created_at: datetime


class TicketUse(Struct, frozen=True):
    """A ticket as it was found.

    Attributes:
        usable: within its minute, or used before.
        session_live: its session is neither revoked nor over.
        removed: crew removed the participant.
    """

    ticket_id: str
    session_id: str
    participant: Participant
    usable: bool
    session_live: bool
    removed: bool
