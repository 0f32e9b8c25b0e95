"""Bodies of search and of artists, venues, tours and songs. ``url`` is the path of a page."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from server.performances.schemas import CoverView, ShowReferenceView, StatisticsView


class FoundView(Struct, frozen=True, omit_defaults=True):
    """One thing that was found.

    ``detail`` tells it from others of its name: a song's or tour's artist, a venue's city, a
    show's venue. ``starts_at``: of a show.
    """

    kind: str
    id: str
    name: str
    url: str
    detail: str | None = None
    starts_at: datetime | None = None


class SearchPage(Struct, frozen=True):
    """``GET /api/search``: what fits best first."""

    items: list[FoundView]
    next_cursor: str | None = None


class SuggestPage(Struct, frozen=True):
    """``GET /api/search/suggest``."""

    items: list[FoundView]


class PlaceView(Struct, frozen=True):
    """A city of the gazetteer. ``admin``: its state or nation where that is commonly said;
    ``lat``, ``lon``: degrees. ``time_zone``: its name in the IANA database."""

    name: str
    admin: str | None
    country: str
    lat: float
    lon: float
    time_zone: str


class PlacePage(Struct, frozen=True):
    """``GET /api/places``."""

    items: list[PlaceView]


class NamedView(Struct, frozen=True):
    """Something that has a page."""

    id: str
    name: str
    url: str


class ListedShowView(Struct, frozen=True, omit_defaults=True):
    """A show in a list. ``songs``: how many were played; ``setlist``: what, in order."""

    id: str
    slug: str
    url: str
    title: str
    status: str
    starts_at: datetime
    month_only: bool = False
    venue: NamedView | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None
    artists: list[NamedView] = []
    songs: int = 0
    setlist: list[SetlistLineView] = []


class SetlistLineView(Struct, frozen=True, omit_defaults=True):
    """One song of a night in a list of nights."""

    title: str
    section: str
    segue: bool = False


class CountedSongView(Struct, frozen=True, omit_defaults=True):
    """A song and how often it was played. ``artist``: whose it is, if not the page's."""

    id: str
    title: str
    url: str
    times: int
    last_at: datetime | None = None
    artist: str | None = None


class YearView(Struct, frozen=True):
    """How often in one year."""

    year: int
    times: int


class ArtistView(Struct, frozen=True, omit_defaults=True):
    """``GET /api/artists/{id}``. ``shows``: that are over and public; ``songs``: played at them.

    ``latest`` is paged by ``cursor``.
    """

    id: str
    name: str
    url: str
    shows: int
    songs: int
    coming: list[ListedShowView]
    latest: list[ListedShowView]
    most_played: list[CountedSongView]
    years: list[YearView]
    first_at: datetime | None = None
    last_at: datetime | None = None
    next_cursor: str | None = None


class VenueArtistView(Struct, frozen=True):
    """Who played at a venue, and how often."""

    id: str
    name: str
    url: str
    shows: int


class VenuePageView(Struct, frozen=True, omit_defaults=True):
    """``GET /api/venues/{id}``. ``lat``, ``lon``: degrees, of its city. ``past`` is paged."""

    id: str
    name: str
    url: str
    shows: int
    artists: list[VenueArtistView]
    coming: list[ListedShowView]
    past: list[ListedShowView]
    city: str | None = None
    state: str | None = None
    country: str | None = None
    lat: float | None = None
    lon: float | None = None
    first_at: datetime | None = None
    last_at: datetime | None = None
    next_cursor: str | None = None


class TourPageView(Struct, frozen=True, omit_defaults=True):
    """``GET /api/tours/{id}``. ``past`` is paged by ``cursor``."""

    id: str
    name: str
    url: str
    artist: NamedView
    shows: int
    coming: list[ListedShowView]
    past: list[ListedShowView]
    most_played: list[CountedSongView]
    first_at: datetime | None = None
    last_at: datetime | None = None
    next_cursor: str | None = None


class SongPerformanceView(Struct, frozen=True, omit_defaults=True):
    """One time that a song was played. ``gap_shows``: shows of its artist since the time before,
    1 being the very next one. ``before``, ``after``: its neighbours that night."""

    show: ShowReferenceView
    section: str
    ordinal: int
    segue: bool = False
    place: str | None = None
    before: str | None = None
    after: str | None = None
    gap_shows: int | None = None


class SongStoryView(Struct, frozen=True, omit_defaults=True):
    """``GET /api/songs/{id}``. ``recent`` is paged by ``cursor``; ``statistics`` and the rest
    are absent or empty for a song that was never played."""

    id: str
    title: str
    url: str
    artist_id: str
    artist: str
    artist_url: str
    years: list[YearView]
    recent: list[SongPerformanceView]
    longest_gaps: list[SongPerformanceView]
    album: str | None = None
    statistics: StatisticsView | None = None
    covers: list[CoverView] = []
    next_cursor: str | None = None
