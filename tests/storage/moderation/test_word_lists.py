"""The shipped lists let music through."""

from __future__ import annotations

import pytest

from jobs.archive.packaged import PackagedArchive, read_packaged
from storage.moderation.word_lists import _lines, chat_words, entries, name_words


def test_every_entry_that_is_left_out_is_in_its_list() -> None:
    for line in _lines("left_out"):
        language, _, entry = line.partition(" ")
        assert entry in _lines(language), line


def test_every_entry_that_is_used_is_found() -> None:
    words = chat_words()
    assert [entry for entry in entries() if entry not in words.found_in(f"so {entry}.")] == []


@pytest.mark.parametrize("name", PackagedArchive)
def test_no_real_title_place_or_tour_is_held(name: PackagedArchive) -> None:
    words, archive = chat_words(), read_packaged(name)
    texts = {song.title for song in archive.songs}
    for show in archive.shows:
        if show.venue is not None:
            texts.update((show.venue.name, show.venue.city or ""))
    assert len(texts) > 500
    assert {text: words.found_in(text) for text in texts if words.found_in(text)} == {}


@pytest.mark.parametrize(
    "line",
    [
        "Tainted Love!!",
        "that sax solo was so sexy",
        "this mix sucks, turn it up xx",
        "John Lee Hooker next",
        "stomp on that pedal / la pédale",
        "¡qué concha acústica! camiseta negra, año nuevo",
        "Bitte noch ein Lied, schöne Vögel und Möpse",
        "con mi trio de siempre",
    ],
)
def test_what_people_say_at_concerts_goes_through(line: str) -> None:
    assert chat_words().found_in(line) == ()


def test_a_given_name_is_none_to_be_refused() -> None:
    assert name_words().found_in("Dick Dale") == ()
    assert name_words().found_in("Sh1thead") == ()
    assert name_words().found_in("Sh1t Head") == ("shit",)
