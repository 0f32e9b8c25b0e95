"""What is known about a night when its setlist is archived, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from crdt.schema import SetlistEntry


class KnownArtist(Struct, frozen=True):
    """An artist with a catalogue."""

    artist_id: str
    name: str


class KnownSong(Struct, frozen=True):
    """A song that an entry may be.

    ``times_played`` ranks candidates that are equally alike. ``also`` are other titles under
    which past setlists print it.
    """

    song_id: str
    artist_id: str
    title: str
    times_played: int = 0
    also: tuple[str, ...] = ()


class FinalSetlist(Struct, frozen=True):
    """A setlist as the room's log leaves it.

    Attributes:
        seq: the newest event that it holds.
        entries: in playing order.
        struck: entries that the ratings call wrong, and for which nobody vouches.
        sealed: entries that the artist sealed: nothing strikes them.
    """

    seq: int
    entries: tuple[SetlistEntry, ...]
    struck: frozenset[str] = frozenset()
    sealed: frozenset[str] = frozenset()


class EntryWord(Struct, frozen=True):
    """What a source said last of an entry: whether this title was played."""

    entry_id: str
    title: str
    played: bool


class NightContext(Struct, frozen=True):
    """The catalogues that one night is matched against.

    Attributes:
        performers: the line-up without those who declined; the headliner first. The first one's
            catalogue is the night's, and what it plays of others are its covers.
        named: artists that entries name as whose song it is, by ``title_key`` of the name.
        songs: all songs of those, and those that entries name by id.
    """

    performers: tuple[KnownArtist, ...]
    named: Mapping[str, tuple[KnownArtist, ...]]
    songs: tuple[KnownSong, ...]


class ReviewReason(StrEnum):
    """Why nobody but a person can say which song it was."""

    UNKNOWN_TITLE = "unknown_title"
    AMBIGUOUS_TITLE = "ambiguous_title"
    FOREIGN_SONG = "foreign_song"
    """The entry's ``song_id`` is a song of somebody who neither performs nor is named."""
    CONTRADICTION = "contradiction"
    """The entry's title is that of another song than its ``song_id``."""
    NO_ARTIST = "no_artist"
    """The show has no line-up, so there is no catalogue."""


class ReviewStatus(StrEnum):
    """``withdrawn``: the entry is gone, or needs no review any more."""

    PENDING = "pending"
    MATCHED = "matched"
    CREATED = "created"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"


DECIDED = frozenset({ReviewStatus.MATCHED, ReviewStatus.CREATED, ReviewStatus.DISMISSED})


class Candidate(Struct, frozen=True):
    """A song that an entry may be. ``score`` from 0 to 1: how alike the titles are."""

    song_id: str
    artist_id: str
    title: str
    score: float


class ReviewDecision(Struct, frozen=True):
    """What a person has said about an entry. Holds for as long as title and artist stay."""

    entry_id: str
    title: str
    original_artist: str | None
    status: ReviewStatus
    song_id: str | None


class PlayedEntry(Struct, frozen=True):
    """An entry as a performance. ``ordinal`` and ``position`` count from 1.

    Attributes:
        song_id: ``None`` while nobody knows which song it was.
        printed_title: what the setlist says, where that is not the song's title.
        performer_id: who played it, where that is not the song's own artist (a cover).
        original_artist: whose song the setlist says it is.
        guests: who sat in.
        started_at: when it began, RFC 3339.
    """

    entry_id: str
    song_id: str | None
    ordinal: int
    section: str
    position: int
    segue: bool
    printed_title: str | None
    performer_id: str | None = None
    original_artist: str | None = None
    guests: str | None = None
    note: str | None = None
    started_at: str | None = None


class NeededReview(Struct, frozen=True):
    """An entry whose song somebody must name. ``artist_id``: whose catalogue it would join."""

    entry_id: str
    artist_id: str | None
    title: str
    original_artist: str | None
    reason: ReviewReason
    candidates: tuple[Candidate, ...]


class Derived(Struct, frozen=True):
    """What a setlist comes to: the whole list, and what of it awaits a person."""

    performances: tuple[PlayedEntry, ...]
    reviews: tuple[NeededReview, ...]


class NotArchived(Exception):
    """The show does not exist, is not archived, or came from an archive with its performances."""
