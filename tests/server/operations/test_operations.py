"""The page of queues and dead letters: for admins, and each letter is settled once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from litestar import Litestar

from jobs.broker import Priority, create_broker
from jobs.operations.resending import ResendJobs
from rooms.operations.dead_letters import RUN_JOB, DeadJob, Reason
from rooms.operations.priorities import COUNTS_KEY, stream_of
from rooms.outbox import Effect, EffectRefused
from storage.ids import uuid7
from storage.operations.dead_jobs import PostgresDeadJobs
from storage.outbox.entries import put_effects
from storage.outbox.outbox import PostgresOutbox
from storage.redis.clients import connecting
from tests.server.http import Person, ok, refused

Json = dict[str, Any]
LETTERS = "/api/operations/dead-letters"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def no_letters(app: Litestar) -> None:
    pool = app.state.services.pool
    await pool.execute("DELETE FROM dead_jobs")
    await pool.execute("DELETE FROM outbox WHERE dead_at IS NOT NULL OR kind = $1", RUN_JOB)


def dead_job(key: str | None = None, **changes: Any) -> DeadJob:
    job_id = key or str(uuid7())
    values: Json = {
        "job_key": job_id,
        "task": "imports.read",
        "priority": Priority.BULK,
        "reason": Reason.FAILED,
        "error": "ValueError: no",
        "attempts": 8,
        "first_failed_at": LONG_AGO,
        "last_failed_at": LONG_AGO + timedelta(hours=1),
        "message": {
            "task_id": job_id,
            "task_name": "imports.read",
            "labels": {"priority": "bulk"},
            "labels_types": {"priority": 1},
            "args": ["a\u0000b"],
            "kwargs": {"n": 1},
        },
    }
    return DeadJob(**(values | changes))


async def bury(app: Litestar, *jobs: DeadJob) -> None:
    for job in jobs:
        await PostgresDeadJobs(app.state.services.pool).bury(job)


async def dead_effect(app: Litestar, kind: str = "test_effect") -> str:
    """An effect whose tries are used up."""
    from rooms.ports import OutboxRecord

    pool = app.state.services.pool
    key = f"{kind}:{uuid7()}"
    async with pool.acquire() as connection:
        await put_effects(connection, [(None, OutboxRecord(kind, key, {"n": 1}))])
    outbox = PostgresOutbox(pool)
    effect = await outbox.lease([kind])
    assert effect is not None
    await outbox.failed(effect, "OSError: gone", None)
    return effect.effect_id


async def letters(admin: Person, query: str = "") -> list[Json]:
    found: list[Json] = ok(await admin.get(f"{LETTERS}{query}"))["items"]
    return found


@pytest.mark.parametrize(
    "path",
    ["/jobs", "/dead-letters", f"/dead-letters/{uuid7()}", "/reconciliations"],
    ids=["jobs", "page", "one", "reconciliations"],
)
async def test_operations_are_for_admins(
    path: str, nobody: Person, guest: Person, artist: Person
) -> None:
    path = f"/api/operations{path}"
    refused(await nobody.get(path), 401, "not_authenticated")
    for person in (guest, artist):
        refused(await person.get(path), 403, "not_allowed")


async def test_settling_is_for_admins_too(app: Litestar, artist: Person, admin: Person) -> None:
    await bury(app, dead_job())
    (letter,) = await letters(admin)
    for step in ("retry", "discard"):
        refused(await artist.post(f"{LETTERS}/{letter['id']}/{step}"), 403, "not_allowed")
        refused(await admin.post(f"{LETTERS}/{uuid7()}/{step}"), 404, "unknown_dead_letter")
    assert len(await letters(admin)) == 1


async def test_both_kinds_stand_on_one_page_the_latest_first(app: Litestar, admin: Person) -> None:
    await bury(app, dead_job(), dead_job(last_failed_at=LONG_AGO + timedelta(hours=2)))
    effect_id = await dead_effect(app)
    found = await letters(admin)
    assert [one["source"] for one in found] == ["effect", "job", "job"]
    assert found[0]["id"] == effect_id
    assert [one["last_failed_at"] for one in found] == sorted(
        (one["last_failed_at"] for one in found), reverse=True
    )
    assert (found[1]["name"], found[1]["priority"], found[1]["reason"], found[1]["attempts"]) == (
        "imports.read",
        "bulk",
        "failed",
        8,
    )
    assert all(one["what"] is None for one in found)
    seen, cursor = [], ""
    while True:
        page = ok(await admin.get(f"{LETTERS}?limit=1{cursor}"))
        seen += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == found
    refused(await admin.get(f"{LETTERS}?cursor=nonsense"), 422, "validation_failed")


async def test_one_letter_tells_what_was_to_be_done(app: Litestar, admin: Person) -> None:
    await bury(app, dead_job())
    (letter,) = await letters(admin)
    whole = ok(await admin.get(f"{LETTERS}/{letter['id']}"))
    assert whole["what"]["args"] == ["a\u0000b"]
    effect = ok(await admin.get(f"{LETTERS}/{await dead_effect(app)}"))
    assert effect["what"] == {"n": 1}


async def test_a_job_is_put_back_exactly_once(app: Litestar, admin: Person) -> None:
    services = app.state.services
    await bury(app, dead_job())
    (letter,) = await letters(admin)
    path = f"{LETTERS}/{letter['id']}/retry"
    answers = await asyncio.gather(*(admin.post(path) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
    refused(await admin.post(f"{LETTERS}/{letter['id']}/discard"), 409, "not_dead")
    assert await letters(admin) == []
    assert ok(await admin.get(f"{LETTERS}/{letter['id']}"))["state"] == "retried"

    outbox = PostgresOutbox(services.pool)
    effect = await outbox.lease([RUN_JOB])
    assert effect is not None
    assert await outbox.lease([RUN_JOB]) is None
    broker = create_broker(
        connecting(services.settings.redis_url.reveal()), consumer_name="test", random=lambda: 0.0
    )
    stream = stream_of(Priority.BULK)
    before = await services.redis.xlen(stream)
    resend = ResendJobs(broker)
    await resend(effect)
    await resend(effect)  # the relay died after the first
    assert await services.redis.xlen(stream) == before + 1
    ((entry_id, fields),) = await services.redis.xrevrange(stream, count=1)
    job = broker.formatter.loads(fields[b"data"])
    assert (job.task_name, job.args, job.kwargs) == ("imports.read", ["a\u0000b"], {"n": 1})
    await services.redis.xdel(stream, entry_id)
    await broker.shutdown()
    audit = await services.pool.fetchrow(
        "SELECT account_id, action FROM audit_log WHERE subject = $1", f"job:{letter['id']}"
    )
    assert (str(audit["account_id"]), audit["action"]) == (admin.id, "retry_dead_letter")


async def test_a_job_that_dies_again_is_on_the_page_again(app: Litestar, admin: Person) -> None:
    key = str(uuid7())
    await bury(app, dead_job(key))
    (letter,) = await letters(admin)
    ok(await admin.post(f"{LETTERS}/{letter['id']}/retry"))
    await bury(app, dead_job(key))  # the same death, told twice: not news
    assert await letters(admin) == []
    now = datetime.now(UTC) + timedelta(minutes=1)
    await bury(app, dead_job(key, first_failed_at=now, last_failed_at=now, attempts=1))
    (again,) = await letters(admin)
    assert (again["id"], again["state"], again["attempts"]) == (letter["id"], "dead", 1)


async def test_an_effect_is_put_back_or_discarded_once(app: Litestar, admin: Person) -> None:
    outbox = PostgresOutbox(app.state.services.pool)
    first, second = await dead_effect(app), await dead_effect(app)
    assert await outbox.lease(["test_effect"]) is None
    retried = ok(await admin.post(f"{LETTERS}/{first}/retry"))
    assert (retried["state"], retried["can_retry"]) == ("retried", False)
    refused(await admin.post(f"{LETTERS}/{first}/retry"), 404, "unknown_dead_letter")
    effect = await outbox.lease(["test_effect"])
    assert effect is not None
    assert (effect.effect_id, effect.attempt) == (first, 1)
    assert await outbox.lease(["test_effect"]) is None
    await outbox.delivered(effect)
    assert ok(await admin.post(f"{LETTERS}/{second}/discard"))["state"] == "discarded"
    refused(await admin.post(f"{LETTERS}/{second}/discard"), 409, "not_dead")
    refused(await admin.post(f"{LETTERS}/{second}/retry"), 409, "not_dead")
    assert await outbox.lease(["test_effect"]) is None
    assert await letters(admin) == []


async def test_what_cannot_be_read_can_only_be_let_go(app: Litestar, admin: Person) -> None:
    await bury(
        app, dead_job(reason=Reason.MALFORMED, task="?", message=None, payload=b"\xff<b>no</b>")
    )
    (letter,) = await letters(admin)
    assert not letter["can_retry"]
    path = f"{LETTERS}/{letter['id']}"
    assert ok(await admin.get(path))["what"] == {"payload": "\\xff<b>no</b>"}
    refused(await admin.post(f"{path}/retry"), 409, "not_retryable")
    ok(await admin.post(f"{path}/discard"))
    assert await letters(admin) == []


async def test_an_effect_that_holds_no_job_is_refused_for_good() -> None:
    nowhere = connecting("redis://127.0.0.1:1/0")
    broker = create_broker(nowhere, consumer_name="test", random=lambda: 0.0)
    effect = Effect("1", RUN_JOB, "k", {"priority": "soon"}, LONG_AGO, 1)
    with pytest.raises(EffectRefused):
        await ResendJobs(broker)(effect)
    await broker.shutdown()


async def test_jobs_and_metrics_tell_the_same(app: Litestar, admin: Person) -> None:
    services = app.state.services
    await bury(app, dead_job())
    await services.redis.hset(COUNTS_KEY, "done|urgent|test.operations", "3")
    await services.redis.hset(COUNTS_KEY, "le|urgent|1.0", "3")
    try:
        body = ok(await admin.get("/api/operations/jobs"))
        page = (await admin.get("/metrics")).text
    finally:
        await services.redis.delete(COUNTS_KEY)
    assert [one["priority"] for one in body["queues"]] == ["urgent", "normal", "bulk"]
    (job,) = [one for one in body["jobs"] if one["job"] == "test.operations"]
    assert (job["priority"], job["done"], job["retried"], job["dead"]) == ("urgent", 3, 0, 0)
    assert body["dead_letters"] == 1
    line = 'setroom_job_tries_total{job="test.operations",outcome="done",priority="urgent"} 3.0'
    assert line in page
    assert 'setroom_job_seconds_bucket{le="5.0",priority="urgent"} 3.0' in page
    assert 'setroom_jobs{priority="bulk",state="waiting"}' in page
    assert 'setroom_dead_letters{source="job"} 1.0' in page
