"""A finished show played again: pages of its events, and the room at any moment of it."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from rooms.epoch import epoch_of
from rooms.messages import EventMessage
from rooms.ports import RoomLog
from rooms.show import Access, ShowFacts, ShowStatus
from server.field_problems import FieldProblem
from server.problems import ApiError, invalid, not_found
from server.replay.keyframes import Keyframes
from server.replay.schemas import ReplayHeader, ReplayMark, ReplayPage, ReplayState
from server.security.identity import Identity
from server.shows.attendance import Attendance
from storage.replay.log import REMOVED_NAME, LoggedEvent, ReplayLog

PAGE_MAX: Final = 1_000
"""Events in one answer: some 300 KiB."""

MARKS_MAX: Final = 500
"""Marks on a scrubber; a phone's is 400 pixels wide."""

_FINISHED: Final = frozenset({ShowStatus.CLOSED, ShowStatus.ARCHIVED})

_MARKED: Final = frozenset(
    {
        "announcement_posted",
        "now_playing_changed",
        "round_closed",
        "round_opened",
        "show_status_changed",
    }
)

_encode = msgspec.json.Encoder().encode


class Recording(Struct, frozen=True):
    """What there is to play of a show.

    Attributes:
        first_seq: the event with which it was published: what fans may see begins there.
        last_seq: the log's end.
    """

    facts: ShowFacts
    epoch: str
    first_seq: int
    last_seq: int

    @property
    def is_over(self) -> bool:
        """Whether nothing is added to the log any more."""
        return self.facts.status is ShowStatus.ARCHIVED

    @property
    def is_public(self) -> bool:
        """Whether anybody may see it."""
        return self.facts.access is not Access.PRIVATE

    def tag(self, *what: object) -> str:
        """A strong entity tag (RFC 9110 section 8.8.3) of an answer: who asks makes no
        difference to it."""
        digest = hashlib.sha256(_encode([self, what]))
        return f'"{digest.hexdigest()[:32]}"'


class Replays:
    """Plays finished shows again, for whoever may see them, as fans saw them."""

    def __init__(self, room_log: RoomLog, log: ReplayLog, attendance: Attendance) -> None:
        self._room_log = room_log
        self._log = log
        self._attendance = attendance
        self._keyframes = Keyframes(room_log)

    async def recording(self, show_id: str, viewer: Identity | None) -> Recording:
        """What there is to play.

        Raises:
            ApiError: ``unknown_show``, ``join_code_required``, ``show_not_over``.
        """
        standing = await self._attendance.read(show_id, viewer)
        if standing.status not in _FINISHED:
            raise ApiError(409, "show_not_over", "A show is played again once it is over.")
        facts = (await self._room_log.facts_of([show_id])).get(show_id)
        if facts is None:
            raise not_found("show")
        base, _ = await self._room_log.heads([show_id])
        first, last = await self._log.bounds(show_id)
        return Recording(facts=facts, epoch=epoch_of(base, show_id), first_seq=first, last_seq=last)

    async def page(self, recording: Recording, after_seq: int, limit: int) -> ReplayPage:
        """Events after one, in order; with the first page what to know before they are played."""
        show_id = recording.facts.show_id
        if not recording.first_seq:
            header = _silent(recording) if after_seq == 0 else None
            return ReplayPage(header=header, events=[], next_after_seq=None)
        removed = await self._log.removed_chat(show_id)
        events, further = await self._log.page(
            show_id, max(after_seq, recording.first_seq - 1), limit, removed
        )
        return ReplayPage(
            header=await self._header(recording, len(removed)) if after_seq == 0 else None,
            events=[
                EventMessage(seq=one.seq, name=one.name, at=one.at, data=Raw(one.data))
                for one in events
            ],
            next_after_seq=further,
        )

    async def seq_of(self, recording: Recording, seq: int | None, at: datetime | None) -> int:
        """The event that is meant, within what there is to play.

        Raises:
            ApiError: ``validation_failed``: both or neither, or an event that is not in it.
        """
        if (seq is None) == (at is None):
            raise invalid(FieldProblem("seq", "invalid", "Give either seq or at."))
        if seq is None:
            assert at is not None  # one of both is given
            found = await self._log.seq_at(recording.facts.show_id, at)
            return max(found, recording.first_seq)
        if not recording.first_seq <= seq <= recording.last_seq:
            detail = f"The replay goes from {recording.first_seq} to {recording.last_seq}."
            raise invalid(FieldProblem("seq", "out_of_range", detail))
        return seq

    async def state(self, recording: Recording, seq: int) -> ReplayState:
        """The room right after an event, as a fan who came then would have seen it.

        Raises:
            LogUnavailable: the log could not be read.
        """
        show_id = recording.facts.show_id
        room = await self._keyframes.room_at(recording.facts, recording.epoch, seq)
        seen = room.as_seen_by_fans(await self._log.removed_chat(show_id))
        return ReplayState(
            seq=seq, at=await self._log.at_seq(show_id, seq), state=Raw(_encode(seen))
        )

    async def _header(self, recording: Recording, removed_chat: int) -> ReplayHeader:
        show_id = recording.facts.show_id
        found = await self._log.counts(show_id, recording.first_seq)
        counts = dict(found.events)
        counts.pop(REMOVED_NAME, None)
        if "chat_posted" in counts:
            counts["chat_posted"] -= removed_chat
        marked = await self._log.named(show_id, recording.first_seq, _MARKED, MARKS_MAX)
        return ReplayHeader(
            show=recording.facts,
            epoch=recording.epoch,
            first_seq=recording.first_seq,
            last_seq=recording.last_seq,
            first_at=found.first_at,
            last_at=found.last_at,
            events=sum(counts.values()),
            counts=counts,
            marks=_marks(marked),
        )


def _silent(recording: Recording) -> ReplayHeader:
    """A show whose night is known from elsewhere: there was no room."""
    return ReplayHeader(
        show=recording.facts,
        epoch=recording.epoch,
        first_seq=0,
        last_seq=0,
        first_at=None,
        last_at=None,
        events=0,
        counts={},
        marks=[],
    )


def _marks(events: list[LoggedEvent]) -> list[ReplayMark]:
    rounds: dict[str, str] = {}
    marks = []
    for event in events:
        data: dict[str, Any] = msgspec.json.decode(event.data)
        match event.name:
            case "round_opened":
                title = rounds[data["round_id"]] = data["config"]["title"]
            case "round_closed":
                title = rounds.get(data["round_id"], "")
            case "announcement_posted":
                title = data["text"]
            case "show_status_changed":
                title = data["status"]
            case _:
                title = data.get("title") or ""
        marks.append(ReplayMark(seq=event.seq, at=event.at, kind=event.name, title=title))
    return marks
