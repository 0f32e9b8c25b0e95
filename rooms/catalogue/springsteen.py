"""Reads the Springsteen archive (spRingsteen, CC0): one JSON object per show and line.

::

    {"gig_key", "date": "1975-08-15", "location": "VENUE, CITY, ST, USA",
     "state", "city", "country", "tour",
     "setlist": [{"song_number": 1, "song": …, "song_key": …}]}

There is no division into sets: everything is ``set1``. Seven shows have no date, only the
month in their key (``/gig:1979-04-00-…``). Places are written in capitals.
"""

from __future__ import annotations

import re
from collections import Counter
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
    ArchiveTour,
    ArchiveVenue,
    DatePrecision,
    ReadingReport,
    Reason,
    slugify,
)
from rooms.catalogue.places import is_capitals, lower_capitals, split_location, venue_of
from rooms.limits import ENTRIES_MAX

SOURCE = "springsteen"
ARTIST = ArchiveArtist(f"{SOURCE}:artist:bruce-springsteen", "Bruce Springsteen")
_KEY_DATE = re.compile(r"/gig:(\d{4})-(\d{2})-(\d{2})-")


class _Song(Struct):
    song_number: int
    song: str | None = None
    song_key: str | None = None


class _Show(Struct):
    gig_key: str
    location: str
    setlist: list[_Song]
    date: str | None = None
    state: str | None = None
    city: str | None = None
    country: str = "USA"
    tour: str | None = None


class _CatalogueSong(Struct):
    song_key: str
    title: str
    album: str | None = None


_decoder = msgspec.json.Decoder(_Show)
_song_decoder = msgspec.json.Decoder(_CatalogueSong)


def read_songs(lines: Iterable[bytes]) -> dict[str, ArchiveSong]:
    """The archive's song file, by song key.

    Raises:
        msgspec.DecodeError: a line is not a song.
    """
    rows = [_song_decoder.decode(line) for line in lines if line.strip()]
    return {
        row.song_key: ArchiveSong(
            _song_id(row.song_key), row.title.strip(), row.album, row.song_key
        )
        for row in rows
    }


def read_springsteen(lines: Iterable[bytes], catalogue: Mapping[str, ArchiveSong]) -> Archive:
    """All shows of the archive. ``catalogue`` may be empty; ids do not depend on it."""
    report = ReadingReport()
    raws = list(_decode(lines, report))
    reader = _Reader(raws, catalogue, report)
    for raw in raws:
        reader.read(raw)
    shows = sorted(reader.shows.values(), key=lambda show: (show.date, show.number))
    songs = sorted(reader.songs.values(), key=lambda song: song.source_id)
    return Archive(SOURCE, ARTIST, tuple(songs), tuple(shows), report)


def _decode(lines: Iterable[bytes], report: ReadingReport) -> Iterable[_Show]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield _decoder.decode(line)
        except msgspec.ValidationError as error:
            report.note(Reason.NOT_A_SHOW, f"line {number}: {error}")
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            report.note(Reason.NOT_JSON, f"line {number}: {error}")


