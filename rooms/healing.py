"""Comparing rooms with the log: what a node missed, and whether it is still the same log.

One query for all rooms of a node, every `limits.HEAL_INTERVAL_S`; for rooms whose messages may
have been lost (a carrier that was away and is back) at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog

from rooms.epoch import epoch_of
from rooms.messages import CloseCode
from rooms.ports import LogUnavailable, RoomLog
from rooms.room import Room

log = structlog.get_logger(__name__)


class Healing:
    """See the module.

    Args:
        rooms: those that are loaded.
        let_go: unloads one that cannot be healed, without waiting for it: what it still has to
            finish is its own affair, and the others' healing waits for nobody.
    """

    def __init__(
        self, rooms: Callable[[], list[Room]], room_log: RoomLog, let_go: Callable[[Room], object]
    ) -> None:
        self._rooms = rooms
        self._log = room_log
        self._let_go = let_go
        self._lapsed: set[str] = set()
        self._any_lapsed = asyncio.Event()

    def lapsed(self, show_id: str) -> None:
        """What was said of this room for a while was not heard: look soon."""
        self._lapsed.add(show_id)
        self._any_lapsed.set()

    async def follow_lapses(self) -> None:
        """Looks at rooms that lapsed, until it is cancelled."""
        while True:
            await self._any_lapsed.wait()
            self._any_lapsed.clear()
            lapsed, self._lapsed = self._lapsed, set()
            try:
                await self.compare([room for room in self._rooms() if room.show_id in lapsed])
            except LogUnavailable as error:  # the next look at all rooms is not far
                log.warning("lapsed_rooms_wait", rooms=len(lapsed), error=str(error))
            except Exception as error:
                log.exception("lapsed_rooms_not_compared", error=str(error))

    async def compare(self, some: Sequence[Room] | None = None) -> None:
        """One look, at all rooms or at some.

        Raises:
            LogUnavailable: the log could not be read.
        """
        rooms = {room.show_id: room for room in (self._rooms() if some is None else some)}
        if not rooms:
            return
        # Taken before the question: while the answer travels, this node's own turns go on.
        known = {show_id: room.head for show_id, room in rooms.items()}
        base, heads = await self._log.heads(list(rooms))
        for show_id, room in rooms.items():
            head = heads.get(show_id)
            # Judged by the room's own epoch, which is as old as the room: a base remembered from
            # the first look would be the new one, where the log changed before that.
            restored = room.epoch != epoch_of(base, show_id)
            if restored or head is None or head < known[show_id]:
                # another log than the one this node has: nothing here may be shown any longer
                log.warning("room_epoch_changed", show_id=show_id)
                room.hub.close_all(CloseCode.RESTARTING, "epoch_changed")
                self._let_go(room)
            elif room.closed:
                self._let_go(room)
            elif head > room.head:
                room.fall_behind()
            if head is not None:
                room.log_seq = head.seq
