"""What pages tell programs: schema.org as JSON-LD (https://schema.org/docs/gs.html)."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from markupsafe import Markup

from rooms.catalogue.records import Kind
from server.catalogue.addresses import address
from server.catalogue.schemas import (
    ArtistView,
    ListedShowView,
    SongStoryView,
    TourPageView,
    VenuePageView,
)
from server.pages.json_in_html import json_in_html
from storage.pages.past_shows import PastShow

Thing = dict[str, Any]

CONTEXT: Final = "https://schema.org"
SUB_EVENTS_MAX: Final = 50

_STATUS: Final = {"cancelled": "https://schema.org/EventCancelled"}


def home(public_url: str) -> Markup:
    """The site and how it is searched."""
    return _encoded(
        {
            "@type": "WebSite",
            "name": "Setroom",
            "url": f"{public_url}/",
            "potentialAction": {
                "@type": "SearchAction",
                "target": f"{public_url}/search?q={{search_term_string}}",
                "query-input": "required name=search_term_string",
            },
        }
    )


def artist(view: ArtistView, public_url: str) -> Markup:
    """``MusicGroup`` with its next shows."""
    thing: Thing = {
        "@type": "MusicGroup",
        "name": view.name,
        "url": public_url + view.url,
        "image": f"{public_url}{view.url}/card.png",
    }
    if view.coming:
        thing["event"] = [event(show, public_url) for show in view.coming]
    if view.most_played:
        thing["track"] = [
            {"@type": "MusicRecording", "name": song.title, "url": public_url + song.url}
            for song in view.most_played[:10]
        ]
    return _encoded(thing)


def venue(view: VenuePageView, public_url: str) -> Markup:
    """``MusicVenue`` with its address; coordinates are left out: they are the city's."""
    thing = venue_thing(view.name, view.city, view.state, view.country, public_url + view.url)
    thing["image"] = f"{public_url}{view.url}/card.png"
    if view.coming:
        thing["event"] = [event(show, public_url) for show in view.coming]
    return _encoded(thing)


def tour(view: TourPageView, public_url: str) -> Markup:
    """``EventSeries`` with its shows."""
    thing: Thing = {
        "@type": "EventSeries",
        "name": view.name,
        "url": public_url + view.url,
        "image": f"{public_url}{view.url}/card.png",
        "performer": {
            "@type": "MusicGroup",
            "name": view.artist.name,
            "url": public_url + view.artist.url,
        },
    }
    if view.first_at and view.last_at:
        thing["startDate"] = view.first_at.date().isoformat()
        thing["endDate"] = view.last_at.date().isoformat()
    shows = [*view.coming, *view.past][:SUB_EVENTS_MAX]
    if shows:
        thing["subEvent"] = [event(show, public_url) for show in shows]
    return _encoded(thing)


def song(view: SongStoryView, public_url: str) -> Markup:
    """``MusicComposition`` and, because it is heard, a ``MusicRecording`` of it."""
    by = {"@type": "MusicGroup", "name": view.artist, "url": public_url + view.artist_url}
    recording: Thing = {
        "@type": "MusicRecording",
        "name": view.title,
        "url": public_url + view.url,
        "byArtist": by,
    }
    if view.album:
        recording["inAlbum"] = {"@type": "MusicAlbum", "name": view.album, "byArtist": by}
    thing: Thing = {
        "@type": "MusicComposition",
        "name": view.title,
        "url": public_url + view.url,
        "image": f"{public_url}{view.url}/card.png",
        "recordedAs": recording,
    }
    return _encoded(thing)


def event(show: ListedShowView, public_url: str) -> Thing:
    """``MusicEvent`` of a show in a list."""
    starts = show.starts_at.isoformat()
    if show.status == "archived":
        starts = starts[:7] if show.month_only else starts[:10]
    thing: Thing = {
        "@type": "MusicEvent",
        "name": show.title,
        "url": public_url + show.url,
        "startDate": starts,
        "eventStatus": _STATUS.get(show.status, "https://schema.org/EventScheduled"),
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "image": f"{public_url}{show.url}/card.png",
    }
    if show.venue:
        thing["location"] = venue_thing(
            show.venue.name, show.city, show.state, show.country, public_url + show.venue.url
        )
    if show.artists:
        thing["performer"] = [
            {"@type": "MusicGroup", "name": one.name, "url": public_url + one.url}
            for one in show.artists
        ]
    return thing


def past_show(show: ListedShowView, past: PastShow, public_url: str) -> Markup:
    """``MusicEvent`` of a night with what was played."""
    thing = event(show, public_url)
    if past.date is not None:
        thing["startDate"] = past.date.isoformat()[: 7 if past.month_only else 10]
    played = {song.title: song for song in past.songs}
    if played:
        thing["workPerformed"] = [
            {
                "@type": "MusicComposition",
                "name": title,
                **(
                    {"url": public_url + address(Kind.SONG, song.song_id, title)}
                    if song.song_id
                    else {}
                ),
            }
            for title, song in played.items()
        ]
    return _encoded(thing)


def venue_thing(
    name: str, city: str | None, state: str | None, country: str | None, url: str | None = None
) -> Thing:
    """``MusicVenue`` with a ``PostalAddress``."""
    address = {"addressLocality": city, "addressRegion": state, "addressCountry": country}
    thing: Thing = {
        "@type": "MusicVenue",
        "name": name,
        "address": {
            "@type": "PostalAddress",
            **{part: said for part, said in address.items() if said},
        },
    }
    if url:
        thing["url"] = url
    return thing


def _encoded(thing: Thing) -> Markup:
    return json_in_html(msgspec.json.encode({"@context": CONTEXT, **thing}))