class _Reader:
    def __init__(
        self, raws: list[_Show], catalogue: Mapping[str, ArchiveSong], report: ReadingReport
    ) -> None:
        self.report = report
        self.strict = bool(catalogue)
        self.songs: dict[str, ArchiveSong] = dict(catalogue)
        self.shows: dict[str, ArchiveShow] = {}
        self.tours: dict[str, ArchiveTour] = {}
        self.venues: dict[str, ArchiveVenue] = {}
        self.of_day: Counter[date] = Counter()
        self.titles = _most_common_titles(raws)

    def read(self, raw: _Show) -> None:
        when = self._date(raw)
        if when is None:
            self.report.note(Reason.DATE_UNREADABLE, f"{raw.gig_key}: {raw.date}")
            return
        source_id = f"{SOURCE}:show:{raw.gig_key}"
        if source_id in self.shows:
            self.report.note(Reason.SHOW_TWICE, raw.gig_key)
            return
        day, precision = when
        self.of_day[day] += 1
        performances = tuple(self._performances(raw, source_id))
        if not performances:
            self.report.note(Reason.SHOW_WITHOUT_SONGS, raw.gig_key)
        self.shows[source_id] = ArchiveShow(
            source_id,
            ARTIST,
            day,
            self.of_day[day],
            self._venue(raw),
            self._tour(raw.tour),
            performances,
            precision,
        )

    def _date(self, raw: _Show) -> tuple[date, DatePrecision] | None:
        text, precision = raw.date, DatePrecision.DAY
        if text is None:
            key = _KEY_DATE.match(raw.gig_key)
            if key is None:
                return None
            year, month, day = key.groups()
            if day == "00":
                self.report.note(Reason.DAY_UNKNOWN, raw.gig_key)
                day, precision = "01", DatePrecision.MONTH
            else:
                self.report.note(Reason.DATE_FROM_KEY, raw.gig_key)
            text = f"{year}-{month}-{day}"
        try:
            return date.fromisoformat(text), precision
        except ValueError:
            return None

    def _venue(self, raw: _Show) -> ArchiveVenue:
        name, city = split_location(raw.location, raw.state)
        if raw.city is None or raw.city.casefold() == raw.country.casefold():
            # Abroad the source repeats the country as the city, at home it leaves it out.
            self.report.note(Reason.CITY_FROM_LOCATION, f"{raw.gig_key}: {raw.location}")
        else:
            city = raw.city
        if is_capitals(name) or (city is not None and is_capitals(city)):
            self.report.note(Reason.CAPITALS_LOWERED, f"{raw.gig_key}: {raw.location}")
            name, city = lower_capitals(name), lower_capitals(city) if city else None
        venue = venue_of(name, city, raw.state, raw.country, self.report, raw.gig_key)
        return self.venues.setdefault(venue.source_id, venue)

    def _tour(self, name: str | None) -> ArchiveTour | None:
        if name is None or not name.strip():
            return None
        tour = ArchiveTour(f"{SOURCE}:tour:{slugify(name) or name}", name.strip())
        return self.tours.setdefault(name, tour)

    def _performances(self, raw: _Show, show_id: str) -> Iterable[ArchivePerformance]:
        order = 0
        for row in sorted(raw.setlist, key=lambda row: row.song_number):
            printed = (row.song or "").strip()
            if not printed:
                self.report.note(Reason.SONG_WITHOUT_NAME, f"{raw.gig_key} #{row.song_number}")
                continue
            if order == ENTRIES_MAX:
                self.report.note(Reason.TOO_MANY_SONGS, raw.gig_key)
                return
            order += 1
            song = self._song(row.song_key or printed, raw.gig_key)
            differs = song.title != printed
            if differs:
                self.report.note(Reason.TITLE_UNIFIED, f"{printed} -> {song.title}")
            yield ArchivePerformance(
                f"{show_id}#{order}",
                order,
                "set1",
                order,
                song,
                printed_title=printed if differs else None,
            )

    def _song(self, key: str, show: str) -> ArchiveSong:
        known = self.songs.get(key)
        if known is None:
            if self.strict:
                self.report.note(Reason.SONG_NOT_IN_CATALOGUE, f"{show}: {key}")
            known = ArchiveSong(_song_id(key), self.titles[key], None, key)
            self.songs[key] = known
        return known


def _most_common_titles(raws: list[_Show]) -> dict[str, str]:
    """One title per song key: the spelling that the source uses most, the first of equals."""
    spellings: dict[str, Counter[str]] = {}
    for raw in raws:
        for row in raw.setlist:
            printed = (row.song or "").strip()
            if printed:
                spellings.setdefault(row.song_key or printed, Counter())[printed] += 1
    return {key: counts.most_common(1)[0][0] for key, counts in spellings.items()}


def _song_id(key: str) -> str:
    return f"{SOURCE}:song:{key}"
