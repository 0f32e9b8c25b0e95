"""Settling on the real database: what moves a reputation, and what does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from jobs.accuracy import settling
from jobs.accuracy.settling import SettleRatings, follow_the_rule, settle_show
from rooms.accuracy.ports import RatedShow
from rooms.accuracy.settlement import Authority, EntryVerdict, Settlement
from rooms.accuracy.timeline import Song
from rooms.accuracy.weights import UNKNOWN
from rooms.commands import ConfirmEntry, SealSetlist, UnsealSetlist
from rooms.outbox import SETTLE_RATINGS, EffectRefused
from rooms.participants import Role
from storage.accuracy import settlements as stored
from storage.accuracy.reputations import PostgresReputations, PostgresVerdicts
from storage.database import Database, open_database
from storage.outbox.outbox import PostgresOutbox
from tests.jobs.accuracy.nights import NOW, Night


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await open_database(database_url, connections_max=4)
    yield opened
    await opened.close()


async def settle(night: Night) -> int:
    return await settle_show(night.show_id, night.settlements, night.at)


async def test_the_seal_moves_reputations(database: Database) -> None:
    night = await Night.live(database, "Ripple", "Morning Dew")
    right, wrong = await night.person("right"), await night.person("wrong")
    await night.rate(right, 1, "e1")
    await night.rate(right, 1, "e2")
    await night.rate(wrong, -1, "e1")
    await night.give(night.artist, SealSetlist())
    assert await settle(night) == 2
    reputations = PostgresReputations(database.pool)
    found = await reputations.of(right.account_id)
    assert (found.agreements, found.disagreements) == (pytest.approx(2), 0)
    found = await reputations.of(wrong.account_id)
    assert (found.agreements, found.disagreements) == (0, pytest.approx(1))
    standings = await night.log.standings_of(night.show_id, [right.participant_id])
    assert standings[right.participant_id].weight > 1.25


async def test_settling_again_changes_nothing(database: Database) -> None:
    night = await Night.live(database, "Ripple")
    fan = await night.person("fan")
    await night.rate(fan, 1)
    await night.give(night.artist, SealSetlist())
    assert [await settle(night) for _ in range(3)] == [1, 0, 0]


async def test_the_room_asks_for_it_and_the_relay_finds_it(database: Database) -> None:
    night = await Night.live(database, "Ripple")
    fan = await night.person("fan")
    await night.rate(fan, 1)
    await night.give(night.artist, SealSetlist())
    effect = await PostgresOutbox(database.pool).lease([SETTLE_RATINGS])
    assert effect is not None
    await SettleRatings(night.log, night.settlements)(effect)
    assert await night.settled() == {(fan.account_id, "e1"): (True, "seal")}


async def test_an_effect_that_names_no_show_is_refused(database: Database) -> None:
    night = await Night.live(database, "Ripple")
    await night.give(night.artist, SealSetlist())
    effect = await PostgresOutbox(database.pool).lease([SETTLE_RATINGS])
    assert effect is not None
    broken = type(effect)(
        effect.effect_id, effect.kind, effect.dedupe_key, {}, effect.created_at, 1
    )
    with pytest.raises(EffectRefused):
        await SettleRatings(night.log, night.settlements)(broken)


async def test_a_seal_that_is_taken_off_takes_back_what_it_settled(database: Database) -> None:
    night = await Night.live(database, "Ripple")
    fan = await night.person("fan")
    await night.rate(fan, 1)
    await night.give(night.artist, SealSetlist())
    await settle(night)
    await night.give(night.artist, UnsealSetlist())
    assert await settle(night) == 1
    assert await night.settled() == {}
    found = await PostgresReputations(database.pool).of(fan.account_id)
    assert (found.agreements, found.disagreements) == (0, 0)


async def test_votes_alone_settle_nothing(database: Database) -> None:
    night = await Night.live(database, "Ripple")
    for number in range(6):
        await night.rate(await night.person(f"fan{number}"), 1)
    assert await settle(night) == 0


async def test_crew_settles_an_entry_and_takes_it_back(database: Database) -> None:
    night = await Night.live(database, "Ripple", "Morning Dew")
    fan, curator = await night.person("fan"), await night.person("cura", Role.CURATOR)
    for entry_id in ("e1", "e2"):
        await night.rate(fan, -1, entry_id)
        await night.rate(curator, 1, entry_id)
    await night.give(curator, ConfirmEntry("e1"))
    await settle(night)
    assert await night.settled() == {(fan.account_id, "e1"): (False, "curator")}
    await night.give(curator, ConfirmEntry("e1", confirmed=False))
    await settle(night)
    assert await night.settled() == {}


async def test_a_corrected_title_settles_by_what_stood_there(database: Database) -> None:
    night = await Night.live(database, "Dark Hollow")
    early, late = await night.person("early"), await night.person("late")
    await night.rate(early, -1)
    await night.edit(night.phone.rename("e1", "Dark Star"))
    await night.rate(late, 1)
    await night.give(night.artist, SealSetlist())
    await settle(night)
    assert await night.settled() == {
        (early.account_id, "e1"): (True, "seal"),
        (late.account_id, "e1"): (True, "seal"),
    }
    history = await PostgresReputations(database.pool).history(early.account_id, None, 10)
    assert [one.settlement.title for one in history] == ["Dark Hollow"]


async def test_a_source_settles_one_entry_once(database: Database) -> None:
    night = await Night.live(database, "Ripple", "Morning Dew")
    fan, curator = await night.person("fan"), await night.person("cura", Role.CURATOR)
    await night.rate(fan, 1, "e1")
    await night.rate(fan, 1, "e2")
    verdicts = PostgresVerdicts(database.pool)
    assert await verdicts.song_in(night.show_id, "e1") == Song("Ripple")
    assert await verdicts.song_in(night.show_id, "e9") is None
    said = EntryVerdict("e1", Song("Ripple"), False, Authority.SOURCE, night.at, curator.account_id)
    assert await verdicts.put(night.show_id, said, "audience tape", "c-1")
    assert await verdicts.put(night.show_id, said, "audience tape", "c-1")
    assert not await verdicts.put(night.show_id, said, "another tape", "c-1")
    effects = "SELECT count(*) FROM outbox WHERE kind = 'settle_ratings'"
    assert await database.pool.fetchval(effects) == 1
    await settle(night)
    assert await night.settled() == {(fan.account_id, "e1"): (False, "source")}


async def test_reputation_decays_from_when_it_was_settled(database: Database) -> None:
    night = await Night.live(database, "Ripple")
    fan = await night.person("fan")
    await night.rate(fan, 1)
    await night.give(night.artist, SealSetlist())
    await settle_show(night.show_id, night.settlements, night.at + timedelta(days=180))
    found = await PostgresReputations(database.pool).of(fan.account_id)
    assert found.agreements == pytest.approx(0.5)
    assert found.as_of == night.at + timedelta(days=180)


async def test_two_shows_add_up_and_the_history_is_paged(database: Database) -> None:
    first = await Night.live(database, "Ripple", "Morning Dew")
    second = await Night.live(database, "Bertha")
    fan = await first.person("fan")
    again = await second.person("fan", account_id=fan.account_id)
    for entry_id in ("e1", "e2"):
        await first.rate(fan, 1, entry_id)
    await second.rate(again, -1)
    for night in (first, second):
        await night.give(night.artist, SealSetlist())
        await settle_show(night.show_id, night.settlements, NOW)
    reputations = PostgresReputations(database.pool)
    found = await reputations.of(fan.account_id)
    assert (found.agreements, found.disagreements) == (pytest.approx(2), pytest.approx(1))
    seen: list[tuple[str, str]] = []
    place = None
    while page := await reputations.history(fan.account_id, place, 1):
        last = page[-1].settlement
        seen.append((page[-1].show_id, last.entry_id))
        place = (last.settled_at, page[-1].show_id, last.entry_id)
    assert len(seen) == len(set(seen)) == 3


async def test_a_new_rule_computes_everything_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = await Night.live(database, "Ripple")
    fan = await night.person("fan")
    await night.rate(fan, 1)
    await night.give(night.artist, SealSetlist())
    await settle(night)
    assert await follow_the_rule(night.settlements, night.at) == 0
    monkeypatch.setattr(settling, "RULE_VERSION", 2)
    monkeypatch.setattr(stored, "RULE_VERSION", 2)
    assert await follow_the_rule(night.settlements, night.at) == 1
    assert await follow_the_rule(night.settlements, night.at) == 0
    versions = "SELECT DISTINCT rule_version FROM settlements UNION SELECT rule_version FROM "
    rows = await database.pool.fetch(versions + "reputations")
    assert [row[0] for row in rows] == [2]


async def test_an_account_that_is_deleted_takes_its_history_along(database: Database) -> None:
    night = await Night.live(database, "Ripple")
    fan = await night.person("fan")
    await night.rate(fan, 1)
    await night.give(night.artist, SealSetlist())
    await settle(night)
    await database.pool.execute("DELETE FROM attendees WHERE account_id = $1", fan.account_id)
    await database.pool.execute("DELETE FROM accounts WHERE id = $1", fan.account_id)
    assert await night.settled() == {}
    assert await PostgresReputations(database.pool).of(fan.account_id) == UNKNOWN


async def test_a_guest_who_turned_out_to_be_an_account_is_settled_as_one(
    database: Database,
) -> None:
    night = await Night.live(database, "Ripple", "Morning Dew")
    fan, guest = await night.person("fan"), await night.person("guest", guest=True)
    await night.rate(guest, -1, "e1")
    await night.rate(guest, 1, "e2")
    await night.rate(fan, 1, "e1")
    await database.pool.execute(
        "UPDATE attendees SET merged_into = $2 WHERE id = $1",
        guest.participant_id,
        fan.participant_id,
    )
    await night.give(night.artist, SealSetlist())
    await settle(night)
    assert await night.settled() == {
        (fan.account_id, "e1"): (True, "seal"),
        (fan.account_id, "e2"): (True, "seal"),
    }
    clustered = (await night.clusters.rated_room(night.show_id)).raters
    assert {one.rater.account_id for one in clustered} == {fan.account_id}


async def test_a_run_that_looked_earlier_does_not_write_later(database: Database) -> None:
    night = await Night.live(database, "Ripple")
    fan = await night.person("fan")
    await night.rate(fan, 1)
    await night.give(night.artist, SealSetlist())
    looked, may_go_on = asyncio.Event(), asyncio.Event()

    async def slow(rated: RatedShow) -> list[Settlement]:
        looked.set()
        await may_go_on.wait()
        return settling.settled_of(rated)

    earlier = asyncio.create_task(night.settlements.settle(night.show_id, slow, night.at))
    await looked.wait()
    await night.give(night.artist, UnsealSetlist())
    later = asyncio.create_task(settle(night))
    may_go_on.set()
    await asyncio.gather(earlier, later)
    assert await night.settled() == {}
