"""Bodies of the calls that play a finished show again."""

from __future__ import annotations

from datetime import datetime

from msgspec import Raw, Struct

from rooms.messages import EventMessage
from rooms.show import ShowFacts


class ReplayMark(Struct, frozen=True, omit_defaults=True):
    """Something to show on the scrubber.

    Attributes:
        kind: the event's name: ``now_playing_changed``, ``round_opened``, ``round_closed``,
            ``announcement_posted`` or ``show_status_changed``.
        title: the song, the round's title, the announcement, the status.
    """

    seq: int
    at: datetime
    kind: str
    title: str = ""


class ReplayHeader(Struct, frozen=True):
    """What a page needs to know before it plays.

    Attributes:
        first_seq: where the replay begins: the show was published. Its keyframe is
            ``GET …/replay/state?seq=`` of it.
        last_seq: the log's end.
        events: how many events the replay has; fewer than ``last_seq - first_seq + 1`` where
            chat was removed.
        counts: events by name.
        marks: in order; at most `server.replay.replays.MARKS_MAX`.
    """

    show: ShowFacts
    epoch: str
    first_seq: int
    last_seq: int
    first_at: datetime | None
    last_at: datetime | None
    events: int
    counts: dict[str, int]
    marks: list[ReplayMark]


class ReplayPage(Struct, frozen=True):
    """Events in order, as a fan in the room got them. ``header`` only with the first page.

    ``next_after_seq``: ``after_seq`` of the next page; null on the last one.
    """

    header: ReplayHeader | None
    events: list[EventMessage]
    next_after_seq: int | None


class ReplayState(Struct, frozen=True):
    """The room at a moment, as a fan who came then would have been welcomed.

    Attributes:
        seq: the event that it includes last.
        at: that event's time.
        state: a `rooms.states.RoomSnapshot`. What is not in the log (head count, running
            tallies, reactions, upvotes, ratings) is empty in it.
    """

    seq: int
    at: datetime | None
    state: Raw
