"""All rooms of one process: loading, healing, timers, head counts, unloading.

Redis may lose anything at any time; what was missed is found here, by comparing heads with the
log every `limits.HEAL_INTERVAL_S` seconds, in one query for all rooms.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence

import structlog

from rooms import limits, publication
from rooms.displays.logins import display_of
from rooms.errors import unknown
from rooms.healing import Healing
from rooms.late_turns import LOOK_INTERVAL_S, LateTurns
from rooms.messages import CloseCode
from rooms.meters import Totals
from rooms.moderation.matching import NO_LISTS, WordMatcher
from rooms.ports import Clock, LogUnavailable, NewId, RoomBus, RoomLog
from rooms.publication import (
    AwarenessPublished,
    HeadCountPublished,
    NamesChanged,
    SessionRevoked,
    SocketOpened,
    SocketsOpened,
    TurnPublished,
    UnknownKind,
)
from rooms.pulse.beats import Beat
from rooms.room import Room
from rooms.show import ShowFacts
from rooms.tasks import end
from rooms.timers import DueRounds
from rooms.tracing import TRACE_CHARACTERS_MAX, Tracing

log = structlog.get_logger(__name__)

BEAT_INTERVAL_S = 1.0
BEAT_REPEAT_S = 5.0
BEAT_VOID_S = 15.0
FACTS_INTERVAL_S = 5.0
"""Titles and line-ups are edited beside the log, and seldom."""

EVERYWHERE = "*"
"""The channel for what concerns all rooms of a node (revoked sessions)."""


class Node:
    """Registry of the rooms loaded in this process.

    Attributes:
        node_id: unique per process start.
        heard: messages of other nodes, since the start.
    """

    def __init__(
        self,
        *,
        node_id: str,
        room_log: RoomLog,
        bus: RoomBus,
        clock: Clock,
        new_id: NewId,
        words: WordMatcher = NO_LISTS,
        tracing: Tracing | None = None,
    ) -> None:
        self.node_id = node_id
        self.clock = clock
        self.new_id = new_id
        self.heard = 0
        self._words = words
        self._tracing = tracing
        self._ended = Totals()
        self.bus = bus
        self.room_log = room_log
        self._rooms: dict[str, Room] = {}
        self._loading: dict[str, asyncio.Task[Room]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._beats_sent: dict[str, tuple[Beat, float]] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._healing = Healing(lambda: self.rooms, room_log, self._let_go)
        self._due_rounds = DueRounds(self)
        self._late_turns = LateTurns(lambda: self.rooms, room_log, clock)

    # --- rooms --------------------------------------------------------------------------------

    @property
    def rooms(self) -> list[Room]:
        """The rooms loaded now."""
        return list(self._rooms.values())

    def totals(self) -> Totals:
        """What the rooms of this node did since its start, those that are unloaded included."""
        totals = Totals()
        totals.turns.add(self._ended.turns)
        totals.commands = self._ended.commands
        totals.deliveries = self._ended.deliveries
        totals.slow_closed = self._ended.slow_closed
        for room in self._rooms.values():
            totals.add(room.meter, room.hub.deliveries, room.hub.slow_closed)
        return totals

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
            words=self._words,
            tracing=self._tracing,
        )
        room.start()
        replaced = self._rooms.get(show_id)
        if replaced is not None:
            replaced.hub.stop()
            self._remember(replaced)
        self._rooms[show_id] = room
        return room

    def _let_go(self, room: Room) -> None:
        """Unloads a room without waiting for what it still has to finish."""
        self._forget(room)
        leaving = asyncio.create_task(self._unload(room))
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

    def _forget(self, room: Room) -> None:
        if self._rooms.get(room.show_id) is room:
            del self._rooms[room.show_id]
            self._remember(room)
        self._beats_sent.pop(room.show_id, None)

    async def _unload(self, room: Room) -> None:
        self._forget(room)
        await room.stop()
        if room.show_id not in self._rooms and room.show_id not in self._loading:
            await self.bus.unsubscribe(room.show_id)

    def _remember(self, room: Room) -> None:
        self._ended.add(room.meter, room.hub.deliveries, room.hub.slow_closed)

    # --- life ---------------------------------------------------------------------------------

    async def start(self) -> None:
        """Begins to listen, heal and keep time."""
        self.bus.on_message(self._hear)
        await self.bus.subscribe(EVERYWHERE)
        for work, interval_s in (
            (self._heal, limits.HEAL_INTERVAL_S),
            (self._due_rounds.close, 0.25),
            (self._late_turns.look, LOOK_INTERVAL_S),
            (self._publish_beats, BEAT_INTERVAL_S),
            (self._refresh_facts, FACTS_INTERVAL_S),
            (self._unload_idle, 5.0),
            (self._forget_idle_voters, limits.ROOM_IDLE_UNLOAD_S),
        ):
            self._tasks.append(asyncio.create_task(self._repeat(work, interval_s)))
        self._tasks.append(asyncio.create_task(self._healing.follow_lapses()))

    async def stop(self) -> None:
        """Finishes every room's inbox and ends. Connections are the door's to close first."""
        await end(self._tasks)
        self._tasks.clear()
        await self._due_rounds.stop()
        for room in self.rooms:
            self._let_go(room)
        while self._leaving:
            await asyncio.wait(list(self._leaving))
        await self._late_turns.stop()

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
        self.heard += 1
        try:
            if publication.is_by(message, self.node_id):
                return
            heard = publication.decode(message)
        except Exception as error:
            log.warning("bus_message_unreadable", error=type(error).__name__)
            return
        if isinstance(heard, UnknownKind):
            log.info("bus_message_unknown", kind=heard.kind)
            return
        if show_id == EVERYWHERE:
            if isinstance(heard, SessionRevoked):
                self.revoke(heard.session_id, heard.participant_id)
            if isinstance(heard, NamesChanged):
                self.rename(heard.names)
            return
        room = self._rooms.get(show_id)
        if room is None:
            return
        match heard:
            case TurnPublished():
                self._take_over(room, heard)
            case HeadCountPublished():
                beat = Beat(heard.participants, heard.doors, heard.votes_per_s)
                known, _ = room.beats_elsewhere.get(heard.node_id, (Beat(), 0.0))
                room.beats_elsewhere[heard.node_id] = (beat, self.clock.monotonic())
                if known.participants != beat.participants:
                    room.hub.state_changed("head_count")
            case AwarenessPublished():
                room.editors_elsewhere[heard.node_id] = heard.editors
                room.hub.awareness(heard.frame, heard.node_id)
            case SocketOpened():
                room.hub.close_ticket(heard.ticket_id)
            case SocketsOpened():
                for ticket_id in heard.ticket_ids:
                    room.hub.close_ticket(ticket_id)
            case SessionRevoked():
                self.revoke(heard.session_id, heard.participant_id)

    def _take_over(self, room: Room, heard: TurnPublished) -> None:
        trace = heard.trace
        if self._tracing is None or not isinstance(trace, str) or len(trace) > TRACE_CHARACTERS_MAX:
            room.hear(heard)
            return
        with self._tracing.heard(room.show_id, trace):
            room.hear(heard)

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

    def rename(self, names: Mapping[str, str]) -> None:
        """Calls participants by other names in what this node's rooms remember."""
        for room in self.rooms:
            room.rename(names)

    def publish_renamed(self, names: Mapping[str, str]) -> None:
        """Tells every node, this one included, what participants are called now."""
        self.rename(names)
        self.bus.publish(EVERYWHERE, publication.encode(NamesChanged(names=names)))

    # --- upkeep -------------------------------------------------------------------------------

    async def _heal(self) -> None:
        await self._healing.compare()

    def lapsed(self, show_id: str) -> None:
        """The bus did not hear this room for a while, and hears it again."""
        self._healing.lapsed(show_id)

    async def _refresh_facts(self) -> None:
        rooms = {room.show_id: room for room in self.rooms}
        if not rooms:
            return
        try:
            facts = await self.room_log.facts_of(list(rooms))
        except LogUnavailable:
            raise
        except Exception:
            facts = await self._facts_one_by_one(list(rooms))
        for show_id, known in facts.items():
            rooms[show_id].replica.take_facts(known)

    async def _facts_one_by_one(self, show_ids: Sequence[str]) -> dict[str, ShowFacts]:
        """One show that cannot be read keeps its own facts, and nobody else's."""
        facts: dict[str, ShowFacts] = {}
        for show_id in show_ids:
            try:
                facts.update(await self.room_log.facts_of([show_id]))
            except LogUnavailable:
                raise
            except Exception as error:
                log.exception("show_unreadable", show_id=show_id, error=type(error).__name__)
        return facts

    async def _publish_beats(self) -> None:
        self._for_each(self._beat)

    def _beat(self, room: Room) -> None:
        now = self.clock.monotonic()
        elsewhere = room.beats_elsewhere
        void = [key for key, (_, at) in elsewhere.items() if now - at > BEAT_VOID_S]
        for key in void:
            del elsewhere[key]
            room.editors_elsewhere.pop(key, None)
        beat = room.beats.own()
        sent, at = self._beats_sent.get(room.show_id, (None, 0.0))
        if beat != sent or now - at >= BEAT_REPEAT_S:
            self._beats_sent[room.show_id] = (beat, now)
            self.bus.publish(room.show_id, publication.encode(self._told(beat)))
        if void or sent is None or beat.participants != sent.participants:
            room.hub.state_changed("head_count")
        room.beats.tell()

    def _told(self, beat: Beat) -> HeadCountPublished:
        return HeadCountPublished(
            node_id=self.node_id,
            participants=beat.participants,
            doors=beat.doors,
            votes_per_s=beat.votes_per_s,
        )

    async def _forget_idle_voters(self) -> None:
        self._for_each(Room.forget_idle_voters)

    async def _unload_idle(self) -> None:
        now = self.clock.monotonic()
        for room in self.rooms:
            idle = room.users <= 0 and now - room.idle_since > limits.ROOM_IDLE_UNLOAD_S
            if idle and room.hub.participants() == 0:
                self._let_go(room)

    def _for_each(self, work: Callable[[Room], None]) -> None:
        """Does it to every room; what one room cannot bear is kept from the others."""
        for room in self.rooms:
            try:
                work(room)
            except Exception as error:
                log.exception(
                    "room_upkeep_failed",
                    show_id=room.show_id,
                    work=work.__name__,
                    error=type(error).__name__,
                )
