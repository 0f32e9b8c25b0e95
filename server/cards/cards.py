"""What the card of each page tells. Of private shows nothing."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from urllib.parse import urlsplit

from rooms.catalogue.records import Kind, Named
from rooms.show import Access, ShowStatus, is_announced
from rooms.shows.records import LineUpStatus, ShowRecord
from server.cards.drawing import Card, CardSong
from server.catalogue.addresses import show_address
from server.pages.site import counted, span
from server.pages.texts import STATUSES, TEXTS, day, month, section_name
from server.problems import not_found
from server.services import Services
from storage.pages.past_shows import PastShows

Line = tuple[str, str, bool]
"""(section, title, segue)"""


async def show_card(services: Services, slug: str, language: str) -> Card:
    """A show by its name; a private one is only told to be one.

    Raises:
        ApiError: ``unknown_show``, also for a draft.
    """
    show = await public_show(services, slug, private=True)
    texts = TEXTS[language]
    if show.access is Access.PRIVATE:
        return Card(title=texts["tagline"], kicker=texts["private_show"])
    lines = await _lines(services, show)
    return Card(
        title=show.title,
        kicker=_kicker(show, language),
        live=show.status is ShowStatus.LIVE,
        facts=_facts(show, lines, language),
        songs=_songs(lines, language),
        more=texts["and_more"],
        address=_address(services, show),
    )


async def setlist_card(services: Services, slug: str, language: str) -> Card:
    """The whole list of a show.

    Raises:
        ApiError: ``unknown_show``, also for a private one; ``unknown_setlist``: it is empty.
    """
    show = await public_show(services, slug)
    lines = await _lines(services, show)
    if not lines:
        raise not_found("setlist")
    return Card(
        title=show.title,
        facts=(_when(show, language), *_facts(show, lines, language)),
        songs=_songs(lines, language),
        more=TEXTS[language]["and_more"],
        address=_address(services, show),
    )


async def catalogue_card(services: Services, named: Named, language: str) -> Card:
    """An artist, venue, tour or song."""
    catalogue, texts = services.catalogue, TEXTS[language]
    so_many = partial(counted, language=language)
    facts: tuple[str | None, ...]
    match named.kind:
        case Kind.ARTIST:
            artist = await catalogue.artist(named)
            facts = (
                so_many(artist.shows, "shows"),
                so_many(artist.songs, "different_songs") if artist.songs else None,
                span(artist.first_at, artist.last_at),
            )
        case Kind.VENUE:
            venue = await catalogue.venue(named)
            place = ", ".join(part for part in (venue.city, venue.state or venue.country) if part)
            facts = (place, so_many(venue.shows, "shows"), span(venue.first_at, venue.last_at))
        case Kind.TOUR:
            tour = await catalogue.tour(named)
            years = span(tour.first_at, tour.last_at)
            facts = (tour.artist.name, so_many(tour.shows, "shows"), years)
        case _:
            song = await catalogue.song(named.id)
            played = song.statistics
            facts = (
                song.artist,
                so_many(played.times_played, "played_times") if played else None,
                span(played.first.starts_at, played.last.starts_at) if played else None,
            )
    return Card(
        title=named.name,
        kicker=texts[f"kind_{named.kind.value}"],
        facts=tuple(fact for fact in facts if fact),
        address=urlsplit(services.settings.public_url).netloc,
    )


def home_card(services: Services, language: str) -> Card:
    """The site."""
    texts = TEXTS[language]
    address = urlsplit(services.settings.public_url).netloc
    return Card(title=texts["tagline"], facts=(texts["lead"],), address=address)


async def public_show(services: Services, slug: str, *, private: bool = False) -> ShowRecord:
    """A show that everybody may know of.

    Raises:
        ApiError: ``unknown_show``: none, one that was never announced, or (unless ``private``) a
            private one.
    """
    show = await services.shows.by_id_or_slug(slug)
    hidden = show.access is Access.PRIVATE and not private
    if hidden or not is_announced(show.status, show.join_code):
        raise not_found("show")
    return show


async def _lines(services: Services, show: ShowRecord) -> list[Line]:
    if show.status is ShowStatus.ARCHIVED:
        past = await PastShows(services.pool).read(show.show_id)
        if past is not None and past.songs:
            return [(song.section, song.title, song.segue) for song in past.songs]
    setlist = await services.setlists.read(show.show_id, None)
    return [(entry.section, entry.title, entry.segue) for entry in setlist.entries]


def _songs(lines: Iterable[Line], language: str) -> tuple[CardSong, ...]:
    songs: list[CardSong] = []
    before = None
    for section, title, segue in lines:
        if section == "soundcheck":
            continue
        heading = section_name(section, language) if section != before else None
        songs.append(CardSong(title=title, segue=segue, heading=heading))
        before = section
    return tuple(songs)


def _kicker(show: ShowRecord, language: str) -> str:
    if show.status in (ShowStatus.LIVE, ShowStatus.CANCELLED):
        return STATUSES[language][show.status]
    return _when(show, language)


def _when(show: ShowRecord, language: str) -> str:
    return (month if show.month_only else day)(show.starts_at, language)


def _facts(show: ShowRecord, lines: list[Line], language: str) -> tuple[str, ...]:
    artists = ", ".join(
        artist.name
        for artist in show.artists
        if artist.status is not LineUpStatus.DECLINED and artist.name not in show.title
    )
    venue = show.venue
    parts = (venue.name, venue.city, show.state or venue.country) if venue else ()
    place = ", ".join(part for part in parts if part and part not in show.title)
    played = sum(section != "soundcheck" for section, _, _ in lines)
    songs = counted(played, "songs", language=language) if played else ""
    return tuple(fact for fact in (artists, place, songs) if fact)


def _address(services: Services, show: ShowRecord) -> str:
    return urlsplit(services.settings.public_url).netloc + show_address(show.slug)
