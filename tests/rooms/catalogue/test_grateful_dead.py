"""Rules of reading the Grateful Dead archive."""

from __future__ import annotations

import gzip
import json
from datetime import date
from typing import Any

from rooms.catalogue.archive import Archive, Reason
from rooms.catalogue.reading import read_archive


def show(day: str = "1977/05/08", uuid: str = "u1", **changes: Any) -> dict[str, Any]:
    sets = [["Minglewood Blues", "Loser"], ["Scarlet Begonias", "Morning Dew"], ["U.S. Blues"]]
    base: dict[str, Any] = {
        "date": day,
        "uuid": uuid,
        "venue": "Barton Hall",
        "city": "Ithaca",
        "state": "NY",
        "country": "US",
        "sets": [
            {"uuid": "s", "songs": [{"uuid": "p", "name": n, "segued": n == "Loser"} for n in one]}
            for one in sets
        ],
    }
    return base | changes


def read(*shows: dict[str, Any] | str, songs: bytes | None = None) -> Archive:
    lines = [one if isinstance(one, str) else json.dumps(one) for one in shows]
    return read_archive("\n".join(lines).encode(), songs)


def songs_of(archive: Archive, at: int = 0) -> list[tuple[int, str, int, str, bool]]:
    return [
        (p.order, p.section, p.position, p.song.title, p.segue)
        for p in archive.shows[at].performances
    ]


def test_sets_are_numbered_and_a_short_last_one_is_the_encore() -> None:
    archive = read(show())
    assert songs_of(archive) == [
        (1, "set1", 1, "Minglewood Blues", False),
        (2, "set1", 2, "Loser", True),
        (3, "set2", 1, "Scarlet Begonias", False),
        (4, "set2", 2, "Morning Dew", False),
        (5, "encore1", 1, "U.S. Blues", False),
    ]
    assert archive.report.counts == {Reason.ENCORE_INFERRED: 1}
    assert archive.report.skipped == 0


def test_a_last_set_as_long_as_the_one_before_is_no_encore() -> None:
    sets = [{"songs": [{"name": "A"}]}, {"songs": [{"name": "B"}]}]
    assert [row[1] for row in songs_of(read(show(sets=sets)))] == ["set1", "set2"]


def test_only_one_set_is_never_the_encore() -> None:
    assert songs_of(read(show(sets=[{"songs": [{"name": "A"}]}])))[0][1] == "set1"


def test_the_third_slash_says_which_show_of_the_day_it_was() -> None:
    archive = read(show("1966/03/03/1", "b"), show("1966/03/03/0", "a"))
    assert [(s.date, s.number) for s in archive.shows] == [
        (date(1966, 3, 3), 1),
        (date(1966, 3, 3), 2),
    ]
    assert [s.slug for s in archive.shows] == [
        "grateful-dead-1966-03-03",
        "grateful-dead-1966-03-03-2",
    ]


def test_everything_left_out_has_a_reason() -> None:
    nameless = show(uuid="u5", sets=[{"songs": [{"name": " "}, {"name": "Loser"}]}])
    archive = read(
        show(),
        "{broken",
        '"a text"',
        show(uuid="u1"),
        show("1977/02/30", "u2"),
        show("May 8", "u3"),
        nameless,
        show(uuid="u6", sets=[]),
    )
    assert {reason: archive.report.counts[reason] for reason in archive.report.counts} == {
        Reason.ENCORE_INFERRED: 1,
        Reason.NOT_JSON: 1,
        Reason.NOT_A_SHOW: 1,
        Reason.SHOW_TWICE: 1,
        Reason.DATE_UNREADABLE: 2,
        Reason.SONG_WITHOUT_NAME: 1,
        Reason.SHOW_WITHOUT_SONGS: 1,
    }
    assert archive.report.skipped == 6
    assert [s.source_id[-2:] for s in archive.shows] == ["u1", "u5", "u6"]


def test_a_place_without_a_city_is_noted_and_countries_are_codes() -> None:
    archive = read(
        show(uuid="a", city=None, state=None, country="England"),
        show(uuid="b", country="Atlantis", state=None),
    )
    first, second = (s.venue for s in archive.shows)
    assert first is not None and (first.city, first.state, first.country) == (None, "England", "GB")
    assert second is not None and second.country is None
    assert archive.report.counts[Reason.CITY_UNKNOWN] == 1
    assert archive.report.counts[Reason.COUNTRY_UNKNOWN] == 1


def test_ids_do_not_depend_on_the_song_file_or_on_compression() -> None:
    refs = json.dumps([{"Loser": "r1"}, {"Never Played": "r2"}]).encode()
    line = json.dumps(show()).encode()
    with_refs = read_archive(gzip.compress(line), refs)
    without = read_archive(line)
    assert [p.song.song_id for p in with_refs.shows[0].performances] == [
        p.song.song_id for p in without.shows[0].performances
    ]
    assert [p.performance_id for p in with_refs.shows[0].performances] == [
        p.performance_id for p in without.shows[0].performances
    ]
    assert with_refs.shows[0].show_id == without.shows[0].show_id
    assert {s.title: s.reference for s in with_refs.songs}["Never Played"] == "r2"
    assert with_refs.report.counts[Reason.SONG_NOT_IN_CATALOGUE] == 4
