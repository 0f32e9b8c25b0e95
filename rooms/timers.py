"""Rounds close on time. Their ends are in the database, so that any node can close them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import structlog

from rooms import limits
from rooms.answers import Answer
from rooms.commands import CloseDueRound, by_system
from rooms.errors import RoomError
from rooms.ports import Clock, LogUnavailable, NewId, RoomLog
from rooms.room import Room
from rooms.rounds.windows import due_at
from rooms.tasks import end

log = structlog.get_logger(__name__)

POLL_INTERVAL_S = 2.0
"""How often rounds of rooms that no node has loaded are looked for."""


CLOSING_MAX = 8
"""Rooms loaded at once only to close a round: after an outage there may be hundreds, and those
that people are in come first."""


class Rooms(Protocol):
    """The part of a node that timers need."""

    clock: Clock
    new_id: NewId
    room_log: RoomLog

    @property
    def rooms(self) -> list[Room]:
        """Loaded rooms."""
        ...

    async def enter(self, show_id: str) -> Room:
        """Loads."""
        ...

    def leave(self, room: Room) -> None:
        """Lets go."""
        ...


def due_here(room: Room, now: datetime) -> list[str]:
    """Rounds of a loaded room whose grace begins or that are to be closed (`rooms.rounds.windows`).

    After an outage of the log the margin begins anew: other nodes hold what they could not keep.
    """
    margin = timedelta(seconds=limits.CLOSE_MARGIN_S)
    if room.log_returned_at is not None and now < room.log_returned_at + margin:
        return []
    state = room.replica.state
    dues = {record.round_id: due_at(record, state.facts) for record in state.open_rounds}
    return [round_id for round_id, due in dues.items() if due is not None and now >= due]


class DueRounds:
    """Closes due rounds: of loaded rooms at once, of all others by asking the database."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._asked_at = float("-inf")
        self._submitted: set[tuple[Room, str]] = set()
        self._closing: dict[str, asyncio.Task[None]] = {}

    async def close(self) -> None:
        """One look. Every node may try: the turn decides, and only one commits."""
        now = self._rooms.clock.now()
        for room in self._rooms.rooms:
            try:
                due = due_here(room, now)
            except Exception as error:
                # A room that cannot be read must not keep the rounds of those after it open.
                log.exception("room_unreadable", show_id=room.show_id, error=type(error).__name__)
                continue
            for round_id in due:
                self._submit(room, round_id, now)
        if self._rooms.clock.monotonic() - self._asked_at >= POLL_INTERVAL_S:
            self._asked_at = self._rooms.clock.monotonic()
            margin = timedelta(seconds=limits.CLOSE_MARGIN_S)
            self._close_elsewhere(await self._rooms.room_log.due_rounds(now - margin), now)

    async def stop(self) -> None:
        """Lets go of rounds that are being closed: another node, or the next start, closes them."""
        await end(list(self._closing.values()))

    def _close_elsewhere(self, due: Iterable[tuple[str, str]], now: datetime) -> None:
        """Each round by itself: a room that cannot be loaded, or whose turn waits, keeps nobody
        else's open."""
        loaded = {room.show_id for room in self._rooms.rooms}
        for show_id, round_id in due:
            if show_id in loaded or round_id in self._closing:
                continue
            if len(self._closing) >= CLOSING_MAX:
                return  # the next look goes on
            task = asyncio.create_task(self._load_and_close(show_id, round_id, now))
            self._closing[round_id] = task
            task.add_done_callback(partial(self._closed, round_id))

    def _closed(self, round_id: str, task: asyncio.Task[None]) -> None:
        del task
        self._closing.pop(round_id, None)

    async def _load_and_close(self, show_id: str, round_id: str, now: datetime) -> None:
        try:
            room = await self._rooms.enter(show_id)
            try:
                await room.ask(by_system(CloseDueRound(round_id), now, self._rooms.new_id()))
            finally:
                self._rooms.leave(room)
        except LogUnavailable as error:
            log.warning("due_round_waits", show_id=show_id, error=str(error))
        except Exception as error:
            log.exception("due_round_not_closed", show_id=show_id, error=type(error).__name__)

    def _submit(self, room: Room, round_id: str, now: datetime) -> None:
        key = (room, round_id)
        if key in self._submitted:
            return  # it waits in the inbox, and a log that is away must not fill that

        def answered(answer: Answer) -> None:
            del answer
            self._submitted.discard(key)

        try:
            room.submit(by_system(CloseDueRound(round_id), now, self._rooms.new_id()), answered)
        except RoomError:
            return  # a full inbox: the next look tries again
        self._submitted.add(key)
