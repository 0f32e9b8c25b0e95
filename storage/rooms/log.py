"""The room's log on PostgreSQL: `rooms.ports.RoomLog`."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg
import structlog

from rooms import limits
from rooms.accuracy.rule import CLUSTER_DAYS
from rooms.epoch import epoch_of
from rooms.events import Event
from rooms.ports import (
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
    TurnRefused,
    Votes,
)
from rooms.show import ShowFacts
from storage.rooms import reading, records, turn_checks
from storage.rooms.epochs import Epochs
from storage.rooms.failures import drop, not_writing, uninterrupted, writing
from storage.rooms.holding import HOLD_ROUND
from storage.rooms.locked import PostgresLockedRoom
from storage.rooms.turn_arguments import call_of

ACQUIRE_TIMEOUT_S = 2.0
"""Wait for a free connection. A pool that is busy for longer is as good as unreachable."""

CALL_TIMEOUT_S = 5.0
"""Wait for one call. Beyond, a write's outcome counts as unknown and is asked for."""


log = structlog.get_logger(__name__)

_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text) is not None


class PostgresRoomLog:
    """The durable log and state of all rooms.

    Args:
        pool: connections whose statement and lock timeouts are bounded (`storage.database`).
    """

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool
        self._releases: set[asyncio.Task[None]] = set()
        self._epochs = Epochs()

    async def load(self, show_id: str) -> RoomRecord | None:
        """The room in one consistent read; its row is made when it is loaded for the first time."""
        row = await self._fetchrow(reading.LOAD, show_id)
        if row is not None and row["seq"] is None:
            try:
                await self._execute(reading.MAKE_ROOM, show_id)
            except OutcomeUnknown as error:  # made or not: the next load sees
                raise LogUnavailable(str(error)) from error
            row = await self._fetchrow(reading.LOAD, show_id)
        if row is None:
            return None
        return RoomRecord(
            show=await records.facts_of(row),
            epoch=epoch_of(row["epoch_base"], show_id),
            head=Head(row["seq"], row["state_version"]),
            snapshot_seq=row["snapshot_seq"],
            snapshot=row["snapshot"],
            document=row["document"],
            events=tuple(map(records.event_of, row["events"])),
            rounds=tuple(map(records.round_of, row["rounds"])),
            tallies=tuple(map(records.tally_of, row["tallies"])),
            reactions=records.counts_of(row["reactions"]),
            stance_counts=tuple(map(records.stance_count_of, row["stance_counts"])),
            bindings={client: str(participant) for client, participant in row["bindings"]},
        )

    async def append(self, turn: Turn) -> AppendOutcome:
        """Appends a turn by one call of ``append_turn``, which commits by itself."""
        turn_checks.check(turn)
        statement, arguments = call_of(turn)
        async with self._connection() as connection:
            await self._epochs.check(connection, turn)
            with writing():
                call = connection.fetchrow(statement, *arguments)
                row = await uninterrupted(connection, call, CALL_TIMEOUT_S)
        return records.outcome_of(row)

    def locked(self, show_id: str) -> AbstractAsyncContextManager[LockedRoom]:
        """Takes the room's lock for one turn."""
        return self._locked(show_id)

    @asynccontextmanager
    async def _locked(self, show_id: str) -> AsyncIterator[LockedRoom]:
        async with self._connection() as connection:
            room = PostgresLockedRoom(connection, show_id, self._epochs)
            await room.lock()
            try:
                yield room
            finally:
                await room.release()

    async def read_since(self, show_id: str, head: Head, participants: Collection[str]) -> Delta:
        """Everything after ``head``, as of one moment."""
        row = await self._fetchrow(
            reading.READ_SINCE, show_id, head.seq, head.state_version, list(participants)
        )
        if row is None:
            raise LogUnavailable("there is no such room")
        return records.delta_of(row)

    async def votes_of(self, show_id: str, participants: Collection[str]) -> Votes:
        """These participants' stances, and ballots in rounds that take votes or took them last."""
        row = await self._fetchrow(
            reading.VOTES_OF, show_id, list(participants), limits.OWN_ENDED_ROUNDS_MAX
        )
        assert row is not None, "a select without a table has one row"
        return Votes(
            ballots=tuple(map(records.ballot_of, row["ballots"])),
            stances=tuple(map(records.stance_of, row["stances"])),
        )

    async def replies_of(
        self, show_id: str, keys: Collection[tuple[str, str]]
    ) -> Iterable[ReplyRecord]:
        """Stored answers for (participant_id, command_id) keys."""
        authors = [participant_id for participant_id, _ in keys]
        commands = [command_id for _, command_id in keys]
        rows = await self._fetch(reading.REPLIES_OF, show_id, authors, commands)
        return [records.reply_of(row) for row in rows]

    async def roles_of(self, show_id: str, participants: Collection[str]) -> Mapping[str, str]:
        """Role of each of these participants of the show; unknown ones are absent."""
        # The ids come from commands, so they may be any text.
        rows = await self._fetch(reading.ROLES_OF, show_id, list(filter(_is_uuid, participants)))
        return {str(participant): role for participant, role in rows}

    async def standings_of(
        self, show_id: str, participants: Collection[str]
    ) -> Mapping[str, Standing]:
        """What is known of these participants of the show; unknown ones are absent."""
        rows = await self._fetch(reading.STANDINGS_OF, show_id, list(participants), CLUSTER_DAYS)
        standings = map(records.standing_of, rows)
        return {standing.participant_id: standing for standing in standings}

    async def songs_of(
        self, show_id: str, song_ids: Collection[str], titles: Collection[str]
    ) -> tuple[SongRecord, ...]:
        """Songs of the line-up's catalogue with one of these ids or normalised titles."""
        # Both come from commands; a text cannot hold U+0000, and no title of the catalogue does.
        ids = list(filter(_is_uuid, song_ids))
        asked = [title for title in titles if "\0" not in title]
        rows = await self._fetch(reading.SONGS_OF, show_id, ids, asked)
        return tuple(SongRecord(str(song_id), title, key) for song_id, title, key in rows)

    async def events_after(self, show_id: str, seq: int, limit: int) -> tuple[Event, ...]:
        """Up to ``limit`` events after ``seq``, in order."""
        rows = await self._fetch(reading.EVENTS_AFTER, show_id, seq, limit)
        return tuple(records.event_of(row[0]) for row in rows)

    async def heads(self, show_ids: Collection[str]) -> tuple[str, Mapping[str, Head]]:
        """The epoch's base and the heads of these rooms, in one query."""
        row = await self._fetchrow(reading.HEADS, list(show_ids))
        assert row is not None, "a select without a table has one row"
        heads = {str(show_id): Head(seq, version) for show_id, seq, version in row["heads"]}
        return row["epoch_base"], heads

    async def facts_of(self, show_ids: Collection[str]) -> Mapping[str, ShowFacts]:
        """What these shows are now, by id."""
        rows = await self._fetch(reading.FACTS, list(show_ids))
        facts = [await records.facts_of(row) for row in rows]
        return {show.show_id: show for show in facts}

    async def due_rounds(self, now: datetime) -> Iterable[tuple[str, str]]:
        """(show_id, round_id) of rounds, open or in grace, whose ``closes_at`` has passed."""
        rows = await self._fetch(reading.DUE_ROUNDS, now)
        return [(str(show_id), str(round_id)) for show_id, round_id in rows]

    async def hold_round(self, show_id: str, round_id: str, until: datetime) -> None:
        """Keeps a round from being closed by time, wherever the head is."""
        await self._execute(HOLD_ROUND, show_id, round_id, until)

    async def save_snapshot(self, show_id: str, snapshot: SnapshotRecord) -> None:
        """Stores a snapshot; an older one than the newest stored is ignored."""
        await self._execute(
            reading.SAVE_SNAPSHOT, show_id, snapshot.seq, snapshot.state, snapshot.document
        )

    async def database_time(self) -> datetime:
        """The database's clock, UTC."""
        row = await self._fetchrow("SELECT clock_timestamp() AS now")
        assert row is not None, "a select without a table has one row"
        now: datetime = row["now"]
        return now

    # --- calls -------------------------------------------------------------------------------

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        with not_writing():
            connection = await self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S)
        try:
            yield connection
        except TurnRefused:
            raise
        except BaseException:
            # Broken, cancelled or too slow: the next call gets another one.
            drop(connection)
            raise
        finally:
            # Not waited for: what is durable can be shown meanwhile, some turns of the loop
            # earlier, and nothing that goes wrong with giving a connection back is about it.
            task = asyncio.ensure_future(self._pool.release(connection))
            self._releases.add(task)
            task.add_done_callback(self._released)

    def _released(self, task: asyncio.Task[None]) -> None:
        self._releases.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("log_connection_not_released", error=type(error).__name__)

    async def _fetch(self, query: str, *arguments: object) -> list[Any]:
        async with self._connection() as connection:
            with not_writing():
                rows: list[Any] = await connection.fetch(query, *arguments, timeout=CALL_TIMEOUT_S)
        return rows

    async def _fetchrow(self, query: str, *arguments: object) -> Any | None:
        rows = await self._fetch(query, *arguments)
        return rows[0] if rows else None

    async def _execute(self, query: str, *arguments: object) -> None:
        async with self._connection() as connection:
            with writing():
                await connection.execute(query, *arguments, timeout=CALL_TIMEOUT_S)
