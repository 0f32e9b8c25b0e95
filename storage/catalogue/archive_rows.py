"""Records of an archive as rows, in the order of the statements' columns."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from rooms.catalogue.archive import (
    ArchiveArtist,
    ArchivePerformance,
    ArchiveShow,
    ArchiveSong,
    ArchiveTour,
    ArchiveVenue,
)
from rooms.catalogue.gazetteer import Gazetteer
from rooms.catalogue.names import normalised

NAME_CHARACTERS_MAX = 200
TITLE_CHARACTERS_MAX = 300
"""Bounds of the columns. Sources hold nothing longer; a damaged one must not stop a load."""

Row = tuple[Any, ...]


def artist(record: ArchiveArtist) -> Row:
    """(id, name, normalised_name, source_id)."""
    name = record.name[:NAME_CHARACTERS_MAX]
    return (record.artist_id, name, normalised(name)[:NAME_CHARACTERS_MAX], record.source_id)


def song(record: ArchiveSong, artist_id: UUID) -> Row:
    """(id, artist_id, title, normalised_title, album, reference, source_id)."""
    title = record.title[:TITLE_CHARACTERS_MAX]
    return (
        record.song_id,
        artist_id,
        title,
        normalised(title)[:TITLE_CHARACTERS_MAX],
        _cut(record.album, TITLE_CHARACTERS_MAX),
        record.reference,
        record.source_id,
    )


def venue(record: ArchiveVenue, cities: Gazetteer) -> Row:
    """(id, name, city, state, country, source_id, lat, lon)."""
    city = cities.locate(record.city, record.state, record.country)
    return (
        record.venue_id,
        record.name[:NAME_CHARACTERS_MAX],
        _cut(record.city, NAME_CHARACTERS_MAX),
        _cut(record.state, 100),
        record.country,
        record.source_id,
        city.lat if city else None,
        city.lon if city else None,
    )


def tour(record: ArchiveTour, artist_id: UUID) -> Row:
    """(id, artist_id, name, source_id)."""
    return (record.tour_id, artist_id, record.name[:NAME_CHARACTERS_MAX], record.source_id)


def show(record: ArchiveShow, source: str) -> Row:
    """(id, slug, title, starts_at, date, date_precision, venue_id, tour_id, source, source_id)."""
    return (
        record.show_id,
        record.slug[:100].rstrip("-"),
        record.title[:TITLE_CHARACTERS_MAX],
        starts_at(record.date, record.number),
        record.date,
        str(record.date_precision),
        record.venue.venue_id if record.venue else None,
        record.tour.tour_id if record.tour else None,
        source,
        record.source_id,
    )


def performance(record: ArchivePerformance, show_id: UUID) -> Row:
    """(id, show_id, song_id, ordinal, section, position, segue, printed_title)."""
    return (
        record.performance_id,
        show_id,
        record.song.song_id,
        record.order,
        record.section,
        record.position,
        record.segue,
        _cut(record.printed_title, TITLE_CHARACTERS_MAX),
    )


def starts_at(day: date, number: int) -> datetime:
    """A moment to sort by: sources know the day only. Later shows of a day come later."""
    return datetime.combine(day, time(20, min(number - 1, 59)), UTC)


def _cut(text: str | None, characters: int) -> str | None:
    return None if text is None else text[:characters]
