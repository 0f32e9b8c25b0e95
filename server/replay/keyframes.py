"""Rooms as they were at any event, without reading a log from its beginning each time."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from rooms.ports import RoomLog
from rooms.replay import Keyframe, PastRoom
from rooms.show import ShowFacts

KEYFRAMES_MAX: Final = 64
"""Kept by one node, some 100 KiB each: those that were asked for last."""

KEYFRAME_EVENTS: Final = 1_000
"""Events between two keyframes: what a seek reads at most once the log has been gone through."""

EVENTS_PAGE: Final = 250
"""Events read and applied at a time: some milliseconds, then others get their turn."""


class Keyframes:
    """Brings rooms to a moment, and remembers places on the way."""

    def __init__(self, room_log: RoomLog) -> None:
        self._log = room_log
        self._kept: OrderedDict[tuple[str, str, int], Keyframe] = OrderedDict()

    async def room_at(self, facts: ShowFacts, epoch: str, seq: int) -> PastRoom:
        """The room right after an event.

        Args:
            epoch: of the log; keyframes of another one are not looked at.
            seq: an event of the log; 0: before everything.

        Raises:
            LogUnavailable: the log could not be read.
        """
        room = self._start(facts, epoch, seq)
        while (at := room.state.head.seq) < seq:
            # A page never goes beyond the next keyframe, so that each is met exactly.
            beyond = min(seq, at - at % KEYFRAME_EVENTS + KEYFRAME_EVENTS)
            events = await self._log.events_after(facts.show_id, at, min(EVENTS_PAGE, beyond - at))
            if not events:
                break
            room.apply(events)
            if room.state.head.seq % KEYFRAME_EVENTS == 0:
                self._keep((facts.show_id, epoch, room.state.head.seq), room.keyframe())
        return room

    def _start(self, facts: ShowFacts, epoch: str, seq: int) -> PastRoom:
        for place in range(seq - seq % KEYFRAME_EVENTS, 0, -KEYFRAME_EVENTS):
            key = (facts.show_id, epoch, place)
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return PastRoom(found)
        return PastRoom.before_everything(facts)

    def _keep(self, key: tuple[str, str, int], keyframe: Keyframe) -> None:
        self._kept[key] = keyframe
        while len(self._kept) > KEYFRAMES_MAX:
            self._kept.popitem(last=False)
