"""What the worker makes of ratings, as people in the room and at home see it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from jobs.accuracy.refreshing import refresh_rooms
from jobs.outbox.relay import Relay
from server.worker import effect_handlers
from storage.accuracy.clusters import PostgresRaterClusters
from storage.clock import DatabaseClock
from storage.database import Database, open_database
from storage.outbox.nudges import PostgresNudges
from storage.outbox.outbox import PostgresOutbox
from storage.rooms.log import PostgresRoomLog
from tests.wire.client import Caller, Json, ok
from tests.wire.conftest import execute, sign_up
from tests.wire.test_accuracy import Night, confidence_state


def work(url: str, job: Callable[[Database], Awaitable[object]]) -> None:
    """Does on this database what a worker would do; in a thread, with a loop of its own."""

    async def run() -> None:
        database = await open_database(url, connections_max=4)
        try:
            await job(database)
        finally:
            await database.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, run()).result()


async def deliver(database: Database) -> None:
    """Delivers what is in the outbox."""
    room_log = PostgresRoomLog(database.pool)
    nudges = PostgresNudges(database.pool)
    handlers = effect_handlers(database.pool, room_log)
    relay = Relay(PostgresOutbox(database.pool), nudges, handlers, random.random)
    try:
        await relay.drain()
    finally:
        await nudges.close()


async def refresh(database: Database) -> None:
    """Brings rooms up to date."""
    room_log = PostgresRoomLog(database.pool)
    clock = DatabaseClock(room_log.database_time)
    await clock.start()
    try:
        await refresh_rooms(PostgresRaterClusters(database.pool), room_log, clock)
    finally:
        await clock.stop()


def reputation(who: Caller, query: str = "") -> Json:
    """One's own reputation."""
    return ok(who.get(f"/api/auth/profile/reputation{query}"))


def test_the_seal_moves_reputations_and_the_next_show_feels_it(
    artist: Caller, nobody: Caller, wire_database: str
) -> None:
    right, wrong = sign_up(nobody, "fan"), sign_up(nobody, "fan")
    night = Night(artist, "Ripple", "Bertha", "Althea")
    for entry_id in ("e1", "e2", "e3"):
        night.rate(right, 1, entry_id)
        night.rate(wrong, -1, entry_id)
    ok(artist.command(night.id, "seal_setlist"))
    work(wire_database, deliver)

    mine = reputation(right, "?limit=2")
    assert (round(mine["agreements"]), mine["disagreements"]) == (3, 0)
    assert mine["weight"] > 1.4
    assert [one["agreed"] for one in mine["items"]] == [True, True]
    last = reputation(right, f"?limit=2&cursor={mine['next_cursor']}")
    assert len(last["items"]) == 1
    assert "next_cursor" not in last or last["next_cursor"] is None
    titles = {one["title"] for one in mine["items"] + last["items"]}
    assert titles == {"Ripple", "Bertha", "Althea"}
    assert reputation(wrong)["weight"] < 0.6

    tomorrow = Night(artist, "Ripple")
    tomorrow.rate(right, 1)
    tomorrow.rate(wrong, -1)
    seen = tomorrow.confidence()
    assert seen["confidence"] > 0.5
    assert seen["weight"] == round(1.425 + 0.575, 2)


def test_a_recording_settles_what_nobody_sealed(
    artist: Caller, fan: Caller, wire_database: str
) -> None:
    night = Night(artist, "Ripple")
    night.rate(fan, 1)
    body = {
        "command_id": "tape-1",
        "entry_id": "e1",
        "verdict": "not_played",
        "source": "soundboard tape",
    }
    ok(artist.post(f"/api/shows/{night.id}/setlist/settle", body))
    work(wire_database, deliver)
    mine = reputation(fan)
    assert [(one["agreed"], one["source"]) for one in mine["items"]] == [(False, "source")]


def test_an_open_room_hears_of_who_checked_in(
    artist: Caller, fan: Caller, wire_database: str
) -> None:
    night = Night(artist, "Ripple")
    night.rate(fan, 1)
    with fan.socket(night.id) as phone:
        welcome = phone.welcome()
        assert welcome["state"]["confidence"][0]["weight"] == 1.0
        execute(
            wire_database, "UPDATE attendees SET checked_in_at = now() WHERE show_id = $1", night.id
        )
        work(wire_database, refresh)
        assert confidence_state(phone, "e1", weight=1.25)["up"] == 1
