"""An archive of shows that were played, as Setroom understands it: frozen structs, stable ids.

Every record carries the ``source_id`` that its source gave it, prefixed by the source's name
(``gdshowsdb:show:…``, ``springsteen:song:/song:…``). Setroom's own id is derived from it
(UUIDv5, RFC 9562 §5.5), so that loading an archive again, or loading its packed copy after
its original, finds the rows it made the first time.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from uuid import UUID, uuid5

from msgspec import Struct, field

ARCHIVE_NAMESPACE = UUID("9b1f4f0e-6a55-5f6e-8a0c-5e7200a4c11d")
"""Namespace of every id derived from an archive. Never change it: ids are stored."""


def archive_uuid(source_id: str) -> UUID:
    """The id under which Setroom keeps the record that a source calls ``source_id``."""
    return uuid5(ARCHIVE_NAMESPACE, source_id)


class DatePrecision(StrEnum):
    """How much of a show's date its source knew."""

    DAY = "day"
    MONTH = "month"
    """The day is not known; the date holds the first of the month."""


class ArchiveArtist(Struct, frozen=True):
    """Who performed."""

    source_id: str
    name: str

    @property
    def artist_id(self) -> UUID:
        return archive_uuid(self.source_id)


class ArchiveVenue(Struct, frozen=True):
    """Where a show took place. ``country`` is an ISO 3166-1 alpha-2 code where it is known.

    The identity is the place, not the source: two archives that write the same venue of the
    same city in another case mean one row.
    """

    source_id: str
    name: str
    city: str | None = None
    state: str | None = None
    country: str | None = None

    @property
    def venue_id(self) -> UUID:
        return archive_uuid(self.source_id)


class ArchiveTour(Struct, frozen=True):
    """A grouping of shows, one artist's."""

    source_id: str
    name: str

    @property
    def tour_id(self) -> UUID:
        return archive_uuid(self.source_id)


class ArchiveSong(Struct, frozen=True):
    """A song of one artist's catalogue. ``reference`` is the source's own UUID or key of it."""

    source_id: str
    title: str
    album: str | None = None
    reference: str | None = None

    @property
    def song_id(self) -> UUID:
        return archive_uuid(self.source_id)


class ArchivePerformance(Struct, frozen=True):
    """One song as it was played that night.

    Attributes:
        source_id: the show's, followed by ``#`` and ``order``.
        order: place in the show, from 1, without gaps.
        section: ``set1`` … ``set9``, ``encore1`` …, as in a setlist document.
        position: place within its section, from 1, without gaps.
        segue: it ran into the next song.
        printed_title: what the source wrote that night, where it differs from the song's title.
    """

    source_id: str
    order: int
    section: str
    position: int
    song: ArchiveSong
    segue: bool = False
    printed_title: str | None = None

    @property
    def performance_id(self) -> UUID:
        return archive_uuid(self.source_id)


class ArchiveShow(Struct, frozen=True):
    """One show of the past; ``performances`` in the order in which they were played.

    Attributes:
        number: which show of that day it was, from 1.
        date_precision: ``month`` when ``date`` only stands for its month.
    """

    source_id: str
    artist: ArchiveArtist
    date: date
    number: int
    venue: ArchiveVenue | None
    tour: ArchiveTour | None
    performances: tuple[ArchivePerformance, ...]
    date_precision: DatePrecision = DatePrecision.DAY

    @property
    def show_id(self) -> UUID:
        return archive_uuid(self.source_id)

    @property
    def title(self) -> str:
        """How the show is listed: who and where."""
        return f"{self.artist.name} at {self.venue.name}" if self.venue else self.artist.name

    @property
    def slug(self) -> str:
        """Unique within the archive and readable: artist, date, number when not the first."""
        number = "" if self.number == 1 else f"-{self.number}"
        when = f"{self.date:%Y-%m}" if self.date_precision is DatePrecision.MONTH else self.date
        return f"{slugify(self.artist.name)}-{when}{number}"


class Reason(StrEnum):
    """Why a record was skipped, repaired or merely worth a note."""

    # skipped: the record is not in the result
    NOT_JSON = "not_json"
    NOT_A_SHOW = "not_a_show"
    DATE_UNREADABLE = "date_unreadable"
    SHOW_TWICE = "show_twice"
    SONG_WITHOUT_NAME = "song_without_name"
    TOO_MANY_SONGS = "too_many_songs"
    # repaired: it is, with a value that its source did not write
    DAY_UNKNOWN = "day_unknown"
    DATE_FROM_KEY = "date_from_key"
    COUNTRY_CONTRADICTED_BY_STATE = "country_contradicted_by_state"
    CITY_FROM_LOCATION = "city_from_location"
    CAPITALS_LOWERED = "capitals_lowered"
    ENCORE_INFERRED = "encore_inferred"
    TITLE_UNIFIED = "title_unified"
    # noted: loaded as it is
    SHOW_WITHOUT_SONGS = "show_without_songs"
    CITY_UNKNOWN = "city_unknown"
    COUNTRY_UNKNOWN = "country_unknown"
    SONG_NOT_IN_CATALOGUE = "song_not_in_catalogue"


SKIPPED = frozenset(
    {
        Reason.NOT_JSON,
        Reason.NOT_A_SHOW,
        Reason.DATE_UNREADABLE,
        Reason.SHOW_TWICE,
        Reason.SONG_WITHOUT_NAME,
        Reason.TOO_MANY_SONGS,
    }
)
"""The reasons that leave something out."""

EXAMPLES_MAX = 5
"""Examples kept per reason: enough to look one up, not a second copy of the archive."""


class ReadingReport(Struct):
    """What reading an archive left out or changed: a count and a few examples per reason."""

    counts: dict[Reason, int] = field(default_factory=dict)
    examples: dict[Reason, list[str]] = field(default_factory=dict)

    def note(self, reason: Reason, example: str) -> None:
        """Counts one occurrence; ``example`` names the record (bounded in length)."""
        self.counts[reason] = self.counts.get(reason, 0) + 1
        kept = self.examples.setdefault(reason, [])
        if len(kept) < EXAMPLES_MAX:
            kept.append(example[:120])

    @property
    def skipped(self) -> int:
        """Records that are not in the result."""
        return sum(count for reason, count in self.counts.items() if reason in SKIPPED)


class Archive(Struct, frozen=True):
    """Everything one archive file said: shows by (date, number), the whole song catalogue.

    ``songs`` holds every song of the catalogue, those never performed too.
    """

    source: str
    artist: ArchiveArtist
    songs: tuple[ArchiveSong, ...]
    shows: tuple[ArchiveShow, ...]
    report: ReadingReport

    @property
    def performances(self) -> int:
        """How many performances the shows hold together."""
        return sum(len(show.performances) for show in self.shows)


def slugify(text: str) -> str:
    """Lower-case ASCII letters and digits, joined by single hyphens."""
    kept = "".join(c if c.isascii() and c.isalnum() else " " for c in text.casefold())
    return "-".join(kept.split())
