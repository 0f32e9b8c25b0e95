"""Turns that last: a vote received in time counts, however long the turn is that it is decided in.

A round that is due waits a margin (`limits.CLOSE_MARGIN_S`). Whoever has many votes waiting holds
it open with the turns that decide them (`rooms.decide.holds`); but a turn that loses its races to
other nodes, each call of a slow log a long one, holds nothing until it is in. So a node whose
votes were received in time and are undecided shortly after the end says so beside its turn, by one
call that needs no race to be won (`rooms.ports.RoomLog.hold_round`), until they are decided.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import structlog

from rooms import limits
from rooms.participants import Channel
from rooms.ports import Clock, LogUnavailable, OutcomeUnknown, RoomLog
from rooms.room import Room
from rooms.rounds.windows import last_moment
from rooms.tasks import end

log = structlog.get_logger(__name__)

LOOK_INTERVAL_S = 0.2
"""Between two looks. The first hold is under way `limits.HOLD_AFTER_S` and one of these after a
round's end at the latest, which leaves most of the margin to the call."""

RoundKey = tuple[str, str]
"""(show_id, round_id)."""


class LateTurns:
    """Holds the rounds of a node's rooms for the votes that its turns still decide."""

    def __init__(self, rooms: Callable[[], list[Room]], room_log: RoomLog, clock: Clock) -> None:
        self._rooms = rooms
        self._log = room_log
        self._clock = clock
        self._held: dict[RoundKey, datetime] = {}
        self._saying: dict[RoundKey, asyncio.Task[None]] = {}

    async def look(self) -> None:
        """One look. Waits for nothing: a log that is slow must not delay the next one."""
        now = self._clock.now()
        self._held = {key: until for key, until in self._held.items() if until > now}
        for room in self._rooms():
            if room.decides:
                self._look_at(room, now)

    async def stop(self) -> None:
        """Lets go of what is being said: the inboxes are finished already."""
        await end(list(self._saying.values()))

    def _look_at(self, room: Room, now: datetime) -> None:
        for round_id in room.votes_in_time(now - timedelta(seconds=limits.HOLD_AFTER_S)):
            key = (room.show_id, round_id)
            again_at = self._held.get(key, now) - timedelta(seconds=limits.HOLD_S / 2)
            until = self._until(room, round_id, now)
            if key not in self._saying and until > now >= again_at:
                saying = asyncio.create_task(self._hold(room, key, until))
                self._saying[key] = saying
                saying.add_done_callback(partial(self._said, key))

    def _said(self, key: RoundKey, saying: asyncio.Task[None]) -> None:
        del saying
        self._saying.pop(key, None)

    def _until(self, room: Room, round_id: str, now: datetime) -> datetime:
        record = room.replica.state.rounds[round_id]
        ends_at = last_moment(record, room.facts, Channel.SMS) or now
        longest = ends_at + timedelta(seconds=limits.HOLD_MAX_S)
        return min(now + timedelta(seconds=limits.HOLD_S), longest)

    async def _hold(self, room: Room, key: RoundKey, until: datetime) -> None:
        try:
            await self._log.hold_round(*key, until)
        except (LogUnavailable, OutcomeUnknown) as error:
            log.warning("round_not_held", show_id=room.show_id, error=str(error))
            return
        except Exception as error:
            log.exception("round_not_held", show_id=room.show_id, error=type(error).__name__)
            return
        self._held[key] = until
        room.fall_behind()
