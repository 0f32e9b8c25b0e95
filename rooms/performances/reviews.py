"""Questions about songs, and what people answer."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from msgspec import Struct

from rooms.performances.records import Candidate, ReviewStatus


class ReviewRecord(Struct, frozen=True):
    """A question: which song was this entry? With its answer, once there is one."""

    review_id: str
    show_id: str
    show_slug: str
    show_title: str
    starts_at: datetime
    entry_id: str
    title: str
    original_artist: str | None
    artist_id: str | None
    artist_name: str | None
    reason: str
    candidates: tuple[Candidate, ...]
    status: ReviewStatus
    created_at: datetime
    song_id: str | None = None
    song_title: str | None = None
    note: str | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None


class ReviewFilter(Struct, frozen=True):
    """Which reviews a list holds, oldest first.

    Attributes:
        account_id: whose: of shows that this account plays, or drives as the artist.
        sees_all: a curator or an admin: every show's.
        after: the id of the last review of the page before.
    """

    account_id: str
    sees_all: bool
    status: ReviewStatus = ReviewStatus.PENDING
    show_id: str | None = None
    artist_id: str | None = None
    after: str | None = None
    limit: int = 50


class SameSong(Struct, frozen=True):
    """It is this song."""

    song_id: str


class NewSong(Struct, frozen=True):
    """It is a song that the catalogue lacks. ``title``: as it should be called there."""

    title: str


class NoSong(Struct, frozen=True):
    """It is no song (banter, an intro tape), or nobody will ever know."""

    reason: str


Answer: TypeAlias = SameSong | NewSong | NoSong
