"""Artists, venues, tours and songs, as their pages and their JSON tell them."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Final
from uuid import UUID

from rooms.catalogue.records import Kind, ListedShow, Named
from server.catalogue.addresses import address, address_of, readable, short_id, whole_id
from server.catalogue.schemas import (
    ArtistView,
    SongStoryView,
    TourPageView,
    VenueArtistView,
    VenuePageView,
)
from server.catalogue.views import (
    counted_view,
    listed_view,
    named_view,
    song_performance_view,
    year_view,
)
from server.cursors import Moment, read_cursor, write_cursor
from server.gates import Gate
from server.performances.views import song_view
from server.problems import not_found
from storage.catalogue.artists import PostgresArtists
from storage.catalogue.places import PostgresPlaces
from storage.catalogue.search import PostgresSearch
from storage.catalogue.song_pasts import PostgresSongPasts
from storage.performances.songs import PostgresSongs

COMING_MAX: Final = 12
SONGS_SHOWN: Final = 20
SETLISTS_PAGE: Final = 8
SHOWS_PAGE: Final = 30
PERFORMANCES_PAGE: Final = 25
VENUE_ARTISTS_MAX: Final = 12
GAPS_MAX: Final = 3
AT_ONCE: Final = 2
"""Pages that are read at a time: each asks up to five things at once, of a node's ten connections
to the database."""

WAITING_MAX: Final = 60
GAP_SHOWS_MIN: Final = 10
"""Fewer shows without a song are no absence."""


class Catalogue:
    """Reads what is public of the catalogue."""

    def __init__(
        self,
        search: PostgresSearch,
        artists: PostgresArtists,
        places: PostgresPlaces,
        songs: PostgresSongs,
        pasts: PostgresSongPasts,
    ) -> None:
        self._search = search
        self._artists = artists
        self._places = places
        self._songs = songs
        self._pasts = pasts
        self._gate = Gate(AT_ONCE, WAITING_MAX)

    async def named(self, kind: Kind, text: str) -> Named:
        """What an address or an id means.

        Raises:
            ApiError: ``unknown_artist``, …: there is none, or none that is public.
        """
        whole, short = whole_id(text), short_id(text)
        if whole is not None:
            found = await self._search.by_id(kind, whole)
            if found is not None:
                return found
        elif short is not None:
            several = await self._search.by_short_id(kind, short)
            alike = [one for one in several if text.startswith(readable(one.name))]
            if several:
                return (alike or several)[0]
        raise not_found(kind.value)

    async def artist(self, named: Named, cursor: str | None = None) -> ArtistView:
        """An artist with its next and latest nights.

        Raises:
            ApiError: ``unknown_artist``, ``busy``; the cursor is none of ours.
        """
        after = _position(cursor)
        async with self._gate.turn():
            artist, coming, latest, songs, years = await asyncio.gather(
                self._artists.read(named.id),
                self._artists.coming(named.id, COMING_MAX),
                self._artists.latest(named.id, SETLISTS_PAGE + 1, after),
                self._artists.most_played(named.id, SONGS_SHOWN),
                self._artists.years(named.id),
            )
        if artist is None:
            raise not_found("artist")
        page, next_cursor = _paged(latest, SETLISTS_PAGE)
        setlists = await self._artists.setlists([show.show_id for show in page])
        return ArtistView(
            id=artist.id,
            name=artist.name,
            url=address_of(named),
            shows=artist.shows,
            songs=artist.songs,
            coming=[listed_view(show) for show in coming],
            latest=[listed_view(show, setlists.get(show.show_id)) for show in page],
            most_played=[counted_view(song) for song in songs],
            years=[year_view(year) for year in years],
            first_at=artist.first_at,
            last_at=artist.last_at,
            next_cursor=next_cursor,
        )

    async def venue(self, named: Named, cursor: str | None = None) -> VenuePageView:
        """A venue with its nights.

        Raises:
            ApiError: ``unknown_venue``, ``busy``; the cursor is none of ours.
        """
        after = _position(cursor)
        async with self._gate.turn():
            venue, coming, past = await asyncio.gather(
                self._places.venue(named.id, VENUE_ARTISTS_MAX),
                self._places.coming(Kind.VENUE, named.id, COMING_MAX),
                self._places.over(Kind.VENUE, named.id, SHOWS_PAGE + 1, after),
            )
        if venue is None:
            raise not_found("venue")
        page, next_cursor = _paged(past, SHOWS_PAGE)
        place = venue.place
        return VenuePageView(
            id=venue.id,
            name=venue.name,
            url=address_of(named),
            shows=venue.shows,
            artists=[
                VenueArtistView(one.id, one.name, address_of(one), shows)
                for one, shows in venue.artists
            ],
            coming=[listed_view(show) for show in coming],
            past=[listed_view(show) for show in page],
            city=place.city,
            state=place.state,
            country=place.country,
            lat=place.lat,
            lon=place.lon,
            first_at=venue.first_at,
            last_at=venue.last_at,
            next_cursor=next_cursor,
        )

    async def tour(self, named: Named, cursor: str | None = None) -> TourPageView:
        """A tour with its nights.

        Raises:
            ApiError: ``unknown_tour``, ``busy``; the cursor is none of ours.
        """
        after = _position(cursor)
        async with self._gate.turn():
            tour, coming, past, songs = await asyncio.gather(
                self._places.tour(named.id),
                self._places.coming(Kind.TOUR, named.id, COMING_MAX),
                self._places.over(Kind.TOUR, named.id, SHOWS_PAGE + 1, after),
                self._places.tour_songs(named.id, SONGS_SHOWN),
            )
        if tour is None:
            raise not_found("tour")
        page, next_cursor = _paged(past, SHOWS_PAGE)
        return TourPageView(
            id=tour.id,
            name=tour.name,
            url=address_of(named),
            artist=named_view(tour.artist),
            shows=tour.shows,
            coming=[listed_view(show) for show in coming],
            past=[listed_view(show) for show in page],
            most_played=[counted_view(song) for song in songs],
            first_at=tour.first_at,
            last_at=tour.last_at,
            next_cursor=next_cursor,
        )

    async def song(self, song_id: str, cursor: str | None = None) -> SongStoryView:
        """A song with its past.

        Raises:
            ApiError: ``unknown_song``, ``busy``; the cursor is none of ours.
        """
        after = read_cursor(cursor, tuple[Moment, UUID, int]) if cursor else None
        position = (after[0], str(after[1]), after[2]) if after else None
        async with self._gate.turn():
            found, recent, gaps, years = await asyncio.gather(
                self._songs.read(song_id),
                self._pasts.recent(song_id, PERFORMANCES_PAGE + 1, position),
                self._pasts.longest_gaps(song_id, GAP_SHOWS_MIN, GAPS_MAX),
                self._pasts.years(song_id),
            )
        if found is None:
            raise not_found("song")
        song = song_view(*found)
        page = recent[:PERFORMANCES_PAGE]
        last = page[-1] if len(recent) > PERFORMANCES_PAGE else None
        ends = (last.show.starts_at, last.show.show_id, last.ordinal) if last else None
        return SongStoryView(
            id=song.id,
            title=song.title,
            url=address(Kind.SONG, song.id, song.title),
            artist_id=song.artist_id,
            artist=song.artist,
            artist_url=address(Kind.ARTIST, song.artist_id, song.artist),
            years=[year_view(year) for year in years],
            recent=[song_performance_view(one) for one in page],
            longest_gaps=[song_performance_view(one) for one in gaps],
            album=song.album,
            statistics=song.statistics,
            covers=song.covers,
            next_cursor=write_cursor(ends) if ends else None,
        )


def _position(cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    at, show_id = read_cursor(cursor, tuple[Moment, UUID])
    return at, str(show_id)


def _paged(shows: list[ListedShow], page: int) -> tuple[list[ListedShow], str | None]:
    kept = shows[:page]
    if len(shows) <= page:
        return kept, None
    return kept, write_cursor((kept[-1].starts_at, kept[-1].show_id))
