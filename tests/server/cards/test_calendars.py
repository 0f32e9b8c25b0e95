"""Shows in calendars, read back by the library and by the rules of RFC 5545."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from icalendar import Calendar
from litestar import Litestar

from rooms.show import Access, ShowStatus
from rooms.shows.records import ShowRecord, VenueRecord
from server.cards.calendars import USUAL_LENGTH, calendar_of
from server.catalogue.indexing import Indexing
from storage.catalogue.search import PostgresSearch
from tests.server.http import Person, ok

URL = "https://setroom.test"
AT = datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


def a_show(**changes: object) -> ShowRecord:
    values: dict[str, object] = {
        "show_id": "0197c3f2-0000-7000-8000-000000000001",
        "slug": "a-night",
        "title": "Rock, Paper; Scissors\\ über alles " + "é" * 60,
        "status": ShowStatus.PUBLISHED,
        "access": Access.PUBLIC,
        "starts_at": AT,
        "ends_at": None,
        "join_code": None,
        "owner_id": "0197c3f2-0000-7000-8000-000000000002",
        "created_at": AT - timedelta(days=30),
        "updated_at": AT - timedelta(days=1),
        "venue": VenueRecord("Café, Bar", "Ithaca", "US"),
    }
    return ShowRecord(**(values | changes))  # type: ignore[arg-type]


def test_what_is_written_is_read_back() -> None:
    (event,) = Calendar.from_ical(calendar_of([a_show()], URL)).events
    assert str(event["summary"]) == a_show().title
    assert event.start == AT
    assert event.end == AT + USUAL_LENGTH
    assert str(event["location"]) == "Café, Bar, Ithaca, US"
    assert str(event["url"]) == f"{URL}/shows/a-night"
    assert str(event["status"]) == "CONFIRMED"
    assert str(event["uid"]) == a_show().show_id


def test_lines_are_folded_and_ended_as_the_rfc_says() -> None:
    raw = calendar_of([a_show()], URL)
    lines = raw.split(b"\r\n")
    assert raw.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(len(line) for line in lines) <= 75
    raw.decode("utf-8")
    assert b"DTSTART:20270328T013000Z" in raw
    assert b"DTSTAMP:20270327T013000Z" in raw


def test_another_zone_is_the_same_moment_and_an_archive_knows_days_only() -> None:
    zone = AT.astimezone().tzinfo
    moved = calendar_of([a_show(starts_at=AT.astimezone(zone))], URL)
    assert b"DTSTART:20270328T013000Z" in moved
    (event,) = Calendar.from_ical(calendar_of([a_show(owner_id=None)], URL)).events
    assert event["dtstart"].dt == date(2027, 3, 28)


def test_a_cancelled_show_says_so_with_a_higher_number() -> None:
    before = Calendar.from_ical(calendar_of([a_show()], URL)).events[0]
    cancelled = a_show(status=ShowStatus.CANCELLED, updated_at=AT)
    after = Calendar.from_ical(calendar_of([cancelled], URL)).events[0]
    assert str(after["status"]) == "CANCELLED"
    assert int(after["sequence"]) > int(before["sequence"])
    assert str(after["uid"]) == str(before["uid"])


async def test_an_artists_feed_has_public_shows_only(
    app: Litestar, nobody: Person, artist: Person
) -> None:
    band = "Feedback Ensemble"
    for title, access in (("Feed open", "public"), ("Feed shut", "private")):
        await artist.live_show(title=title, access=access, artists=[{"name": band}])
    await artist.show(title="Feed draft", artists=[{"name": band}])
    await Indexing(PostgresSearch(app.state.services.pool)).catch_up()
    (found,) = ok(await nobody.get("/api/search?q=feedback+ensemble&kinds=artist"))["items"]
    answer = await nobody.get(f"{found['url']}/calendar.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    feed = Calendar.from_ical(answer.content)
    assert [str(event["summary"]) for event in feed.events] == ["Feed open"]
    assert str(feed["x-wr-calname"]) == band
