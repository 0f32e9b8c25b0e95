"""Timelines: a night's numbers and marks, put together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from rooms.participants import CREW
from rooms.ports import Clock
from rooms.timeline.buckets import STEPS_S, Buckets, buckets_of
from server.problems import not_allowed
from server.security.identity import Identity
from server.shows.attendance import Attendance, role_in
from server.spreadsheets import Cell
from server.timeline.schemas import TimelineBody, TimelineMark
from storage.timeline.nights import MarkedEvent, Nights

HEADER = ("at", "votes", "chat", "edits", "requests", "head_count", "marks")


class Timelines:
    """Reads timelines, for crew."""

    def __init__(self, attendance: Attendance, nights: Nights, clock: Clock) -> None:
        self._attendance = attendance
        self._nights = nights
        self._clock = clock

    async def of(self, show_id: str, identity: Identity) -> TimelineBody:
        """A show's timeline as it stands.

        Raises:
            ApiError: ``unknown_show``, ``not_allowed``.
        """
        standing = await self._attendance.standing(show_id, identity)
        # A curator of the crew brings the setlist back, and sees no count that is hidden.
        if role_in(standing, identity) not in CREW:
            raise not_allowed("A show's timeline is for its crew.")
        began, ended = await self._nights.live_from_to(show_id)
        if began is None:
            return _nothing()
        buckets = buckets_of(began, ended or self._clock.now())
        marked = await self._nights.marks(show_id, began, buckets.ends_at)
        counts = await self._nights.counts(show_id, buckets)
        return TimelineBody(
            starts_at=buckets.starts_at,
            ends_at=buckets.ends_at,
            bucket_s=buckets.bucket_s,
            votes=buckets.sums(counts.votes),
            chat=buckets.sums(counts.chat),
            edits=buckets.sums(counts.edits),
            requests=buckets.sums(counts.requests),
            head_count=buckets.peaks(counts.head_counts),
            marks=list(_marks(marked)),
        )


def table_of(timeline: TimelineBody) -> Iterator[list[Cell]]:
    """One row per piece; its marks in one cell."""
    if timeline.starts_at is None or timeline.ends_at is None:
        return
    buckets = Buckets(timeline.starts_at, timeline.ends_at, timeline.bucket_s)
    said: dict[int, list[str]] = {}
    for mark in timeline.marks:
        place = buckets.place_of(mark.at)
        if place is not None:
            said.setdefault(place, []).append(f"{mark.kind}: {mark.label}".removesuffix(": "))
    for place, at in enumerate(buckets.begins()):
        yield [
            at,
            timeline.votes[place],
            timeline.chat[place],
            timeline.edits[place],
            timeline.requests[place],
            timeline.head_count[place],
            " | ".join(said.get(place, ())),
        ]


def _nothing() -> TimelineBody:
    return TimelineBody(
        starts_at=None,
        ends_at=None,
        bucket_s=STEPS_S[0],
        votes=[],
        chat=[],
        edits=[],
        requests=[],
        head_count=[],
        marks=[],
    )


def _marks(events: Iterable[MarkedEvent]) -> Iterator[TimelineMark]:
    titles: dict[str, str] = {}
    for event in events:
        data: dict[str, Any] = msgspec.json.decode(event.data)
        match event.name:
            case "round_opened":
                label = titles[data["round_id"]] = data["config"]["title"]
            case "round_closed":
                label = titles.get(data["round_id"], "")
            case "announcement_posted":
                label = data["text"]
            case "show_status_changed":
                label = data["status"]
            case "now_playing_changed":
                label = data.get("title") or ""
                if not label:
                    continue  # that nothing is played any more marks nothing
            case _:
                label = ""
        yield TimelineMark(at=event.at, kind=event.name, label=label)
