"""What the shipped archives hold, as their README says."""

from __future__ import annotations

from importlib import resources
from typing import NamedTuple

import pytest

from jobs.archive.packaged import PackagedArchive, read_packaged
from rooms.catalogue.archive import Archive


class Expected(NamedTuple):
    shows: int
    with_songs: int
    performances: int
    first: str
    last: str


EXPECTED = {
    PackagedArchive.GRATEFUL_DEAD: Expected(2358, 2076, 39_774, "1965-05-05", "1995-07-09"),
    PackagedArchive.SPRINGSTEEN: Expected(3047, 2767, 53_983, "1973-01-03", "2023-12-12"),
}


@pytest.fixture(scope="module", params=list(PackagedArchive), ids=lambda name: name.value)
def packaged(request: pytest.FixtureRequest) -> tuple[Archive, Expected]:
    return read_packaged(request.param), EXPECTED[request.param]


def test_the_shipped_archive_holds_what_its_readme_says(
    packaged: tuple[Archive, Expected],
) -> None:
    archive, expected = packaged
    shows = archive.shows
    assert len(shows) == expected.shows
    assert sum(1 for show in shows if show.performances) == expected.with_songs
    assert archive.performances == expected.performances
    assert (shows[0].date.isoformat(), shows[-1].date.isoformat()) == expected[3:]
    assert archive.report.skipped == 0


def test_every_record_of_the_shipped_archive_has_its_own_id(
    packaged: tuple[Archive, Expected],
) -> None:
    archive, expected = packaged
    shows = archive.shows
    assert len({show.show_id for show in shows}) == expected.shows
    assert len({show.slug for show in shows}) == expected.shows
    performed = [played for show in shows for played in show.performances]
    assert len({played.performance_id for played in performed}) == expected.performances
    assert len({song.song_id for song in archive.songs}) == len(archive.songs)
    by_id = {show.venue.venue_id: show.venue for show in shows if show.venue}
    assert all(by_id[show.venue.venue_id] == show.venue for show in shows if show.venue)


def test_every_place_in_a_show_is_counted_without_gaps(packaged: tuple[Archive, Expected]) -> None:
    for show in packaged[0].shows:
        orders = [played.order for played in show.performances]
        assert orders == list(range(1, len(orders) + 1))
        places: dict[str, int] = {}
        for played in show.performances:
            places[played.section] = places.get(played.section, 0) + 1
            assert played.position == places[played.section]


def test_the_ids_of_the_shipped_archive_never_change() -> None:
    archive = read_packaged(PackagedArchive.GRATEFUL_DEAD)
    night = next(show for show in archive.shows if show.slug == "grateful-dead-1977-05-08")
    assert str(night.show_id) == "71e4de2e-d697-5938-95bf-d67835d73527"
    assert str(night.performances[-1].performance_id) == "766d2987-3e00-5b62-9fee-17aaad63c897"
    assert str(night.performances[-1].song.song_id) == "6265fb70-f243-5bce-830c-b64ad972164e"


def test_barton_hall_is_as_it_was() -> None:
    archive = read_packaged(PackagedArchive.GRATEFUL_DEAD)
    night = next(show for show in archive.shows if show.slug == "grateful-dead-1977-05-08")
    assert night.venue is not None and night.venue.city == "Ithaca"
    assert len(night.performances) == 20
    assert [(p.section, p.song.title) for p in night.performances][-1] == (
        "encore1",
        "One More Saturday Night",
    )
    segues = [p.song.title for p in night.performances if p.segue]
    assert segues[:2] == ["Lazy Lightning", "Scarlet Begonias"]


@pytest.mark.parametrize("name", ["LICENSE-gdshowsdb-MIT.txt", "LICENSE-spRingsteen-CC0.txt"])
def test_the_licences_are_shipped_with_the_data(name: str) -> None:
    text = (resources.files("jobs.archive") / "data" / name).read_text()
    assert "Permission is hereby granted" in text or "CC0" in text
