"""Reads the Grateful Dead archive (gdshowsdb, MIT): one JSON object per show and line.

::

    {"date": "1977/05/08", "uuid": …, "venue", "city", "state", "country",
     "sets": [{"uuid": …, "songs": [{"uuid": …, "name": …, "segued": true}]}]}

The third slash of ``1966/03/03/0`` says which show of the day it was, from 0. Sets have no
names: they are numbered in order, and the last one is the encore when it is short.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import msgspec
from msgspec import Struct

from rooms.catalogue.archive import (
    Archive,
    ArchiveArtist,
    ArchivePerformance,
    ArchiveShow,
    ArchiveSong,
    ArchiveVenue,
    ReadingReport,
    Reason,
    slugify,
)
from rooms.catalogue.places import venue_of
from rooms.limits import ENTRIES_MAX

SOURCE = "gdshowsdb"
ARTIST = ArchiveArtist(f"{SOURCE}:artist:grateful-dead", "Grateful Dead")
ENCORE_SONGS_MAX = 3
"""A last set of at most so many songs, shorter than the one before, is taken for the encore."""


class _Song(Struct):
    name: str | None = None
    segued: bool = False


class _Set(Struct):
    songs: list[_Song] | None = None


class _Show(Struct):
    date: str
    uuid: str
    venue: str
    sets: list[_Set]
    city: str | None = None
    state: str | None = None
    country: str = "US"


_decoder = msgspec.json.Decoder(_Show)
_references = msgspec.json.Decoder(list[dict[str, str]])


def read_references(data: bytes) -> dict[str, str]:
    """Song titles with their UUIDs from the archive's ``song-refs`` file.

    Raises:
        msgspec.DecodeError: the file is not a list of ``{title: uuid}``.
    """
    return {title: uuid for pair in _references.decode(data) for title, uuid in pair.items()}


def read_grateful_dead(lines: Iterable[bytes], references: Mapping[str, str]) -> Archive:
    """All shows of the archive. ``references`` may be empty; ids do not depend on it."""
    reader = _Reader(references)
    for number, line in enumerate(lines, 1):
        reader.read(number, line)
    shows = sorted(reader.shows.values(), key=lambda show: (show.date, show.number))
    songs = sorted(reader.songs.values(), key=lambda song: song.source_id)
    return Archive(SOURCE, ARTIST, tuple(songs), tuple(shows), reader.report)


class _Reader:
    def __init__(self, references: Mapping[str, str]) -> None:
        self.report = ReadingReport()
        self.shows: dict[str, ArchiveShow] = {}
        self.songs: dict[str, ArchiveSong] = {}
        self.venues: dict[str, ArchiveVenue] = {}
        self.strict = bool(references)
        for title, uuid in references.items():
            self._add_song(title, uuid)

    def read(self, number: int, line: bytes) -> None:
        if not line.strip():
            return
        try:
            raw = _decoder.decode(line)
        except msgspec.ValidationError as error:
            self.report.note(Reason.NOT_A_SHOW, f"line {number}: {error}")
            return
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            self.report.note(Reason.NOT_JSON, f"line {number}: {error}")
            return
        when = _day(raw.date)
        if when is None:
            self.report.note(Reason.DATE_UNREADABLE, f"line {number}: {raw.date}")
            return
        source_id = f"{SOURCE}:show:{raw.uuid}"
        if source_id in self.shows:
            self.report.note(Reason.SHOW_TWICE, f"line {number}: {raw.date}")
            return
        performances = tuple(self._performances(raw, source_id))
        if not performances:
            self.report.note(Reason.SHOW_WITHOUT_SONGS, raw.date)
        venue = venue_of(raw.venue, raw.city, raw.state, raw.country, self.report, raw.date)
        day, nth = when
        self.shows[source_id] = ArchiveShow(source_id, ARTIST, day, nth, venue, None, performances)

    def _performances(self, raw: _Show, show_id: str) -> Iterable[ArchivePerformance]:
        sets = [[s for s in one.songs or () if self._named(s, raw.date)] for one in raw.sets]
        sets = [one for one in sets if one]
        order = 0
        for index, songs in enumerate(sets):
            section = self._section(index, sets, raw.date)
            for position, song in enumerate(songs, 1):
                if order == ENTRIES_MAX:
                    self.report.note(Reason.TOO_MANY_SONGS, raw.date)
                    return
                order += 1
                yield ArchivePerformance(
                    f"{show_id}#{order}",
                    order,
                    section,
                    position,
                    self._song(song.name or "", raw.date),
                    song.segued,
                )

    def _named(self, song: _Song, show: str) -> bool:
        if song.name and song.name.strip():
            return True
        self.report.note(Reason.SONG_WITHOUT_NAME, show)
        return False

    def _section(self, index: int, sets: list[list[_Song]], show: str) -> str:
        last = index == len(sets) - 1
        short = len(sets[index]) <= ENCORE_SONGS_MAX
        if last and index > 0 and short and len(sets[index]) < len(sets[index - 1]):
            self.report.note(Reason.ENCORE_INFERRED, show)
            return "encore1"
        return f"set{min(index + 1, 9)}"

    def _song(self, title: str, show: str) -> ArchiveSong:
        title = title.strip()
        known = self.songs.get(title)
        if known is not None:
            return known
        if self.strict:
            self.report.note(Reason.SONG_NOT_IN_CATALOGUE, f"{show}: {title}")
        return self._add_song(title, None)

    def _add_song(self, title: str, uuid: str | None) -> ArchiveSong:
        song = ArchiveSong(song_source_id(title), title, None, uuid)
        self.songs[title] = song
        return song


def song_source_id(title: str) -> str:
    """A song is known by its title: its UUID stands in a second file that may be missing."""
    return f"{SOURCE}:song:{slugify(title) or title}"


def _day(text: str) -> tuple[date, int] | None:
    """``1966/03/03/1`` as (date, which show of the day from 1), or None."""
    parts = text.split("/")
    if len(parts) not in (3, 4) or not all(part.isdecimal() for part in parts):
        return None
    year, month, day, *nth = (int(part) for part in parts)
    try:
        return date(year, month, day), (nth[0] + 1 if nth else 1)
    except ValueError:
        return None
