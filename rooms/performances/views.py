"""What was played, and songs with their past, as they are read."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class ShowReference(Struct, frozen=True):
    """A show as other shows' pages name it. A private one keeps its name to itself."""

    starts_at: datetime
    show_id: str | None = None
    slug: str | None = None
    title: str | None = None


class SongPast(Struct, frozen=True):
    """A song on the night of a show: what had been before.

    Attributes:
        times_before: how often the artist had played it at earlier shows.
        shows_since: shows of the artist from the last one with the song to this one; 1 is the
            very next one. ``None`` at a first time.
        last: the last show with it.
    """

    times_before: int
    shows_since: int | None = None
    last: ShowReference | None = None


class PerformanceRecord(Struct, frozen=True):
    """One performance. ``song_id`` is ``None`` while nobody knows which song it was."""

    entry_id: str
    ordinal: int
    section: str
    position: int
    title: str
    segue: bool
    song_id: str | None = None
    song_title: str | None = None
    artist_id: str | None = None
    artist_name: str | None = None
    performer_id: str | None = None
    performer_name: str | None = None
    original_artist: str | None = None
    guests: str | None = None
    note: str | None = None
    started_at: datetime | None = None
    review_status: str | None = None
    past: SongPast | None = None


class NightPast(Struct, frozen=True):
    """What the songs of a night had behind them.

    ``nights_before``: earlier shows of the headliner; ``songs``: by song id.
    """

    nights_before: int
    songs: dict[str, SongPast]


class Statistics(Struct, frozen=True):
    """How one artist has played one song. ``gap_shows``: its shows since the last time."""

    times_played: int
    shows_played: int
    first: ShowReference
    last: ShowReference
    last_place: str
    times_opened: int
    times_closed: int
    times_encored: int
    gap_shows: int


class CoveredBy(Struct, frozen=True):
    """Another artist that has played a song."""

    artist_id: str
    artist_name: str
    statistics: Statistics


class SongRecord(Struct, frozen=True):
    """A song of a catalogue. ``statistics``: of whom the list is about; none if never played."""

    song_id: str
    artist_id: str
    artist_name: str
    title: str
    album: str | None = None
    statistics: Statistics | None = None


class SongFilter(Struct, frozen=True):
    """A page of an artist's songs. ``after``: (sort value, song id) of the last one before."""

    artist_id: str
    sort: str
    after: tuple[str, str] | None = None
    limit: int = 50
