"""``GET /api/shows/{id}/poll``: what is new, or a wait for it."""

from __future__ import annotations

import asyncio
import re
from contextlib import AbstractContextManager, nullcontext
from typing import Final, Protocol

from msgspec import Struct

from rooms import limits
from rooms.messages import CloseCode
from rooms.node import Node
from rooms.participants import Participant
from rooms.ports import Clock, Head
from rooms.room import Room
from rooms.sessions.allowance import Allowance, Allowances
from rooms.sessions.poll_answers import read_cursor
from rooms.sessions.polls import PollEnded
from server.problems import ApiError, not_authenticated
from server.rooms.sessions import SessionWatch
from server.security.identity import Identity
from server.shows.attendance import Attendance

_SPREAD: Final = re.compile(r"reconnect_in=(\d{1,5}(?:\.\d{1,3})?)s")


class PollPlace(Struct, frozen=True):
    """Where a poller stands.

    Attributes:
        since: the newest event that it has; ``None``: it wants the whole room.
        epoch: of the log that this is a place in.
        cursor: from the last answer.
        wait_s: how long it would wait for news.
        brief: it takes an answer without a body for "nothing is new, ask again from there".
    """

    since: int | None
    epoch: str | None
    cursor: str | None
    wait_s: float
    brief: bool = False


NOTHING_NEW: Final = b""
"""The brief answer."""


def brief_place(at: str, wait_s: float) -> PollPlace | None:
    """A place in its short form, ``epoch.cursor``; ``None``: it is none of ours."""
    epoch, _, text = at.partition(".")
    cursor = read_cursor(text)
    if cursor is None or not epoch:
        return None
    return PollPlace(cursor.head.seq, epoch, text, wait_s, brief=True)


class WaitTracing(Protocol):
    """The part of `server.telemetry.tracing.RoomTracing` that is needed here."""

    def waiting(self, show_id: str) -> AbstractContextManager[None]:
        """Around one poll's wait."""
        ...


class PollDoor:
    """Answers polls of this node's rooms."""

    def __init__(
        self,
        node: Node,
        attendance: Attendance,
        watch: SessionWatch,
        allowances: Allowances,
        clock: Clock,
        tracing: WaitTracing | None = None,
    ) -> None:
        self._tracing = tracing
        self._node = node
        self._attendance = attendance
        self._watch = watch
        self._allowances = allowances
        self._clock = clock

    async def poll(
        self, show_id: str, identity: Identity, place: PollPlace, credentials: str | None = None
    ) -> bytes:
        """A `rooms.sessions.poll_answers.PollAnswer` as JSON, or `NOTHING_NEW`.

        Args:
            credentials: what the caller showed, if it may keep a seat by it.

        Raises:
            ApiError: ``unknown_show``, ``join_code_required``, ``removed``, ``session_revoked``,
                ``restarting``.
        """
        participant = await self._attendance.join(show_id, identity)
        return await self.poll_as(show_id, participant, identity.session_id, place, credentials)

    async def poll_as(
        self,
        show_id: str,
        participant: Participant,
        session_id: str,
        place: PollPlace,
        credentials: str | None = None,
    ) -> bytes:
        """The same for somebody who is let in already.

        Raises:
            ApiError: ``unknown_show``, ``removed``, ``session_revoked``, ``display_revoked``,
                ``restarting``.
        """
        room = await self._node.enter(show_id)
        try:
            await room.admit(participant)
            if credentials is not None:
                self._seat(room, credentials, participant, session_id)
            return await self._answer(room, participant, session_id, place)
        finally:
            self._node.leave(room)

    async def poll_seated(self, show_id: str, credentials: str, place: PollPlace) -> bytes | None:
        """The same for somebody who has a seat; ``None``: nobody with these credentials has.

        Raises:
            ApiError: ``removed``, ``session_revoked``, ``restarting``.
        """
        room = self._node.loaded(show_id)
        seat = None if room is None else room.hub.polls.seat_of(credentials)
        if room is None or seat is None:
            return None
        room.users += 1
        try:
            await room.admit(seat.participant)
            return await self._answer(room, seat.participant, seat.session_id, place)
        finally:
            self._node.leave(room)

    def _seat(
        self, room: Room, credentials: str, participant: Participant, session_id: str
    ) -> None:
        room.hub.polls.take_seat(credentials, participant, session_id)
        # For as long as the seat is good its session is looked after like a socket's.
        self._watch.opened(session_id)
        loop = asyncio.get_running_loop()
        loop.call_later(limits.POLL_SEAT_S, self._watch.closed, session_id)

    async def _answer(
        self, room: Room, participant: Participant, session_id: str, place: PollPlace
    ) -> bytes:
        answers, polls = room.poll_answers, room.hub.polls
        who, since = participant.participant_id, place.since
        if room.is_removed(who):
            raise _removed()
        if participant.display is None:
            polls.seen(who, place.wait_s)
        await self._pace(self._allowances.of(room.show_id, who, self._clock.monotonic()))
        if since is None or place.epoch != room.epoch:
            return answers.whole(participant)
        await room.reach(Head(since, 0))
        missed = await room.events_since(since)
        cursor = read_cursor(place.cursor)
        if missed is not None and not answers.has_news(since, cursor, participant):
            self._watch.opened(session_id)
            try:
                with self._waiting(room.show_id):
                    await polls.wait(who, session_id, place.wait_s)
            except PollEnded as ended:
                if ended.code == CloseCode.ROLE_CHANGED:
                    # What may be told now depends on the new role, and so on the next poll.
                    return (
                        NOTHING_NEW if place.brief else answers.nothing(since, place.cursor or "")
                    )
                raise _problem(ended) from None
            finally:
                self._watch.closed(session_id)
            if participant.display is None:
                polls.seen(who)
            missed = await room.events_since(since)
        if missed is None:
            return answers.whole(participant)
        # What the log has beyond this node's head is told when the node gets there.
        missed = [event for event in missed if event.seq <= room.head.seq]
        if place.brief and not missed and answers.is_place_of(participant, place.cursor):
            return NOTHING_NEW
        return answers.news(since, missed, cursor, participant)

    def _waiting(self, show_id: str) -> AbstractContextManager[None]:
        return nullcontext() if self._tracing is None else self._tracing.waiting(show_id)

    async def _pace(self, allowance: Allowance) -> None:
        """Answers nobody faster than allowed: the next answer then holds more."""
        while (wait_s := allowance.polls.take(self._clock.monotonic())) > 0.0:
            await self._clock.sleep(min(wait_s, limits.POLL_WAIT_S_MAX))


def _removed() -> ApiError:
    return ApiError(403, "removed", "You were removed from this room.")


def _problem(ended: PollEnded) -> ApiError:
    """A close code as a problem."""
    match ended.code:
        case CloseCode.REMOVED:
            return _removed()
        case CloseCode.TICKET_EXPIRED:
            return not_authenticated("session_revoked", "This session has ended. Sign in again.")
        case CloseCode.NOT_ALLOWED:
            return ApiError(403, "display_revoked", "The crew has ended this display.")
        case _:
            spread = _SPREAD.fullmatch(ended.reason)
            return ApiError(
                503,
                "restarting",
                "The room comes back in a moment.",
                retry_after_s=float(spread[1]) if spread else 1.0,
            )
