"""Rules of recognising an archive, whatever it is wrapped in."""

from __future__ import annotations

import gzip
import json
import lzma

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rooms.catalogue import reading
from rooms.catalogue.archive import Reason
from rooms.catalogue.packed import write_packed
from rooms.catalogue.reading import UnknownArchiveError, read_archive

SHOW = {
    "gig_key": "/gig:1975-08-15-x",
    "date": "1975-08-15",
    "location": "THE BOTTOM LINE, NEW YORK CITY, NY, USA",
    "state": "NY",
    "tour": "Born To Run Tour",
    "setlist": [{"song_number": 1, "song": "Thunder Road", "song_key": "/song:t"}],
}
LINE = json.dumps(SHOW).encode()


@pytest.mark.parametrize("wrap", [lambda b: b, gzip.compress, lzma.compress])
def test_the_same_shows_are_read_from_any_wrapping(wrap: object) -> None:
    assert callable(wrap)
    assert read_archive(wrap(LINE)) == read_archive(LINE)


def test_the_packed_form_gives_the_same_shows_songs_and_ids() -> None:
    original = read_archive(LINE)
    packed = read_archive(lzma.compress(write_packed(original)))
    assert packed.shows == original.shows
    assert packed.songs == original.songs
    assert packed.artist == original.artist


def test_a_broken_show_of_the_packed_form_is_reported() -> None:
    packed = write_packed(read_archive(LINE)) + b'["x"]\n[1]\nnonsense\n'
    archive = read_archive(packed)
    assert len(archive.shows) == 1
    assert archive.report.counts[Reason.NOT_A_SHOW] == archive.report.skipped == 3


def test_a_packed_show_that_points_outside_is_reported() -> None:
    lines = write_packed(read_archive(LINE)).splitlines()
    row = json.loads(lines[1])
    for column, outside in ((4, 7), (4, -2), (5, 7)):
        changed = list(row)
        changed[0], changed[column] = f"other-{column}-{outside}", outside
        archive = read_archive(b"\n".join([*lines, json.dumps(changed).encode()]))
        assert archive.report.counts[Reason.NOT_A_SHOW] == 1
    row[6][0][1][0][0] = -1
    assert read_archive(b"\n".join([lines[0], json.dumps(row).encode()])).report.skipped == 1


def test_an_archive_may_begin_with_a_broken_line() -> None:
    archive = read_archive(b"{oops\n" + LINE)
    assert len(archive.shows) == 1
    assert archive.report.counts[Reason.NOT_JSON] == 1


@pytest.mark.parametrize(
    "data", [b"", b"hello", b'{"a": 1}', gzip.compress(LINE)[:-9], lzma.compress(LINE)[:-9]]
)
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    with pytest.raises(UnknownArchiveError):
        read_archive(data)


def test_a_song_file_of_another_archive_is_refused() -> None:
    with pytest.raises(UnknownArchiveError):
        read_archive(LINE, b'[{"Loser": "uuid"}]')


def test_a_decompression_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "ARCHIVE_BYTES_MAX", 1000)
    with pytest.raises(UnknownArchiveError, match="more than 1000 bytes"):
        read_archive(gzip.compress(b"\n" * 1001))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.integers(0, len(LINE)))
def test_noise_is_read_or_refused_but_never_raises_anything_else(noise: bytes, at: int) -> None:
    try:
        archive = read_archive(LINE + b"\n" + LINE[:at] + noise + LINE[at:])
    except UnknownArchiveError:
        return
    assert len(archive.shows) <= 2 + noise.count(b"\n")
