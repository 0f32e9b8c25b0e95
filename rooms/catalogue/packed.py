"""The packed form of an archive: what Setroom ships, a tenth of the original's size.

The first line is a header with every artist, venue, tour and song once; each further line is
one show that points into it by index. Nothing of an archive is lost in it but the report of how
the original was read: reading the packed form gives equal structs with equal ids. (Performances
are known by their show and place in it, so the sources' UUIDs of sets and performances need no
room.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

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
)

FORMAT = "setroom-archive-1"


class PackedHeader(Struct):
    """The first line."""

    format: str
    source: str
    artist: ArchiveArtist
    venues: list[ArchiveVenue]
    tours: list[ArchiveTour]
    songs: list[ArchiveSong]


_Index = Annotated[int, Meta(ge=0)]
_IndexOrNone = Annotated[int, Meta(ge=-1)]


class _PackedSong(Struct, array_like=True, omit_defaults=True):
    song: _Index
    segue: int = 0
    printed_title: str | None = None


class _PackedSection(Struct, array_like=True):
    section: str
    songs: list[_PackedSong]


class _PackedShow(Struct, array_like=True):
    source_id: str
    date: date
    precision: DatePrecision
    number: int
    venue: _IndexOrNone
    tour: _IndexOrNone
    sections: list[_PackedSection]


_header_decoder = msgspec.json.Decoder(PackedHeader)
_show_decoder = msgspec.json.Decoder(_PackedShow)
_NONE = -1


def write_packed(archive: Archive) -> bytes:
    """The packed form, as JSON lines; not yet compressed."""
    venues = list(dict.fromkeys(show.venue for show in archive.shows if show.venue))
    tours = list(dict.fromkeys(show.tour for show in archive.shows if show.tour))
    songs = list(archive.songs)
    at = {id_: index for index, id_ in enumerate(song.source_id for song in songs)}
    header = PackedHeader(FORMAT, archive.source, archive.artist, venues, tours, songs)
    lines = [msgspec.json.encode(header)]
    for show in archive.shows:
        sections: dict[str, list[_PackedSong]] = {}
        for played in show.performances:
            packed = _PackedSong(at[played.song.source_id], int(played.segue), played.printed_title)
            sections.setdefault(played.section, []).append(packed)
        row = _PackedShow(
            show.source_id,
            show.date,
            show.date_precision,
            show.number,
            venues.index(show.venue) if show.venue else _NONE,
            tours.index(show.tour) if show.tour else _NONE,
            [_PackedSection(name, rows) for name, rows in sections.items()],
        )
        lines.append(msgspec.json.encode(row))
    return b"\n".join(lines) + b"\n"


def is_packed(first_line: bytes) -> bool:
    """Whether a file that begins with this line is a packed archive."""
    return first_line.startswith(b'{"format":"' + FORMAT.encode() + b'"')


def read_packed(lines: Iterable[bytes]) -> Archive:
    """Reads the packed form.

    Raises:
        msgspec.DecodeError: the header is broken; a broken show is only reported.
    """
    rows = iter(lines)
    header = _header_decoder.decode(next(rows, b""))
    report = ReadingReport()
    shows: dict[str, ArchiveShow] = {}
    for number, line in enumerate(rows, 2):
        if not line.strip():
            continue
        try:
            show = _unpack(_show_decoder.decode(line), header)
        except (msgspec.DecodeError, IndexError, UnicodeDecodeError) as error:
            report.note(Reason.NOT_A_SHOW, f"line {number}: {error}")
            continue
        if show.source_id in shows:
            report.note(Reason.SHOW_TWICE, f"line {number}: {show.source_id}")
            continue
        if not show.performances:
            report.note(Reason.SHOW_WITHOUT_SONGS, show.source_id)
        shows[show.source_id] = show
    ordered = sorted(shows.values(), key=lambda show: (show.date, show.number))
    return Archive(header.source, header.artist, tuple(header.songs), tuple(ordered), report)


def _unpack(row: _PackedShow, header: PackedHeader) -> ArchiveShow:
    return ArchiveShow(
        row.source_id,
        header.artist,
        row.date,
        row.number,
        header.venues[row.venue] if row.venue >= 0 else None,
        header.tours[row.tour] if row.tour >= 0 else None,
        tuple(_performances(row, header.songs)),
        row.precision,
    )


def _performances(row: _PackedShow, songs: list[ArchiveSong]) -> Iterator[ArchivePerformance]:
    order = 0
    for section in row.sections:
        for position, packed in enumerate(section.songs, 1):
            order += 1
            yield ArchivePerformance(
                f"{row.source_id}#{order}",
                order,
                section.section,
                position,
                songs[packed.song],
                bool(packed.segue),
                packed.printed_title,
            )
