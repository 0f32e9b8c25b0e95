"""Shows and the people of a show as they cross the border to the store."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from rooms.events import SetlistChanged
from rooms.participants import Role
from rooms.show import Access, ShowStatus


class VenueRecord(Struct, frozen=True):
    """Where. ``country`` as an ISO 3166-1 alpha-2 code or a name."""

    name: str
    city: str | None = None
    country: str | None = None


class LineUpStatus(StrEnum):
    """What an artist says to a place in a line-up."""

    PROPOSED = "proposed"
    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class Billing(StrEnum):
    """An artist's place in the line-up."""

    HEADLINER = "headliner"
    SUPPORT = "support"
    GUEST = "guest"


class LineUpRecord(Struct, frozen=True):
    """One artist of a show."""

    artist_id: str
    name: str
    billing: Billing
    position: int
    status: LineUpStatus


class ShowRecord(Struct, frozen=True):
    """A row of ``shows`` with its venue and line-up.

    ``month_only``: its day is not known; ``state``: the venue's.
    """

    show_id: str
    slug: str
    title: str
    status: ShowStatus
    access: Access
    starts_at: datetime
    ends_at: datetime | None
    join_code: str | None
    owner_id: str | None
    created_at: datetime
    updated_at: datetime
    venue: VenueRecord | None = None
    artists: tuple[LineUpRecord, ...] = ()
    takes_sms: bool = False
    tour: TourRecord | None = None
    month_only: bool = False
    venue_id: str | None = None
    state: str | None = None


class TourRecord(Struct, frozen=True):
    """A grouping of one artist's shows."""

    tour_id: str
    name: str


class NewShow(Struct, frozen=True):
    """A show to be. ``tour``: the name of one of the headliner's."""

    show_id: str
    slug: str
    title: str
    access: Access
    starts_at: datetime
    ends_at: datetime | None
    join_code: str
    owner_id: str
    venue: VenueRecord | None
    artists: tuple[str, ...]
    takes_sms: bool = False
    tour: str | None = None


class ShowChange(Struct, frozen=True):
    """New values of a show; every field is the value to be."""

    title: str
    access: Access
    starts_at: datetime
    ends_at: datetime | None
    venue: VenueRecord | None
    takes_sms: bool = False
    tour: str | None = None


class ShowFilter(Struct, frozen=True):
    """Which shows a list holds.

    Attributes:
        viewer_id: whose drafts and private shows are listed too.
        sees_all: an admin: every show.
        mine: only shows of whose crew ``viewer_id`` is.
        after: the cursor: (starts_at, show_id) of the last show of the page before.
    """

    statuses: tuple[ShowStatus, ...] = ()
    q: str | None = None
    artist: str | None = None
    artist_id: str | None = None
    city: str | None = None
    starts_from: datetime | None = None
    starts_to: datetime | None = None
    viewer_id: str | None = None
    sees_all: bool = False
    mine: bool = False
    ascending: bool = False
    after: tuple[datetime, str] | None = None
    limit: int = 20


class CrewRecord(Struct, frozen=True):
    """One crew member of a show."""

    account_id: str
    display_name: str
    role: Role
    owner: bool


class ClaimRecord(Struct, frozen=True):
    """An account says that it is this artist."""

    claim_id: str
    artist_id: str
    account_id: str
    status: str
    created_at: datetime


class AttendeeRecord(Struct, frozen=True):
    """One person in one show's room."""

    attendee_id: str
    show_id: str
    account_id: str
    role: Role
    admitted: bool
    removed: bool
    device_id: str | None = None
    display_name: str = ""


class ParticipantRecord(Struct, frozen=True):
    """Somebody in one show's room.

    Attributes:
        name_key: what the list is ordered by, before the id.
        has_account: an account with an address; others are guests.
        shows_presence: others may be told whether they are here.
    """

    participant_id: str
    display_name: str
    name_key: str
    role: Role
    joined_at: datetime
    has_account: bool
    shows_presence: bool


class HistoryFilter(Struct, frozen=True):
    """Which changes of a setlist are wanted; bounds are exclusive."""

    after_seq: int = 0
    before_seq: int | None = None
    entry_id: str | None = None
    participant_id: str | None = None
    oldest_first: bool = False


class SetlistChange(Struct, frozen=True):
    """One ``setlist_changed`` event.

    Attributes:
        participant_id: who did it; a guest who turned out to be an account's is that one.
        display_name: what they are called now; ``None`` for the server.
    """

    seq: int
    at: datetime
    participant_id: str
    display_name: str | None
    data: SetlistChanged


class PlayedSong(Struct, frozen=True):
    """One performance of a show from an archive."""

    entry_id: str
    song_id: str
    title: str
    section: str
    ordinal: int
    segue: bool


class Night(Struct, frozen=True):
    """A show as suggestions see it: its headliner's night."""

    artist_id: UUID
    date: date
    venue_id: str | None
    tour_id: str | None
