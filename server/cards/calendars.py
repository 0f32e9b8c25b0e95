"""Shows as iCalendar (RFC 5545), one by itself or an artist's as a feed (RFC 7986)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, timedelta
from typing import Final

from icalendar import Calendar, Event, vDuration, vText

from rooms.show import ShowStatus
from rooms.shows.records import LineUpStatus, ShowRecord
from server.catalogue.addresses import show_address

USUAL_LENGTH: Final = timedelta(hours=3)
"""Of a show whose end is not known: without one, calendars show a moment."""

REFRESHED_EVERY: Final = timedelta(hours=6)

PRODUCT: Final = "-//Setroom//Shows//EN"


def calendar_of(
    shows: Iterable[ShowRecord], public_url: str, *, name: str | None = None, url: str | None = None
) -> bytes:
    """A calendar with these shows.

    Args:
        name: of a feed that is followed; ``url``: the page that it belongs to.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    if name is not None:
        calendar.add("name", name)
        calendar.add("x-wr-calname", name)
        refresh = vDuration(REFRESHED_EVERY)
        calendar.add("refresh-interval", refresh, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", vText(f"PT{REFRESHED_EVERY // timedelta(hours=1)}H"))
    if url is not None:
        calendar.add("url", url)
    for show in shows:
        calendar.add_component(_event(show, public_url))
    encoded: bytes = calendar.to_ical()
    return encoded


def _event(show: ShowRecord, public_url: str) -> Event:
    """One show. Moments are in UTC, so that no calendar needs to know the venue's zone; of a show
    from an archive only the day is known."""
    event = Event()
    url = public_url + show_address(show.slug)
    event.add("uid", show.show_id)
    event.add("dtstamp", show.updated_at.astimezone(UTC))
    event.add("last-modified", show.updated_at.astimezone(UTC))
    event.add("sequence", int((show.updated_at - show.created_at).total_seconds()))
    event.add("summary", show.title)
    starts = show.starts_at.astimezone(UTC)
    if show.owner_id is None:
        event.add("dtstart", starts.date())
    else:
        event.add("dtstart", starts)
        event.add("dtend", (show.ends_at or starts + USUAL_LENGTH).astimezone(UTC))
    event.add("status", "CANCELLED" if show.status is ShowStatus.CANCELLED else "CONFIRMED")
    venue = show.venue
    if venue is not None:
        parts = (venue.name, venue.city, show.state, venue.country)
        event.add("location", ", ".join(part for part in parts if part))
    artists = [one.name for one in show.artists if one.status is not LineUpStatus.DECLINED]
    event.add("description", "\n".join(part for part in (", ".join(artists), url) if part))
    event.add("url", url)
    return event
