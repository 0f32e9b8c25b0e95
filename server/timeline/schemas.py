"""Bodies of ``/api/shows/{id}/timeline``."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class TimelineMark(Struct, frozen=True):
    """Something that stands at its moment.

    Attributes:
        kind: the event's name: ``now_playing_changed``, ``round_opened``, ``round_closed``,
            ``announcement_posted``, ``setlist_locked``, ``setlist_unlocked``,
            ``setlist_sealed`` or ``show_status_changed``.
        label: the song, the round's title, the announcement, the status; otherwise empty.
    """

    at: datetime
    kind: str
    label: str


class TimelineBody(Struct, frozen=True):
    """How a show went, from going live to its close or to this moment.

    Each list has one number per piece of ``bucket_s`` seconds; the first begins at
    ``starts_at``. All are empty before the show is live.

    Attributes:
        starts_at: the minute in which the show went live.
        votes: ballots by the time at which they were last changed.
        edits: of the setlist, by people.
        head_count: the most people at once.
        marks: in order; the first 500.
    """

    starts_at: datetime | None
    ends_at: datetime | None
    bucket_s: int
    votes: list[int]
    chat: list[int]
    edits: list[int]
    requests: list[int]
    head_count: list[int]
    marks: list[TimelineMark]
