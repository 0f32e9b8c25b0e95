"""Records of the catalogue as answers."""

from __future__ import annotations

from rooms.catalogue.gazetteer import City
from rooms.catalogue.records import (
    CountedSong,
    Found,
    Kind,
    ListedShow,
    Named,
    SetlistLine,
    SongPerformance,
    YearCount,
)
from rooms.shows.records import LineUpStatus, ShowRecord
from server.catalogue.addresses import address, address_of, show_address
from server.catalogue.schemas import (
    CountedSongView,
    FoundView,
    ListedShowView,
    NamedView,
    PlaceView,
    SetlistLineView,
    SongPerformanceView,
    YearView,
)
from server.performances.views import reference_view


def found_view(found: Found) -> FoundView:
    """Something that was found."""
    if found.kind is Kind.SHOW:
        url = show_address(found.slug or found.id)
    else:
        url = address(found.kind, found.id, found.name)
    return FoundView(
        kind=found.kind.value,
        id=found.id,
        name=found.name,
        url=url,
        detail=_unsaid(found),
        starts_at=found.at,
    )


def _unsaid(found: Found) -> str | None:
    """What a show's title does not say already of where it was."""
    if found.kind is not Kind.SHOW or found.detail is None:
        return found.detail
    return ", ".join(part for part in found.detail.split(", ") if part not in found.name) or None


def place_view(city: City) -> PlaceView:
    """A city."""
    return PlaceView(city.name, city.admin, city.country, city.lat, city.lon, city.time_zone)


def named_view(named: Named) -> NamedView:
    """Something with a page."""
    return NamedView(named.id, named.name, address_of(named))


def listed_view(show: ListedShow, setlist: list[SetlistLine] | None = None) -> ListedShowView:
    """A show in a list."""
    place = show.place
    return ListedShowView(
        id=show.show_id,
        slug=show.slug,
        url=show_address(show.slug),
        title=show.title,
        status=show.status,
        starts_at=show.starts_at,
        month_only=show.month_only,
        venue=named_view(show.venue) if show.venue else None,
        city=place.city if place else None,
        state=place.state if place else None,
        country=place.country if place else None,
        artists=[named_view(artist) for artist in show.artists],
        songs=show.songs,
        setlist=[SetlistLineView(line.title, line.section, line.segue) for line in setlist or ()],
    )


def record_view(show: ShowRecord) -> ListedShowView:
    """A show in a list, from the store of shows."""
    venue = show.venue
    return ListedShowView(
        id=show.show_id,
        slug=show.slug,
        url=show_address(show.slug),
        title=show.title,
        status=show.status.value,
        starts_at=show.starts_at,
        month_only=show.month_only,
        venue=NamedView(show.venue_id, venue.name, address(Kind.VENUE, show.venue_id, venue.name))
        if venue and show.venue_id
        else None,
        city=venue.city if venue else None,
        state=show.state,
        country=venue.country if venue else None,
        artists=[
            NamedView(one.artist_id, one.name, address(Kind.ARTIST, one.artist_id, one.name))
            for one in show.artists
            if one.status is not LineUpStatus.DECLINED
        ],
    )


def counted_view(song: CountedSong) -> CountedSongView:
    """A song and how often it was played."""
    return CountedSongView(
        id=song.id,
        title=song.title,
        url=address(Kind.SONG, song.id, song.title),
        times=song.times,
        last_at=song.last_at,
        artist=song.artist,
    )


def year_view(year: YearCount) -> YearView:
    """A year."""
    return YearView(year.year, year.times)


def song_performance_view(played: SongPerformance) -> SongPerformanceView:
    """One time that a song was played."""
    return SongPerformanceView(
        show=reference_view(played.show),
        section=played.section,
        ordinal=played.ordinal,
        segue=played.segue,
        place=played.place,
        before=played.before,
        after=played.after,
        gap_shows=played.gap_shows,
    )
