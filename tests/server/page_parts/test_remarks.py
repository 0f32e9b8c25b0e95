"""What is said of a song on the night it was played."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rooms.performances.views import NightPast, ShowReference, SongPast
from server.pages.remarks import NIGHTS_MIN, SHOWS_AWAY_MIN, remark
from server.pages.show_views import sections_of_past
from storage.pages.past_shows import PastShow, PastSong

LAST = ShowReference(datetime(1970, 6, 21, 20, tzinfo=UTC))


@pytest.mark.parametrize(
    ("past", "said"),
    [
        (SongPast(0), "First time played"),
        (SongPast(3, SHOWS_AWAY_MIN, LAST), None),
        (
            SongPast(3, SHOWS_AWAY_MIN + 1, LAST),
            f"First time since 21 June 1970 ({SHOWS_AWAY_MIN} shows)",
        ),
        (SongPast(199, 1, LAST), "Played for the 200th time"),
        (SongPast(200, 1, LAST), None),
    ],
)
def test_only_what_is_remarkable_is_said(past: SongPast, said: str | None) -> None:
    assert remark(past, NIGHTS_MIN, "en") == said


def test_an_artist_who_has_just_begun_plays_everything_for_the_first_time() -> None:
    assert remark(SongPast(0), NIGHTS_MIN - 1, "en") is None


def test_it_is_said_in_the_readers_language() -> None:
    assert remark(SongPast(0), NIGHTS_MIN, "es") == "Tocada por primera vez"
    said = remark(SongPast(3, 121, LAST), NIGHTS_MIN, "es")
    assert said == "Por primera vez desde el 21 de junio de 1970 (120 conciertos)"


def test_a_line_has_guests_the_note_and_the_remark() -> None:
    songs = (
        PastSong(1, "set1", "Dark Star", True, "s1", None, "Ornette Coleman", "long"),
        PastSong(2, "set1", "Whatever", False, None, "Bob Dylan"),
    )
    show = PastShow(None, False, None, None, songs)
    (section,) = sections_of_past(show, NightPast(NIGHTS_MIN, {"s1": SongPast(0)}), "en")
    assert [(line.note, line.artist) for line in section.songs] == [
        ("Ornette Coleman · long · First time played", None),
        (None, "Bob Dylan"),
    ]
