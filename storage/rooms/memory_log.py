"""The room's log in memory, for tests and simulations: the same promises, nothing durable.

Passes the contract suite that the PostgreSQL log passes (``tests/contract``). A turn is applied
to a copy that replaces the room at the end: all or nothing by construction.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime

from rooms import limits
from rooms.epoch import epoch_of
from rooms.events import Event
from rooms.ports import (
    AnotherLog,
    Appended,
    AppendOutcome,
    Delta,
    Head,
    LockedRoom,
    LogUnavailable,
    OutcomeUnknown,
    ReplyRecord,
    RoomRecord,
    SnapshotRecord,
    SongRecord,
    Standing,
    Turn,
    Votes,
)
from rooms.show import ShowFacts
from storage.rooms import turn_checks
from storage.rooms.memory_room import MemoryRoom


class MemoryRoomLog:
    """All rooms of one pretended database; shared by the nodes of a simulation.

    Args:
        now: the database's clock.

    Attributes:
        before_commit, after_commit: called with each turn around its commit; one that raises
            makes the caller see `OutcomeUnknown`, before the turn is in or after.
        available: while False every call raises `LogUnavailable`.
    """

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._rooms: dict[str, MemoryRoom] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self.epoch_base = "memory"
        self.available = True
        self.before_commit: Callable[[Turn], None] = _nothing
        self.after_commit: Callable[[Turn], None] = _nothing

    def add_show(self, facts: ShowFacts, roles: Mapping[str, str] | None = None) -> None:
        """Makes a show, with the roles of its participants."""
        self._rooms[facts.show_id] = MemoryRoom(facts, dict(roles or {}))
        self._locks[facts.show_id] = asyncio.Lock()

    def room(self, show_id: str) -> MemoryRoom:
        """What is stored, for assertions."""
        return self._rooms[show_id]

    # --- the port ----------------------------------------------------------------------------

    async def load(self, show_id: str) -> RoomRecord | None:
        """The room, or ``None`` if there is no such show."""
        self._reach()
        room = self._rooms.get(show_id)
        return None if room is None else room.record(epoch_of(self.epoch_base, show_id))

    async def append(self, turn: Turn) -> AppendOutcome:
        """Appends a turn if the head is still ``turn.expected``."""
        turn_checks.check(turn)
        async with self._lock(turn.show_id):
            self._check_epoch(turn)
            return self._append(turn)

    def locked(self, show_id: str) -> AbstractAsyncContextManager[LockedRoom]:
        """Takes the room's lock for one turn."""
        return self._locked(show_id)

    async def read_since(self, show_id: str, head: Head, participants: Collection[str]) -> Delta:
        """Everything after ``head``."""
        self._reach()
        return self._known(show_id).since(head, participants)

    async def votes_of(self, show_id: str, participants: Collection[str]) -> Votes:
        """These participants' stances, and ballots in rounds that are open or in grace."""
        self._reach()
        return self._known(show_id).votes_of(participants)

    async def replies_of(
        self, show_id: str, keys: Collection[tuple[str, str]]
    ) -> Iterable[ReplyRecord]:
        """Stored answers for (participant_id, command_id) keys."""
        self._reach()
        replies = self._known(show_id).replies
        return [replies[key] for key in keys if key in replies]

    async def roles_of(self, show_id: str, participants: Collection[str]) -> Mapping[str, str]:
        """Role of each of these participants of the show; unknown ones are absent."""
        self._reach()
        roles = self._known(show_id).roles
        return {who: roles[who] for who in participants if who in roles}

    async def standings_of(
        self, show_id: str, participants: Collection[str]
    ) -> Mapping[str, Standing]:
        """What is known of these participants of the show; unknown ones are absent."""
        self._reach()
        room = self._known(show_id)
        return {who: room.standing(who) for who in participants if who in room.roles}

    async def songs_of(
        self, show_id: str, song_ids: Collection[str], titles: Collection[str]
    ) -> tuple[SongRecord, ...]:
        """Songs of the line-up's catalogue with one of these ids or normalised titles."""
        self._reach()
        return tuple(
            song
            for song in self._known(show_id).songs
            if song.song_id in song_ids or song.normalised_title in titles
        )

    async def events_after(self, show_id: str, seq: int, limit: int) -> tuple[Event, ...]:
        """Up to ``limit`` events after ``seq``, in order."""
        self._reach()
        return tuple(self._known(show_id).events[seq : seq + limit])

    async def heads(self, show_ids: Collection[str]) -> tuple[str, Mapping[str, Head]]:
        """The epoch's base and the heads of these rooms."""
        self._reach()
        heads = {key: self._rooms[key].head for key in show_ids if key in self._rooms}
        return self.epoch_base, heads

    async def facts_of(self, show_ids: Collection[str]) -> Mapping[str, ShowFacts]:
        """What these shows are now, by id."""
        self._reach()
        return {
            show_id: self._rooms[show_id].facts for show_id in show_ids if show_id in self._rooms
        }

    async def due_rounds(self, now: datetime) -> Iterable[tuple[str, str]]:
        """(show_id, round_id) of rounds, open or in grace, whose ``closes_at`` has passed."""
        self._reach()
        return [
            (show_id, record.round_id)
            for show_id, room in self._rooms.items()
            for record, _ in room.rounds.values()
            if record.status in ("open", "grace")
            and record.closes_at is not None
            and record.closes_at <= now
        ]

    async def hold_round(self, show_id: str, round_id: str, until: datetime) -> None:
        """Keeps a round from being closed by time, wherever the head is."""
        async with self._lock(show_id):
            self._reach()
            following = copy.copy(self._known(show_id))
            if following.hold(round_id, until):
                self._rooms[show_id] = following

    async def save_snapshot(self, show_id: str, snapshot: SnapshotRecord) -> None:
        """Stores a snapshot; an older one than the newest stored is ignored."""
        self._reach()
        room = self._known(show_id)
        if room.snapshot is None or room.snapshot.seq < snapshot.seq:
            room.snapshot = snapshot

    async def database_time(self) -> datetime:
        """The pretended database's clock, UTC."""
        self._reach()
        return self._now()

    # --- inside ------------------------------------------------------------------------------

    def _reach(self) -> None:
        if not self.available:
            raise LogUnavailable("switched off")

    def _known(self, show_id: str) -> MemoryRoom:
        room = self._rooms.get(show_id)
        if room is None:
            raise LogUnavailable("there is no such room")
        return room

    def _check_epoch(self, turn: Turn) -> None:
        if turn.epoch and turn.epoch != epoch_of(self.epoch_base, turn.show_id):
            raise AnotherLog("decided upon a log that is no longer this one")

    def _append(self, turn: Turn) -> AppendOutcome:
        self._reach()
        room = self._known(turn.show_id)
        refusal = room.refuse(turn)
        if refusal is not None:
            return refusal
        following = copy.copy(room)
        appended: Appended = following.apply(turn)
        self._call(self.before_commit, turn)
        self._rooms[turn.show_id] = following
        self._call(self.after_commit, turn)
        return appended

    def _call(self, hook: Callable[[Turn], None], turn: Turn) -> None:
        try:
            hook(turn)
        except Exception as error:
            raise OutcomeUnknown(str(error)) from error

    @asynccontextmanager
    async def _lock(self, show_id: str) -> AsyncIterator[None]:
        self._reach()
        self._known(show_id)
        lock = self._locks[show_id]
        try:
            async with asyncio.timeout(limits.TURN_LOCK_TIMEOUT_MS / 1000):
                await lock.acquire()
        except TimeoutError:
            raise LogUnavailable("the lock was not had in time") from None
        try:
            yield
        finally:
            lock.release()

    @asynccontextmanager
    async def _locked(self, show_id: str) -> AsyncIterator[LockedRoom]:
        async with self._lock(show_id):
            yield _MemoryLockedRoom(self, show_id)


class _MemoryLockedRoom:
    def __init__(self, room_log: MemoryRoomLog, show_id: str) -> None:
        self._log = room_log
        self._show_id = show_id
        self._done = False

    async def read_since(self, head: Head, participants: Collection[str]) -> Delta:
        """Everything after ``head``."""
        return await self._log.read_since(self._show_id, head, participants)

    async def append(self, turn: Turn) -> AppendOutcome:
        """Appends and so ends the turn."""
        if self._done:
            raise LogUnavailable("the lock has been released")
        turn_checks.check(turn)
        self._log._check_epoch(turn)
        outcome = self._log._append(turn)
        self._done = isinstance(outcome, Appended)
        return outcome


def _nothing(turn: Turn) -> None:
    """No fault."""
