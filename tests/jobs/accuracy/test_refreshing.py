"""Ratings of rooms that are on are brought up to the weights and clusters of now."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from jobs.accuracy import refreshing
from jobs.accuracy.refreshing import refresh_room, refresh_rooms
from rooms.accuracy.confidence import judge
from rooms.accuracy.rule import RULE_VERSION
from rooms.ports import LockedRoom, Turn
from storage.database import Database, open_database
from storage.rooms.log import PostgresRoomLog
from tests.contract.harness import new_id
from tests.jobs.accuracy.nights import NOW, FixedClock, Night


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await open_database(database_url, connections_max=4)
    yield opened
    await opened.close()


async def refresh(night: Night) -> int:
    return await refresh_rooms(night.clusters, night.log, FixedClock())


async def test_account_and_check_in_weigh(database: Database) -> None:
    night = await Night.live(database, "Ripple")
    await night.rate(await night.person("guest", guest=True), 1)
    await night.rate(await night.person("user"), 1)
    await night.rate(await night.person("there", checked_in=True), -1)
    await night.rate(await night.person("guest there", guest=True, checked_in=True), -1)
    assert await night.counts() == {
        (1, "0.500"): 1,
        (1, "1.000"): 1,
        (-1, "1.250"): 1,
        (-1, "0.625"): 1,
    }


async def test_who_checks_in_later_weighs_more_later(database: Database) -> None:
    night = await Night.live(database, "Ripple")
    fan = await night.person("fan")
    await night.rate(fan, 1)
    assert await refresh(night) == 0
    await database.pool.execute("UPDATE attendees SET checked_in_at = now()")
    assert await refresh_room(night.show_id, night.clusters, night.log, FixedClock()) == 1
    assert await night.counts() == {(1, "1.250"): 1}
    kept = await night.rating(fan)
    assert (kept.value, kept.cast_at) == (1, night.at)


async def test_a_room_in_which_nothing_changed_is_passed_over(database: Database) -> None:
    night = await Night.live(database, "Ripple")
    await night.rate(await night.person("fan"), 1)
    assert await night.clusters.due(RULE_VERSION, 10) == [night.show_id]
    await refresh(night)
    assert await night.clusters.due(RULE_VERSION, 10) == []
    await night.rate(await night.person("another"), 1)
    assert await night.clusters.due(RULE_VERSION, 10) == [night.show_id]


async def test_a_new_rule_looks_at_every_room_that_is_on(database: Database) -> None:
    night = await Night.live(database, "Ripple")
    await night.rate(await night.person("fan"), 1)
    await refresh(night)
    assert await night.clusters.due(RULE_VERSION + 1, 10) == [night.show_id]


async def test_one_device_counts_as_one_cluster(database: Database) -> None:
    night = await Night.live(database, "Ripple")
    device = new_id()
    for number in range(8):
        await night.rate(await night.person(f"fan{number}", device_id=device), 1)
    before = await night.counts()
    assert sum(before.values()) == 8
    assert await refresh(night) > 0
    after = await night.counts()
    assert list(after.values()) == [8]
    assert judge(after).weight == pytest.approx(3.0)


async def test_the_second_on_a_device_is_in_its_cluster_at_once(database: Database) -> None:
    night = await Night.live(database, "Ripple")
    device = new_id()
    people = [await night.person(f"fan{number}", device_id=device) for number in range(2)]
    standings = await night.log.standings_of(night.show_id, [who.participant_id for who in people])
    assert len({standings[who.participant_id].cluster for who in people}) == 1
    assert standings[people[0].participant_id].cluster is not None


async def test_those_who_dissent_together_are_found_and_stay_found(database: Database) -> None:
    night = await Night.live(database, *(f"Song {number}" for number in range(1, 13)))
    entries = [f"e{number}" for number in range(1, 13)]
    for number in range(20):
        fan = await night.person(f"fan{number}", made_at=NOW - timedelta(days=number))
        for entry_id in entries[:6] if number % 2 else entries[6:]:
            await night.rate(fan, 1, entry_id)
    gang = [
        await night.person(f"gang{number}", made_at=NOW - timedelta(days=90, seconds=number))
        for number in range(4)
    ]
    for one in gang:
        for entry_id in entries:
            await night.rate(one, -1, entry_id)
    assert await refresh(night) == 4 * len(entries)
    classes = {(await night.rating(one)).voter_class for one in gang}
    assert len(classes) == 1 and "@" in classes.pop()

    tomorrow = await Night.live(database, "Another night")
    again = await tomorrow.person("gang", account_id=gang[0].account_id)
    standings = await tomorrow.log.standings_of(tomorrow.show_id, [again.participant_id])
    assert standings[again.participant_id].cluster is not None
    await database.pool.execute(
        "UPDATE account_clusters SET found_at = now() - interval '181 days'"
    )
    standings = await tomorrow.log.standings_of(tomorrow.show_id, [again.participant_id])
    assert standings[again.participant_id].cluster is None


class Busy(PostgresRoomLog):
    """A log in which somebody else is quicker, a few times."""

    def __init__(self, database: Database, times: int, **said: Any) -> None:
        super().__init__(database.pool)
        self.times = times
        self.said = said

    @asynccontextmanager
    async def _locked(self, show_id: str) -> AsyncIterator[LockedRoom]:
        if self.times:
            self.times -= 1
            record = await self.load(show_id)
            assert record is not None
            await self.append(Turn(show_id, record.head, **self.said))
        async with super()._locked(show_id) as room:
            yield room


async def test_a_room_that_never_rests_is_brought_up_to_date_as_well(database: Database) -> None:
    night = await Night.live(database, "Ripple")
    await night.rate(await night.person("fan"), 1)
    await database.pool.execute("UPDATE attendees SET checked_in_at = now()")
    busy = Busy(database, 1_000, reactions={"love": 1})
    assert await refresh_room(night.show_id, night.clusters, busy, FixedClock()) == 1
    assert await night.counts() == {(1, "1.250"): 1}
    assert await night.clusters.due(RULE_VERSION, 10) == []


async def test_who_changes_a_rating_meanwhile_is_not_overruled(database: Database) -> None:
    night = await Night.live(database, "Ripple")
    fan = await night.person("fan")
    await night.rate(fan, 1)
    await database.pool.execute("UPDATE attendees SET checked_in_at = now()")
    (given,) = (await night.log.votes_of(night.show_id, [fan.participant_id])).stances
    other = replace(given, value=-1, version=0)
    busy = Busy(database, 2, stances=(other,))
    assert await refresh_room(night.show_id, night.clusters, busy, FixedClock()) == 1
    assert await night.counts() == {(-1, "1.250"): 1}
    never = Busy(database, 1_000, stances=(replace(other, voter_class="1.250"),))
    await database.pool.execute("UPDATE attendees SET checked_in_at = NULL")
    assert await refresh_room(night.show_id, night.clusters, never, FixedClock()) == 0
    assert await refresh_room(night.show_id, night.clusters, night.log, FixedClock()) == 1


async def test_many_ratings_are_counted_anew_in_turns_of_bounded_size(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refreshing, "TURN_COMMANDS_MAX", 2)
    night = await Night.live(database, *(f"Song {number}" for number in range(1, 6)))
    fan = await night.person("fan")
    for number in range(1, 6):
        await night.rate(fan, 1, f"e{number}")
    await database.pool.execute("UPDATE attendees SET checked_in_at = now()")
    assert await refresh_room(night.show_id, night.clusters, night.log, FixedClock()) == 5
    assert await night.counts("e5") == {(1, "1.250"): 1}
