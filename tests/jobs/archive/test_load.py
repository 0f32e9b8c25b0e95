"""Rules of loading an archive file into a store."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import pytest

from jobs.archive.load import load_archive, load_packaged, song_file_of
from jobs.archive.packaged import PackagedArchive
from rooms.catalogue.archive import Archive
from rooms.catalogue.ports import LoadReport, Progress
from rooms.catalogue.reading import UnknownArchiveError

SHOW = {
    "date": "1977/05/08",
    "uuid": "u",
    "venue": "Barton Hall",
    "city": "Ithaca",
    "state": "NY",
    "country": "US",
    "sets": [{"uuid": "s", "songs": [{"uuid": "p", "name": "Loser", "segued": False}]}],
}


class MemoryStore:
    """Keeps ids only; enough to see that a second load writes nothing."""

    def __init__(self) -> None:
        self.shows: set[UUID] = set()
        self.songs: set[UUID] = set()
        self.performances: set[UUID] = set()

    async def load(self, archive: Archive, progress: Progress) -> LoadReport:
        shows = {show.show_id for show in archive.shows}
        played = {p.performance_id for show in archive.shows for p in show.performances}
        songs = {song.song_id for song in archive.songs}
        progress(len(shows), len(shows))
        report = LoadReport(
            shows=len(shows),
            shows_new=len(shows - self.shows),
            performances=len(played),
            performances_new=len(played - self.performances),
            songs_new=len(songs - self.songs),
            venues_new=0,
            tours_new=0,
            artists_new=0,
        )
        self.shows |= shows
        self.songs |= songs
        self.performances |= played
        return report


def nothing(done: int, total: int) -> None:
    """No progress bar."""


async def test_a_second_load_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "grateful-dead.jsonl"
    path.write_text(json.dumps(SHOW))
    store = MemoryStore()
    first = await load_archive(path, store, nothing)
    (tmp_path / "grateful-dead-song-refs.json").write_text(json.dumps([{"Loser": "r"}]))
    second = await load_archive(path, store, nothing)
    assert (first.written.shows_new, first.written.performances_new) == (1, 1)
    assert (second.written.shows_new, second.written.performances_new) == (0, 0)
    assert second.written.songs_new == 0
    assert second.archive.songs[0].reference == "r"


async def test_the_shipped_archive_and_its_original_are_the_same_rows(tmp_path: Path) -> None:
    store = MemoryStore()
    shipped = await load_packaged(PackagedArchive.SPRINGSTEEN, store, nothing)
    show = next(s for s in shipped.archive.shows if len(s.performances) == 3)
    original = {
        "gig_key": show.source_id.removeprefix("springsteen:show:"),
        "date": show.date.isoformat(),
        "location": "SOMEWHERE, ELSE, NY, USA",
        "state": "NY",
        "setlist": [
            {
                "song_number": p.order,
                "song": p.printed_title or p.song.title,
                "song_key": p.song.source_id.removeprefix("springsteen:song:"),
            }
            for p in show.performances
        ],
    }
    path = tmp_path / "some-name"
    path.write_text(json.dumps(original))
    again = await load_archive(path, store, nothing)
    assert again.written.shows == 1
    assert (again.written.shows_new, again.written.performances_new) == (0, 0)


async def test_a_file_that_is_no_archive_is_refused_before_the_store_is_asked(
    tmp_path: Path,
) -> None:
    path = tmp_path / "holiday.txt"
    path.write_text("dear diary")
    store = MemoryStore()
    with pytest.raises(UnknownArchiveError):
        await load_archive(path, store, nothing)
    assert not store.shows


def test_the_song_file_is_found_beside_a_compressed_archive(tmp_path: Path) -> None:
    archive = tmp_path / "springsteen.jsonl.gz"
    assert song_file_of(archive) is None
    songs = tmp_path / "springsteen-songs.jsonl.gz"
    songs.write_bytes(b"")
    assert song_file_of(archive) == songs
