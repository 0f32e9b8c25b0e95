"""What a poll gets: the room as a whole, or what is new since the place that it names.

Everything in one answer belongs to one moment, the room's head on this node, so a poller's place
is that head: events after its ``seq``, and the states that moved after it. The place travels in
an opaque cursor, which means the same on every node.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from rooms.events import Event
from rooms.fanout import wire
from rooms.fanout.audience import Audience
from rooms.participants import Participant
from rooms.ports import Head
from rooms.sessions.changes import RIDES_ALONG
from rooms.sessions.opening import audience_of
from rooms.sessions.session_room import SessionRoom
from rooms.states import You

ANSWERS_KEPT = 256
"""Encoded answers of one head: pollers stand at few places, and each is seen by few audiences."""

_CURSOR = re.compile(r"(\d{1,18})\.(\d{1,18})\.(\d{1,9})\.([a-z]{1,20})\.([yn])", re.ASCII)
_encode = msgspec.json.Encoder().encode
_HEAD_COUNT = ("head_count", "")
_PULSE = ("pulse", "")


class Cursor(Struct, frozen=True):
    """What one poller was told last.

    Attributes:
        head: the moment of the answer.
        head_count: the head count in it; not in the log, so it is compared by value.
        role: the participant's role then; with another one it is told who it is now.
        admitted: likewise.
    """

    head: Head
    head_count: int
    role: str
    admitted: bool

    def __str__(self) -> str:
        # Only what needs no escaping in a query.
        admitted = "y" if self.admitted else "n"
        head = f"{self.head.seq}.{self.head.state_version}"
        return f"{head}.{self.head_count}.{self.role}.{admitted}"


def read_cursor(text: str | None) -> Cursor | None:
    """A cursor; ``None``: it is none of ours."""
    match = _CURSOR.fullmatch(text or "")
    if match is None:
        return None
    seq, state_version, head_count = (int(part) for part in match.groups()[:3])
    return Cursor(Head(seq, state_version), head_count, match[4], match[5] == "y")


class PollAnswer(Struct, frozen=True):
    """``GET …/poll``: what a socket would have said, in one piece.

    Attributes:
        seq: the newest event that is in it, or was before it.
        recovered: it goes on from ``since``; otherwise ``state`` is the whole room.
        cursor: to be sent with the next poll, as it is.
        events: after ``since``, in order.
        states: those that moved.
        you: unless the cursor says that the participant knows its role already.
    """

    epoch: str
    seq: int
    recovered: bool
    cursor: str
    events: Sequence[msgspec.Raw]
    states: Sequence[msgspec.Raw]
    you: You | None = None
    state: msgspec.Raw | None = None


class PollAnswers:
    """Makes and keeps one room's answers, each encoded once for all who stand where it begins."""

    def __init__(self, room: SessionRoom) -> None:
        self._room = room
        self._at: tuple[Head, int] | None = None
        self._kept: dict[object, bytes] = {}

    def whole(self, participant: Participant) -> bytes:
        """The room as it is, for somebody who comes, or was away for too long."""
        room = self._room
        return _encode(
            PollAnswer(
                epoch=room.epoch,
                seq=room.head.seq,
                recovered=False,
                cursor=str(self._cursor(participant)),
                events=(),
                states=(),
                you=room.you(participant),
                state=room.snapshot(participant),
            )
        )

    def has_news(self, since: int, cursor: Cursor | None, participant: Participant) -> bool:
        """Whether an answer now would hold anything that ends a wait."""
        if self._room.head.seq > since:
            return True
        if cursor is None:
            return False  # nobody knows what it was told: all that moves from now on is news
        if not _same_role(cursor, participant):
            return True
        moved = self._room.hub.changes.since(cursor.head)
        return moved is None or any(name not in RIDES_ALONG for name, _ in moved)

    def news(
        self,
        since: int,
        missed: Sequence[Event],
        cursor: Cursor | None,
        participant: Participant,
    ) -> bytes:
        """What is new since a place.

        Args:
            since: the newest event that the poller has.
            missed: the events after it, up to the room's head.
            cursor: what it was told last; without it, it is told every state.
            participant: who polls.
        """
        room = self._room
        told = self._cursor(participant)
        if self._at != (told.head, told.head_count):
            self._at = (told.head, told.head_count)
            self._kept.clear()
        states = self._states(cursor, told)
        if participant.is_crew and _PULSE not in states:
            states.append(_PULSE)  # it moves without the log, so no cursor knows of it
        seen_as = [audience_of(room, participant, key) for _, key in states]
        same_role = cursor is not None and _same_role(cursor, participant)
        place = None if cursor is None else (cursor.head, cursor.head_count)
        key = (since, place, told.role, told.admitted, tuple(seen_as))
        may_keep = same_role and not participant.is_crew
        kept = self._kept.get(key) if may_keep else None
        if kept is None:
            kept = _encode(
                PollAnswer(
                    epoch=room.epoch,
                    seq=max(since, missed[-1].seq) if missed else since,
                    recovered=True,
                    cursor=str(told),
                    events=[
                        msgspec.Raw(wire.event_payload(event, crew=participant.is_crew))
                        for event in missed
                    ],
                    states=self._rendered(states, seen_as),
                    you=None if same_role else room.you(participant),
                )
            )
            if may_keep and len(self._kept) < ANSWERS_KEPT:
                self._kept[key] = kept
        return kept

    def nothing(self, since: int, cursor: str) -> bytes:
        """That nothing is new: the poller asks again from where it stands."""
        answer = PollAnswer(
            epoch=self._room.epoch, seq=since, recovered=True, cursor=cursor, events=(), states=()
        )
        return _encode(answer)

    def is_place_of(self, participant: Participant, cursor: str | None) -> bool:
        """Whether an answer now would tell nothing but the place that the poller stands at."""
        # Crew's pulse moves without the log: no cursor says that it has not.
        return not participant.is_crew and cursor == str(self._cursor(participant))

    def forget(self) -> None:
        """What is kept is no longer what is so, though the head has not moved."""
        self._at = None

    def _cursor(self, participant: Participant) -> Cursor:
        return Cursor(
            self._room.head,
            self._room.head_count(),
            participant.role.value,
            participant.admitted,
        )

    def _states(self, cursor: Cursor | None, told: Cursor) -> list[tuple[str, str]]:
        """The states to tell: all that there are, or those that moved."""
        moved = None if cursor is None else self._room.hub.changes.since(cursor.head)
        if moved is None:
            return list(self._room.state_keys())
        states = [key for key in moved if key[0] not in RIDES_ALONG]
        if cursor is not None and cursor.head_count != told.head_count:
            states.append(_HEAD_COUNT)
        return states

    def _rendered(
        self, states: Sequence[tuple[str, str]], seen_as: Sequence[Audience]
    ) -> list[msgspec.Raw]:
        rendered = []
        for (name, key), audience in zip(states, seen_as, strict=True):
            message = self._room.render_state(name, key, audience)
            if message is not None:
                rendered.append(msgspec.Raw(wire.payload(message)))
        return rendered


def _same_role(cursor: Cursor, participant: Participant) -> bool:
    return (cursor.role, cursor.admitted) == (participant.role.value, participant.admitted)
