"""The effect ``archive_show`` on the real log: the final setlist, without what was struck."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from crdt.document import SetlistDocument
from crdt.schema import SetlistEntry
from jobs.performances.archiving import ArchiveShows
from jobs.performances.tasks import recount_statistics
from rooms.compaction import snapshot_of
from rooms.events import EntryConfirmed, Event, EventData, SetlistChanged, SetlistSealed
from rooms.outbox import Effect, EffectRefused
from rooms.ports import StanceKind, StanceRecord
from rooms.show import ShowStatus
from storage.database import Database, open_database
from storage.performances.nights import PostgresNights
from tests.contract.harness import PostgresUnderTest, RoomUnderTest, new_id

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await open_database(database_url, connections_max=4)
    yield opened
    await opened.close()


class Night:
    """An archived show with three entries: ``e1``, ``e2``, ``e3``."""

    def __init__(self, database: Database, room: RoomUnderTest) -> None:
        self.pool = database.pool
        self.room = room
        self.document = SetlistDocument()
        self.handler = ArchiveShows(room.log, PostgresNights(database.pool))

    async def write(self, change: Callable[[Any], None]) -> None:
        """One edit of the setlist, in the log."""
        await self.say(
            SetlistChanged(new_id(), "Ann", ()), update=self.document.write(lambda _: change(None))
        )

    async def say(self, data: EventData, **more: Any) -> None:
        """One event in the log."""
        self.room.at = max(self.room.at, NOW)
        event = Event(self.room.head.seq + 1, self.room.at, data, new_id(), **more)
        await self.room.append(events=(event,))

    async def rate(self, entry_id: str, value: int, people: int = 10) -> None:
        """So many people say the same."""
        stances = tuple(
            StanceRecord(StanceKind.RATING, entry_id, new_id(), value, "1.000", NOW)
            for _ in range(people)
        )
        await self.room.append(stances=stances)

    async def archive(self) -> list[str]:
        """Delivers the effect; what is then listed."""
        show_id = self.room.show_id
        await self.handler(Effect(new_id(), "archive_show", "x", {"show_id": show_id}, NOW, 1))
        rows = await self.pool.fetch(
            "SELECT entry_id FROM performances WHERE show_id = $1 ORDER BY ordinal", show_id
        )
        return [row["entry_id"] for row in rows]


@pytest.fixture
async def night(database: Database) -> Night:
    night = Night(database, await PostgresUnderTest(database).room(ShowStatus.ARCHIVED))

    def three(_: Any) -> None:
        for number in (1, 2, 3):
            entry = SetlistEntry(id=f"e{number}", title=f"Song {number}", position=f"V{number}")
            night.document.put_entry(entry)

    await night.write(three)
    return night


async def test_the_whole_list_is_archived_as_the_log_has_it(night: Night) -> None:
    assert await night.archive() == ["e1", "e2", "e3"]

    def remove(_: Any) -> None:
        del night.document.root["e2"]

    await night.write(remove)
    assert await night.archive() == ["e1", "e3"]


async def test_what_the_ratings_struck_was_not_played(night: Night) -> None:
    await night.rate("e2", -1)
    await night.rate("e3", 1)
    assert await night.archive() == ["e1", "e3"]


@pytest.mark.parametrize(
    "word",
    [EntryConfirmed("e2", new_id()), SetlistSealed(new_id(), ("e1", "e2", "e3"))],
    ids=["crew vouched", "the artist sealed"],
)
async def test_what_crew_or_the_artist_stand_for_was_played_whatever_the_ratings_say(
    night: Night, word: EventData
) -> None:
    await night.rate("e2", -1)
    await night.say(word)
    assert await night.archive() == ["e1", "e2", "e3"]


async def test_a_room_read_from_its_snapshot_gives_the_same(night: Night) -> None:
    record = await night.room.log.load(night.room.show_id)
    assert record is not None
    await night.room.log.save_snapshot(night.room.show_id, snapshot_of(record))
    assert await night.archive() == ["e1", "e2", "e3"]
    # Snapshots only speed up loading: the log they were made from stays.
    count = "SELECT count(*) FROM room_events WHERE show_id = $1"
    assert await night.pool.fetchval(count, night.room.show_id) == record.head.seq


async def test_a_show_that_is_not_there_or_not_archived_is_refused_for_good(
    night: Night, database: Database
) -> None:
    live = await PostgresUnderTest(database).room()
    for show_id in (live.show_id, new_id()):
        with pytest.raises(EffectRefused):
            await night.handler(Effect(new_id(), "archive_show", "x", {"show_id": show_id}, NOW, 1))


async def test_a_recount_says_how_much_it_corrected() -> None:
    class Statistics:
        async def recount(self) -> int:
            return 3

    assert await recount_statistics(Statistics()) == 3
