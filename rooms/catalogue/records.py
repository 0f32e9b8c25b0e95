"""The catalogue as it is read: what search finds, and what artists', venues', tours' and songs'
pages tell. Only what is public is ever in them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from rooms.performances.views import ShowReference


class Kind(StrEnum):
    """What can be found."""

    SHOW = "show"
    ARTIST = "artist"
    VENUE = "venue"
    TOUR = "tour"
    SONG = "song"


class Found(Struct, frozen=True):
    """One thing that was found.

    Attributes:
        detail: what tells it from others of its name: a song's and a tour's artist, a venue's
            city, a show's venue.
        slug, at: of a show.
        score: how well it fits; only comparable within one search.
    """

    kind: Kind
    id: str
    name: str
    detail: str | None = None
    slug: str | None = None
    at: datetime | None = None
    score: float = 0.0


class Named(Struct, frozen=True):
    """Something with a page of its own."""

    kind: Kind
    id: str
    name: str


class VenuePlace(Struct, frozen=True):
    """Where a venue is. ``country``: ISO 3166-1 alpha-2; ``lat``, ``lon``: degrees, its city's."""

    city: str | None = None
    state: str | None = None
    country: str | None = None
    lat: float | None = None
    lon: float | None = None


class ListedShow(Struct, frozen=True):
    """A show in a list. ``songs``: how many were played, 0 where that is not known."""

    show_id: str
    slug: str
    title: str
    status: str
    starts_at: datetime
    month_only: bool
    venue: Named | None
    place: VenuePlace | None
    artists: tuple[Named, ...]
    songs: int = 0


class SetlistLine(Struct, frozen=True):
    """One song of a setlist in a list of setlists."""

    title: str
    section: str
    segue: bool


class ArtistRecord(Struct, frozen=True):
    """An artist. ``shows``: public ones that are over; ``songs``: different ones played at them."""

    id: str
    name: str
    shows: int
    songs: int
    first_at: datetime | None
    last_at: datetime | None


class VenueRecord(Struct, frozen=True):
    """A venue. ``shows``: public ones that are over."""

    id: str
    name: str
    place: VenuePlace
    shows: int
    first_at: datetime | None
    last_at: datetime | None
    artists: tuple[tuple[Named, int], ...]


class TourRecord(Struct, frozen=True):
    """A tour. ``shows``: public ones that are over."""

    id: str
    name: str
    artist: Named
    shows: int
    first_at: datetime | None
    last_at: datetime | None


class CountedSong(Struct, frozen=True):
    """A song and how often it was played."""

    id: str
    title: str
    times: int
    last_at: datetime | None = None
    artist: str | None = None


class YearCount(Struct, frozen=True):
    """How often in one year."""

    year: int
    times: int


class SongPerformance(Struct, frozen=True):
    """One time that a song was played. ``gap_shows``: shows of the artist since the time before;
    ``None`` at the first."""

    show: ShowReference
    place: str | None
    section: str
    ordinal: int
    segue: bool
    before: str | None
    after: str | None
    gap_shows: int | None
