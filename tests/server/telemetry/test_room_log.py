"""Every turn's way to durability is timed, whichever way it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from rooms.meters import Times
from rooms.ports import Appended, Lost, Turn
from server.telemetry.room_log import WatchedRoomLog
from storage.database import open_database
from tests.contract.harness import PostgresUnderTest


class Told:
    """Stands for traces: the outcomes of what it was put around."""

    def __init__(self) -> None:
        self.outcomes: list[object] = []

    @contextmanager
    def commit(self, turn: Turn) -> Iterator[Callable[[object], None]]:
        yield self.outcomes.append


@pytest.mark.parametrize("traced", [False, True])
async def test_turns_under_the_rooms_lock_are_timed_and_traced_like_all_others(
    database_url: str, traced: bool
) -> None:
    database = await open_database(database_url, connections_max=4)
    try:
        under_test, commits, told = PostgresUnderTest(database), Times(), Told()
        under_test.log = WatchedRoomLog(database.pool, commits, told if traced else None)
        room = await under_test.room()
        late = room.turn(events=room.chat("late"))
        await room.append(events=room.chat("first"))
        assert sum(commits.counts) == 1
        async with room.log.locked(room.show_id) as locked:
            assert (await locked.read_since(room.head, [])).head == room.head
            assert sum(commits.counts) == 1
            appended = await locked.append(room.turn(events=room.chat("under the lock")))
        assert isinstance(appended, Appended)
        assert sum(commits.counts) == 2
        assert commits.sum_s > 0
        assert isinstance(await room.log.append(late), Lost)
        assert sum(commits.counts) == 3
        assert len(told.outcomes) == (3 if traced else 0)
    finally:
        await database.close()
