"""Bodies of the calls under ``/api/shows``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from rooms import limits
from rooms.participants import Role
from rooms.show import Access
from rooms.shows.records import Billing

Title = Annotated[str, Meta(min_length=1, max_length=limits.TITLE_CHARACTERS_MAX)]
Name = Annotated[str, Meta(min_length=1, max_length=limits.TITLE_CHARACTERS_MAX)]
Time = Annotated[datetime, Meta(tz=True, description="RFC 3339, with its offset")]
JoinCode = Annotated[str, Meta(max_length=32)]
ARTISTS_MAX = 40


class VenueBody(Struct, frozen=True):
    """Where. ``country``: ISO 3166-1 alpha-2, or its English name."""

    name: Name
    city: Annotated[str, Meta(max_length=200)] | None = None
    country: Annotated[str, Meta(max_length=60)] | None = None


class ArtistBody(Struct, frozen=True):
    """An artist, by name."""

    name: Name


class TourBody(Struct, frozen=True):
    """A tour of the headliner's, by name: one of this owner's shows', or a new one."""

    name: Name


class NewShowBody(Struct, frozen=True):
    """``POST /api/shows``."""

    title: Title
    starts_at: Time
    ends_at: Time | None = None
    access: Access = Access.PUBLIC
    venue: VenueBody | None = None
    artists: Annotated[tuple[ArtistBody, ...], Meta(max_length=ARTISTS_MAX)] = ()
    takes_sms: bool = False
    tour: TourBody | None = None


class ChangeShowBody(Struct, frozen=True):
    """``PUT /api/shows/{id}``. What is left out stays as it is."""

    title: Title | UnsetType = UNSET
    starts_at: Time | UnsetType = UNSET
    ends_at: Time | UnsetType | None = UNSET
    access: Access | UnsetType = UNSET
    venue: VenueBody | UnsetType | None = UNSET
    takes_sms: bool | UnsetType = UNSET
    tour: TourBody | UnsetType | None = UNSET


class VenueView(Struct, frozen=True):
    """Where."""

    name: str
    city: str | None
    country: str | None


class LineUpView(Struct, frozen=True):
    """An artist of a line-up."""

    id: str
    name: str
    billing: str
    position: int
    status: str


class TourView(Struct, frozen=True):
    """A tour, as in ``GET /api/tours/{id}/leaderboard``."""

    id: str
    name: str


class ShowView(Struct, frozen=True):
    """A show. ``join_code`` is for its crew only. ``takes_sms``: fans may vote by SMS.
    ``role``: the viewer's in the crew; the owner's is ``artist``.

    ``distance_km``: from where somebody looks for shows to the centre of the show's city.
    """

    id: str
    slug: str
    title: str
    status: str
    access: str
    starts_at: datetime
    ends_at: datetime | None
    venue: VenueView | None
    artists: list[LineUpView]
    created_at: datetime
    updated_at: datetime
    join_code: str | None = None
    takes_sms: bool = False
    tour: TourView | None = None
    distance_km: float | None = None
    role: str | None = None


class ShowPage(Struct, frozen=True):
    """A page of shows. ``next_cursor`` is absent on the last one."""

    items: list[ShowView]
    next_cursor: str | None = None


class NewLineUpBody(Struct, frozen=True):
    """``POST /api/shows/{id}/artists``: by ``artist_id`` or by ``name``.

    ``invite``: make an invitation; ``email`` says whom it is for.
    """

    artist_id: Annotated[str, Meta(max_length=36)] | None = None
    name: Name | None = None
    billing: Billing = Billing.SUPPORT
    invite: bool = False
    email: Annotated[str, Meta(max_length=254)] | None = None


class InvitedView(Struct, frozen=True, omit_defaults=True):
    """A new place in a line-up; ``invitation`` holds the token, shown this once."""

    id: str
    name: str
    billing: str
    position: int
    status: str
    invitation: InvitationTokenView | None = None


class InvitationTokenView(Struct, frozen=True):
    """An invitation as it is handed on."""

    token: str
    url: str
    expires_at: datetime


class LineUpPage(Struct, frozen=True):
    """A line-up."""

    items: list[LineUpView]


class LineUpItemBody(Struct, frozen=True):
    """An artist of the line-up, with its billing."""

    artist_id: Annotated[str, Meta(max_length=36)]
    billing: Billing


class LineUpBody(Struct, frozen=True):
    """``PUT /api/shows/{id}/artists``: the whole line-up, in its order to be."""

    items: Annotated[tuple[LineUpItemBody, ...], Meta(max_length=200)]


class ClaimBody(Struct, frozen=True):
    """``POST /api/artists/{id}/claim``."""

    evidence: Annotated[str, Meta(max_length=2_000)] | None = None


class ClaimView(Struct, frozen=True):
    """A claim: ``pending`` until an admin decides, unless an invitation has shown it already."""

    id: str
    artist_id: str
    account_id: str
    status: str
    created_at: datetime


class CrewMemberBody(Struct, frozen=True):
    """A crew member to be, by ``account_id`` or by ``email``."""

    role: Role
    account_id: Annotated[str, Meta(max_length=36)] | None = None
    email: Annotated[str, Meta(max_length=254)] | None = None


CREW_MAX = 100


class CrewBody(Struct, frozen=True):
    """``PUT /api/shows/{id}/crew``: the whole crew besides the owner."""

    members: Annotated[tuple[CrewMemberBody, ...], Meta(max_length=CREW_MAX)]


class CrewMemberView(Struct, frozen=True):
    """A crew member."""

    account_id: str
    display_name: str
    role: str
    owner: bool


class CrewPage(Struct, frozen=True):
    """A show's crew, owner first."""

    items: list[CrewMemberView]


class TicketBody(Struct, frozen=True):
    """``POST /api/shows/{id}/ticket``."""

    join_code: JoinCode | None = None


class TicketView(Struct, frozen=True):
    """A ticket and the socket's URL that holds it; first use before ``expires_at``."""

    ticket: str
    url: str
    expires_at: datetime
    participant_id: str
    role: str
    admitted: bool
