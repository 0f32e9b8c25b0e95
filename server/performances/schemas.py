"""Bodies of the calls about performances, songs and reviews."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from rooms import limits


class ShowReferenceView(Struct, frozen=True, omit_defaults=True):
    """A show elsewhere. A private one is told by its date alone."""

    starts_at: datetime
    id: str | None = None
    slug: str | None = None
    title: str | None = None


class SongPastView(Struct, frozen=True, omit_defaults=True):
    """What a song had behind it that night.

    ``shows_since``: shows of the artist since ``last``, this one included; absent at a first time.
    """

    times_before: int
    shows_since: int | None = None
    last: ShowReferenceView | None = None


class PerformanceView(Struct, frozen=True, omit_defaults=True):
    """One performance, in playing order.

    ``song_id`` is absent while nobody knows which song it was; ``review`` tells where the
    question stands. ``performer`` is named where the song is another artist's.
    """

    entry_id: str
    ordinal: int
    section: str
    position: int
    title: str
    segue: bool = False
    song_id: str | None = None
    song_title: str | None = None
    artist: str | None = None
    performer: str | None = None
    original_artist: str | None = None
    guests: str | None = None
    note: str | None = None
    started_at: datetime | None = None
    review: str | None = None
    past: SongPastView | None = None


class PerformancePage(Struct, frozen=True):
    """``GET /api/shows/{id}/performances``: the whole list.

    ``complete``: false for a moment after the show was archived, until its list is there.
    ``pending_reviews``: performances whose song somebody must still name.
    """

    show_id: str
    complete: bool
    pending_reviews: int
    items: list[PerformanceView]


class StatisticsView(Struct, frozen=True):
    """How one artist has played one song.

    ``gap_shows``: shows of the artist since the last time; 0 if it was the latest one.
    ``last_place``: ``opener``, ``closer`` (of a night's sets), ``encore`` or ``set``.
    """

    times_played: int
    shows_played: int
    first: ShowReferenceView
    last: ShowReferenceView
    last_place: str
    times_opened: int
    times_closed: int
    times_encored: int
    gap_shows: int


class CoverView(Struct, frozen=True):
    """Another artist that has played the song."""

    artist_id: str
    artist: str
    statistics: StatisticsView


class SongView(Struct, frozen=True, omit_defaults=True):
    """A song of a catalogue. ``statistics`` are absent for one never played."""

    id: str
    title: str
    artist_id: str
    artist: str
    album: str | None = None
    statistics: StatisticsView | None = None
    covers: list[CoverView] = []


class SongPage(Struct, frozen=True):
    """``GET /api/artists/{id}/songs``."""

    items: list[SongView]
    next_cursor: str | None


class CandidateView(Struct, frozen=True):
    """A song that the entry may be. ``score`` from 0 to 1: how alike the titles are."""

    song_id: str
    artist_id: str
    title: str
    score: float


class ReviewView(Struct, frozen=True, omit_defaults=True):
    """A question: which song was this? ``status`` is ``pending`` until somebody answers.

    ``reason``: ``unknown_title``, ``ambiguous_title``, ``foreign_song``, ``contradiction`` or
    ``no_artist``.
    """

    id: str
    show_id: str
    show_slug: str
    show_title: str
    starts_at: datetime
    entry_id: str
    title: str
    reason: str
    candidates: list[CandidateView]
    status: str
    created_at: datetime
    original_artist: str | None = None
    artist_id: str | None = None
    artist: str | None = None
    song_id: str | None = None
    song_title: str | None = None
    note: str | None = None
    decided_at: datetime | None = None


class ReviewPage(Struct, frozen=True):
    """``GET /api/reviews/songs``: oldest first."""

    items: list[ReviewView]
    next_cursor: str | None


class ReviewBody(Struct, frozen=True, forbid_unknown_fields=True):
    """``POST /api/reviews/songs/{id}``: exactly one of ``song_id``, ``create`` and ``dismiss``.

    ``title`` goes with ``create`` (as it should stand in the catalogue; the entry's own by
    default), ``reason`` with ``dismiss``.
    """

    song_id: UUID | None = None
    create: bool = False
    title: Annotated[str, Meta(max_length=limits.TITLE_CHARACTERS_MAX)] | None = None
    dismiss: bool = False
    reason: Annotated[str, Meta(max_length=limits.REVIEW_REASON_CHARACTERS_MAX)] = ""
