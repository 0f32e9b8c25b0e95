"""Effects are delivered at least once, whatever becomes of workers, handlers and Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from jobs.outbox.relay import Relay
from rooms import limits
from rooms.outbox import Effect, EffectRefused, Handlers, retry_after_s
from storage.database import Database, open_database
from storage.outbox.nudges import PostgresNudges
from storage.outbox.outbox import PostgresOutbox
from tests.contract.harness import new_id


class Delivered:
    """A handler that remembers, and fails as often as it is told to."""

    def __init__(self, *failures: Exception) -> None:
        self.effects: list[Effect] = []
        self.failures = list(failures)
        self._moved = asyncio.Event()

    async def __call__(self, effect: Effect) -> None:
        self.effects.append(effect)
        self._moved.set()
        if self.failures:
            raise self.failures.pop(0)

    async def wait_for(self, count: int) -> None:
        async with asyncio.timeout(60):
            while len(self.effects) < count:
                self._moved.clear()
                await self._moved.wait()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await open_database(database_url, connections_max=8)
    yield opened
    await opened.close()


async def put(database: Database, kind: str = "greet", payload: str = '{"a":1}') -> str:
    return str(
        await database.pool.fetchval(
            "INSERT INTO outbox (kind, dedupe_key, payload) VALUES ($1, $2, $3::text::json)"
            " RETURNING id",
            kind,
            new_id(),
            payload,
        )
    )


async def row(database: Database, effect_id: str) -> Any:
    return await database.pool.fetchrow("SELECT * FROM outbox WHERE id = $1", effect_id)


async def make_due(database: Database) -> None:
    await database.pool.execute("UPDATE outbox SET available_at = now() WHERE dead_at IS NULL")


def relay(database: Database, handlers: Handlers) -> Relay:
    pool = database.pool
    return Relay(PostgresOutbox(pool), PostgresNudges(pool), handlers, lambda: 0.5)


@asynccontextmanager
async def running(database: Database, handlers: Handlers) -> AsyncIterator[PostgresNudges]:
    nudges = PostgresNudges(database.pool)
    running_relay = Relay(PostgresOutbox(database.pool), nudges, handlers, lambda: 0.5)
    running_relay.start()
    try:
        yield nudges
    finally:
        await running_relay.stop()
        await nudges.close()


async def test_an_effect_is_handed_over_as_it_was_written_and_then_is_delivered(
    database: Database,
) -> None:
    done = Delivered()
    effect_id = await put(database, payload='{"show_id":"x"}')
    assert await relay(database, {"greet": done}).drain() == 1
    (effect,) = done.effects
    assert (effect.effect_id, effect.payload, effect.attempt) == (effect_id, {"show_id": "x"}, 1)
    assert (await row(database, effect_id))["delivered_at"] is not None
    assert await relay(database, {"greet": done}).drain() == 0


async def test_a_kind_that_nobody_delivers_is_left_alone(database: Database) -> None:
    effect_id = await put(database, kind="results")
    assert await relay(database, {"greet": Delivered()}).drain() == 0
    left = await row(database, effect_id)
    assert (left["attempts"], left["delivered_at"]) == (0, None)


async def test_what_fails_is_tried_again_later_and_says_why(database: Database) -> None:
    done = Delivered(ValueError("no line"))
    effect_id = await put(database)
    deliver = relay(database, {"greet": done})
    assert await deliver.drain() == 1
    failed = await row(database, effect_id)
    assert failed["last_error"] == "ValueError: no line"
    assert failed["available_at"] > await database.pool.fetchval("SELECT now()")
    assert await deliver.drain() == 0  # not yet
    await make_due(database)
    assert await deliver.drain() == 1
    assert (await row(database, effect_id))["delivered_at"] is not None
    assert [effect.attempt for effect in done.effects] == [1, 2]


async def test_what_cannot_succeed_is_dead_at_once_and_kept(database: Database) -> None:
    effect_id = await put(database)
    done = Delivered(EffectRefused("there is no such show"))
    deliver = relay(database, {"greet": done})
    await deliver.drain()
    dead = await row(database, effect_id)
    assert dead["dead_at"] is not None
    assert "no such show" in dead["last_error"]
    await make_due(database)
    assert await deliver.drain() == 0
    (count,) = await PostgresOutbox(database.pool).counts()
    assert (count.kind, count.waiting, count.dead) == ("greet", 0, 1)


async def test_after_the_last_try_an_effect_is_dead(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "EFFECT_ATTEMPTS_MAX", 3)
    effect_id = await put(database)
    done = Delivered(*[OSError("away")] * 3)
    deliver = relay(database, {"greet": done})
    for _ in range(4):
        await deliver.drain()
        await make_due(database)
    assert len(done.effects) == 3
    assert (await row(database, effect_id))["dead_at"] is not None


async def test_an_effect_that_kills_its_workers_is_dead_in_the_end(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "EFFECT_ATTEMPTS_MAX", 2)
    effect_id = await put(database)
    outbox = PostgresOutbox(database.pool)
    for attempt in (1, 2):  # leased by workers that then say nothing
        leased = await outbox.lease(["greet"])
        assert leased is not None
        assert leased.attempt == attempt
        await make_due(database)
    assert await outbox.lease(["greet"]) is None
    assert (await row(database, effect_id))["dead_at"] is not None


async def test_the_lease_of_a_worker_that_died_runs_out(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "EFFECT_LEASE_S", 0.0)
    effect_id = await put(database)
    outbox = PostgresOutbox(database.pool)
    first = await outbox.lease(["greet"])
    second = await outbox.lease(["greet"])
    assert first is not None and second is not None
    assert (first.effect_id, second.effect_id) == (effect_id, effect_id)
    await outbox.failed(first, "too late to judge", None)
    assert (await row(database, effect_id))["dead_at"] is None
    await outbox.delivered(second)
    assert (await row(database, effect_id))["delivered_at"] is not None


async def test_two_workers_share_the_effects_and_take_none_twice(database: Database) -> None:
    done = Delivered()
    ids = {await put(database) for _ in range(40)}
    one, two = relay(database, {"greet": done}), relay(database, {"greet": done})
    assert sum(await asyncio.gather(one.drain(), two.drain())) == 40
    assert {effect.effect_id for effect in done.effects} == ids


async def test_a_slow_handler_is_cut_off_and_tried_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "EFFECT_TIMEOUT_S", 0.01)
    effect_id = await put(database)

    async def never(effect: Effect) -> None:
        await asyncio.Event().wait()

    await relay(database, {"greet": never}).drain()
    assert (await row(database, effect_id))["last_error"].startswith("TimeoutError")


async def test_a_running_relay_hears_of_an_effect_at_its_commit(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "OUTBOX_SCAN_S", 600.0)
    done = Delivered()
    async with running(database, {"greet": done}) as nudges:
        await nudges.beyond(0, 60.0)  # it listens
        for count in (1, 2):
            await put(database)
            await done.wait_for(count)


async def test_a_running_relay_listens_again_when_its_connection_is_cut(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "OUTBOX_SCAN_S", 0.05)
    done = Delivered()
    async with running(database, {"greet": done}):
        await put(database)
        await done.wait_for(1)
        await database.pool.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        )
        await put(database)
        await done.wait_for(2)


async def test_an_effect_under_a_stuck_handler_does_not_hold_up_others(database: Database) -> None:
    begun, done = asyncio.Event(), Delivered()

    async def stuck(effect: Effect) -> None:
        begun.set()
        await asyncio.Event().wait()

    async with running(database, {"stuck": stuck, "greet": done}):
        await put(database, "stuck")
        async with asyncio.timeout(60):
            await begun.wait()
        await put(database)
        await done.wait_for(1)


async def test_a_worker_that_stops_lets_what_is_under_way_be_finished(
    database: Database,
) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def slow(effect: Effect) -> None:
        begun.set()
        await may_end.wait()

    effect_id = await put(database)
    async with asyncio.timeout(60):
        async with running(database, {"greet": slow}):
            await begun.wait()
            asyncio.get_running_loop().call_soon(may_end.set)
    assert (await row(database, effect_id))["delivered_at"] is not None


async def test_what_takes_too_long_for_a_stop_is_cut_off_and_left_to_others(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "EFFECT_FINISH_S", 0.01)
    begun = asyncio.Event()

    async def stuck(effect: Effect) -> None:
        begun.set()
        await asyncio.Event().wait()

    effect_id = await put(database)
    async with asyncio.timeout(60):
        async with running(database, {"greet": stuck}):
            await begun.wait()
    left = await row(database, effect_id)
    assert (left["delivered_at"], left["dead_at"], left["attempts"]) == (None, None, 1)


def test_waits_grow_to_a_bound_and_end() -> None:
    waits = [retry_after_s(attempt, 1.0) for attempt in range(1, limits.EFFECT_ATTEMPTS_MAX + 1)]
    assert waits[:4] == [2.0, 4.0, 8.0, 16.0]
    assert waits[-1] is None
    spoken = [wait for wait in waits if wait is not None]
    assert spoken == sorted(spoken)
    assert spoken[-1] == limits.EFFECT_RETRY_LAST_S
    half = [retry_after_s(attempt, 0.0) for attempt in range(1, limits.EFFECT_ATTEMPTS_MAX)]
    assert half == [wait / 2 for wait in spoken]
    assert sum(spoken) / 2 > 5 * 3600 - 3600  # an evening's outage is waited out
