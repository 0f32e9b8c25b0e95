"""Rules of reading the Springsteen archive."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from rooms.catalogue.archive import Archive, DatePrecision, Reason
from rooms.catalogue.places import lower_capitals
from rooms.catalogue.reading import read_archive


def show(key: str = "/gig:1975-08-15-bottom-line", **changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "gig_key": key,
        "date": "1975-08-15",
        "location": "THE BOTTOM LINE, NEW YORK CITY, NY, USA",
        "state": "NY",
        "city": None,
        "country": "USA",
        "tour": "Born To Run Tour",
        "setlist": [
            {"song_number": 2, "song": "Growin’ Up", "song_key": "/song:growin-up"},
            {"song_number": 1, "song": "Thunder Road", "song_key": "/song:thunder-road"},
        ],
    }
    return base | changes


def read(*shows: dict[str, Any], songs: bytes | None = None) -> Archive:
    return read_archive("\n".join(json.dumps(one) for one in shows).encode(), songs)


def place(**changes: Any) -> tuple[str, str | None, str | None, str | None]:
    venue = read(show(**changes)).shows[0].venue
    assert venue is not None
    return venue.name, venue.city, venue.state, venue.country


def test_songs_come_in_their_numbers_order_in_one_set() -> None:
    played = read(show()).shows[0].performances
    assert [(p.order, p.section, p.song.title) for p in played] == [
        (1, "set1", "Thunder Road"),
        (2, "set1", "Growin’ Up"),
    ]


def test_a_missing_city_is_read_from_the_location() -> None:
    assert place() == ("The Bottom Line", "New York City", "NY", "US")
    assert place(
        location="MUNN ICE ARENA, MICHIGAN STATE UNIVERSITY, EAST LANSING, MI, USA", state="MI"
    ) == ("Munn Ice Arena, Michigan State University", "East Lansing", "MI", "US")


def test_a_city_that_repeats_the_country_is_read_from_the_location() -> None:
    changes = {"location": "WEMBLEY ARENA, LONDON, ENGLAND", "state": None, "city": "England"}
    assert place(**changes, country="England") == ("Wembley Arena", "London", "England", "GB")


def test_a_state_is_believed_before_the_country() -> None:
    changes = {"location": "CHILDE HAROLD, WASHINGTON, DC, Canada", "state": "DC"}
    archive = read(show(**changes, country="Canada"))
    assert place(**changes, country="Canada") == ("Childe Harold", "Washington", "DC", "US")
    assert archive.report.counts[Reason.COUNTRY_CONTRADICTED_BY_STATE] == 1


def test_an_unknown_day_is_the_first_of_its_month_and_says_so() -> None:
    archive = read(show("/gig:1979-04-00-fast-lane", date=None))
    only = archive.shows[0]
    assert (only.date, only.date_precision) == (date(1979, 4, 1), DatePrecision.MONTH)
    assert archive.report.counts[Reason.DAY_UNKNOWN] == 1
    assert only.slug == "bruce-springsteen-1979-04"


def test_a_show_without_any_date_is_skipped() -> None:
    archive = read(show("/gig:unknown", date=None), show())
    assert archive.report.counts[Reason.DATE_UNREADABLE] == archive.report.skipped == 1
    assert len(archive.shows) == 1


def test_two_shows_of_a_day_are_numbered_in_the_archives_order() -> None:
    archive = read(show("/gig:1975-08-15-x-early"), show("/gig:1975-08-15-x-late"))
    assert [s.number for s in archive.shows] == [1, 2]


def test_a_song_has_one_title_and_the_nights_spelling_is_kept() -> None:
    songs = json.dumps({"song_key": "/song:growin-up", "title": "Growin' Up", "album": "Greetings"})
    archive = read(show(), songs=songs.encode())
    second = archive.shows[0].performances[1]
    assert (second.song.title, second.printed_title) == ("Growin' Up", "Growin’ Up")
    assert second.song.album == "Greetings"
    assert archive.report.counts[Reason.TITLE_UNIFIED] == 1
    assert archive.report.counts[Reason.SONG_NOT_IN_CATALOGUE] == 1


def test_one_venue_in_two_spellings_is_one_record() -> None:
    other = show("/gig:2", location="The Bottom Line, New York City, NY, USA")
    first, second = read(show(), other).shows
    assert first.venue is second.venue


@pytest.mark.parametrize(
    ("shouted", "said"),
    [
        ("THE FORUM AT UCLA", "The Forum at UCLA"),
        ("McDONOUGH ARENA", "McDonough Arena"),
        ("PAUL'S MALL", "Paul's Mall"),
        ("POST DOME, C.W. POST COLLEGE", "Post Dome, C.W. Post College"),
        ("O'CONNELL CENTER", "O'Connell Center"),
        ("RDS ARENA", "RDS Arena"),
        ("ST. MARY'S HALL", "St. Mary's Hall"),
        ("FORUM KØBENHAVN", "Forum København"),
        ("TŌKYŌ KOKUSAI FŌRAMU", "Tōkyō Kokusai Fōramu"),
    ],
)
def test_capitals_are_lowered_as_people_write(shouted: str, said: str) -> None:
    assert lower_capitals(shouted) == said
