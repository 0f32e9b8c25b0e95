"""All rooms of one process: loading, healing, timers, head counts, unloading.

Redis may lose anything at any time; what was missed is found here, by comparing heads with the
log every `limits.HEAL_INTERVAL_S` seconds, in one query for all rooms.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

import structlog

from rooms import limits, publication
from rooms.displays.logins import display_of
from rooms.errors import unknown
from rooms.messages import CloseCode
from rooms.ports import Clock, LogUnavailable, NewId, RoomBus, RoomLog
from rooms.publication import (
    AwarenessPublished,
    HeadCountPublished,
    SessionRevoked,
    SocketOpened,
    TurnPublished,
)
from rooms.room import Room
from rooms.tasks import end
from rooms.timers import DueRounds

log = structlog.get_logger(__name__)

HEAD_COUNT_INTERVAL_S = 1.0
HEAD_COUNT_REPEAT_S = 5.0
HEAD_COUNT_VOID_S = 15.0
FACTS_INTERVAL_S = 5.0
"""Titles and line-ups are edited beside the log, and seldom."""

EVERYWHERE = "*"
"""The channel for what concerns all rooms of a node (revoked sessions)."""


class Node:
    """Registry of the rooms loaded in this process.

    Attributes:
        node_id: unique per process start.
    """

    def __init__(
        self,
        *,
        node_id: str,
        room_log: RoomLog,
        bus: RoomBus,
        clock: Clock,
        new_id: NewId,
    ) -> None:
        self.node_id = node_id
        self.clock = clock
        self.new_id = new_id
        self.bus = bus
        self.room_log = room_log
        self._rooms: dict[str, Room] = {}
        self._loading: dict[str, asyncio.Task[Room]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._head_counts_sent: dict[str, tuple[int, float]] = {}
        self._epoch_base: str | None = None
        self._due_rounds = DueRounds(self)

    # --- rooms --------------------------------------------------------------------------------

    @property
    def rooms(self) -> list[Room]:
        """The rooms loaded now."""
        return list(self._rooms.values())

    def loaded(self, show_id: str) -> Room | None:
        """The show's room, where it is loaded and takes commands."""
        room = self._rooms.get(show_id)
        return None if room is None or room.closed else room

    async def enter(self, show_id: str) -> Room:
        """The show's room, loaded if need be; say `leave` when done.

        Raises:
            Refused: ``unknown_show``.
            LogUnavailable: the room could not be read.
        """
        room = self._rooms.get(show_id)
        if room is None or room.closed:
            task = self._loading.get(show_id)
            if task is None:
                task = asyncio.create_task(self._load(show_id))
                self._loading[show_id] = task
                task.add_done_callback(lambda _: self._loading.pop(show_id, None))
            room = await asyncio.shield(task)
        room.users += 1
        return room

    def leave(self, room: Room) -> None:
        """The caller no longer needs the room; it is unloaded when idle for a while."""
        room.users -= 1
        room.idle_since = self.clock.monotonic()

    async def _load(self, show_id: str) -> Room:
        await self.bus.subscribe(show_id)  # first: what happens while loading is then heard of
        try:
            record = await self.room_log.load(show_id)
            if record is None:
                raise unknown("show")
        except BaseException:
            if show_id not in self._rooms:
                await self.bus.unsubscribe(show_id)
            raise
        room = Room(
            record,
            node_id=self.node_id,
            room_log=self.room_log,
            bus=self.bus,
            clock=self.clock,
            new_id=self.new_id,
        )
        room.start()
        replaced = self._rooms.get(show_id)
        if replaced is not None:
            replaced.hub.stop()
        self._rooms[show_id] = room
        return room

    async def _unload(self, room: Room) -> None:
        if self._rooms.get(room.show_id) is room:
            del self._rooms[room.show_id]
        self._head_counts_sent.pop(room.show_id, None)
        await room.stop()
        if room.show_id not in self._rooms and room.show_id not in self._loading:
            await self.bus.unsubscribe(room.show_id)

    # --- life ---------------------------------------------------------------------------------

    async def start(self) -> None:
        """Begins to listen, heal and keep time."""
        self.bus.on_message(self._hear)
        await self.bus.subscribe(EVERYWHERE)
        for work, interval_s in (
            (self._heal, limits.HEAL_INTERVAL_S),
            (self._due_rounds.close, 0.25),
            (self._publish_head_counts, HEAD_COUNT_INTERVAL_S),
            (self._refresh_facts, FACTS_INTERVAL_S),
            (self._unload_idle, 5.0),
            (self._forget_idle_voters, limits.ROOM_IDLE_UNLOAD_S),
        ):
            self._tasks.append(asyncio.create_task(self._repeat(work, interval_s)))

    async def stop(self) -> None:
        """Finishes every room's inbox and ends. Connections are the door's to close first."""
        await end(self._tasks)
        self._tasks.clear()
        for room in self.rooms:
            await self._unload(room)

    async def _repeat(
        self, work: Callable[[], Coroutine[object, object, None]], interval_s: float
    ) -> None:
        while True:
            await self.clock.sleep(interval_s)
            try:
                await work()
            except LogUnavailable as error:
                log.warning("node_upkeep_waits", work=work.__name__, error=str(error))
            except Exception as error:
                log.exception("node_upkeep_failed", work=work.__name__, error=str(error))

    # --- what others say ----------------------------------------------------------------------

    def _hear(self, show_id: str, message: bytes) -> None:
        try:
            heard = publication.decode(message)
        except Exception as error:
            log.warning("bus_message_unreadable", error=type(error).__name__)
            return
        if show_id == EVERYWHERE:
            if isinstance(heard, SessionRevoked):
                self.revoke(heard.session_id, heard.participant_id)
            return
        room = self._rooms.get(show_id)
        if room is None or getattr(heard, "node_id", None) == self.node_id:
            return
        match heard:
            case TurnPublished():
                room.hear(heard)
            case HeadCountPublished():
                room.head_counts[heard.node_id] = (heard.participants, self.clock.monotonic())
                room.hub.state_changed("head_count")
            case AwarenessPublished():
                room.editors_elsewhere[heard.node_id] = heard.editors
                room.hub.awareness(heard.frame, heard.node_id)
            case SocketOpened():
                room.hub.close_ticket(heard.ticket_id)
            case SessionRevoked():
                self.revoke(heard.session_id, heard.participant_id)

    def revoke(self, session_id: str | None, participant_id: str | None) -> None:
        """Closes the sockets of a session that is over, or of a participant whose role is another
        now, in every room of this node. The latter may come back, and get the new role."""
        ends = (CloseCode.TICKET_EXPIRED, "session_revoked")
        if session_id and display_of(session_id):
            ends = (CloseCode.NOT_ALLOWED, "display_revoked")
        for room in self.rooms:
            if session_id:
                room.hub.close_session(session_id, *ends)
            if participant_id:
                room.hub.close_participant(participant_id, CloseCode.ROLE_CHANGED, "role_changed")

    def publish_revoked(self, session_id: str) -> None:
        """Tells every node, this one included, that a session is over."""
        self.revoke(session_id, None)
        self.bus.publish(EVERYWHERE, publication.encode(SessionRevoked(session_id=session_id)))

    # --- upkeep -------------------------------------------------------------------------------

    async def _heal(self) -> None:
        rooms = {room.show_id: room for room in self.rooms}
        if not rooms:
            return
        # Taken before the question: while the answer travels, this node's own turns go on.
        known = {show_id: room.head for show_id, room in rooms.items()}
        base, heads = await self.room_log.heads(list(rooms))
        restored = self._epoch_base is not None and base != self._epoch_base
        self._epoch_base = base
        for show_id, room in rooms.items():
            head = heads.get(show_id)
            if restored or head is None or head < known[show_id]:
                # another log than the one this node has: nothing here may be shown any longer
                log.warning("room_epoch_changed", show_id=show_id)
                room.hub.close_all(CloseCode.RESTARTING, "epoch_changed")
                await self._unload(room)
            elif room.closed:
                await self._unload(room)
            elif head > room.head:
                room.fall_behind()

    async def _refresh_facts(self) -> None:
        rooms = {room.show_id: room for room in self.rooms}
        if rooms:
            for show_id, facts in (await self.room_log.facts_of(list(rooms))).items():
                rooms[show_id].replica.take_facts(facts)

    async def _publish_head_counts(self) -> None:
        now = self.clock.monotonic()
        for room in self.rooms:
            void = [
                key for key, (_, at) in room.head_counts.items() if now - at > HEAD_COUNT_VOID_S
            ]
            for key in void:
                del room.head_counts[key]
                room.editors_elsewhere.pop(key, None)
            count = room.hub.participants()
            sent, at = self._head_counts_sent.get(room.show_id, (-1, 0.0))
            if count == sent and now - at < HEAD_COUNT_REPEAT_S and not void:
                continue
            self._head_counts_sent[room.show_id] = (count, now)
            message = HeadCountPublished(node_id=self.node_id, participants=count)
            self.bus.publish(room.show_id, publication.encode(message))
            if count != sent or void:
                room.hub.state_changed("head_count")

    async def _forget_idle_voters(self) -> None:
        for room in self.rooms:
            room.forget_idle_voters()

    async def _unload_idle(self) -> None:
        now = self.clock.monotonic()
        for room in self.rooms:
            idle = room.users <= 0 and now - room.idle_since > limits.ROOM_IDLE_UNLOAD_S
            if idle and room.hub.participants() == 0:
                await self._unload(room)
