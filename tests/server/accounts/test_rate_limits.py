"""Limits go by account and device; a whole venue shares an address."""

import asyncio
import time

import pytest
from litestar import Litestar

from server.problems import ApiError
from server.rate_limits import GUESTS_BY_ADDRESS, LOGIN_BY_ADDRESS, Rule, SharedRateLimits
from storage.embedded import StoreUrls
from tests.server.conftest import client_of
from tests.server.http import PASSWORD, Person, made, ok, refused, unique_email

WRONG = "not the password at all"


async def fail(person: Person, email: str, times: int) -> None:
    """Logs in with the wrong password, some times."""
    for _ in range(times):
        body = {"email": email, "password": WRONG}
        refused(await person.post("/api/auth/login", body), 401, "invalid_credentials")


async def test_an_account_takes_ten_wrong_passwords(fan: Person, nobody: Person) -> None:
    await fail(nobody, fan.email, 10)
    right = {"email": fan.email, "password": PASSWORD}
    answer = await nobody.post("/api/auth/login", right)
    problem = refused(answer, 429, "rate_limited")
    assert problem["retryable"] is True
    assert 0 < int(answer.headers["retry-after"]) <= 900


async def test_guessers_do_not_lock_out_the_owners_own_device(fan: Person, nobody: Person) -> None:
    await fail(nobody, fan.email, 10)
    own = {
        "email": fan.email,
        "password": PASSWORD,
        "device_token": fan.body["device_token"],
    }
    ok(await nobody.post("/api/auth/login", own))
    by_header = {"X-Setroom-Device": fan.body["device_token"]}
    body = {"email": fan.email, "password": PASSWORD}
    ok(await nobody.client.post("/api/auth/login", json=body, headers=by_header))


async def test_a_right_password_forgives_the_wrong_ones(fan: Person, nobody: Person) -> None:
    right = {"email": fan.email, "password": PASSWORD}
    for _ in range(3):
        await fail(nobody, fan.email, 9)
        ok(await nobody.post("/api/auth/login", right))


async def test_one_device_cannot_try_many_accounts(guest: Person, nobody: Person) -> None:
    device = guest.body["device_token"]
    for _ in range(30):
        body = {"email": unique_email(), "password": WRONG, "device_token": device}
        refused(await nobody.post("/api/auth/login", body), 401, "invalid_credentials")
    refused(
        await nobody.post(
            "/api/auth/login", {"email": unique_email(), "password": WRONG, "device_token": device}
        ),
        429,
        "rate_limited",
    )


async def test_an_unknown_address_is_answered_alike_and_as_late(
    fan: Person, nobody: Person
) -> None:
    answers: dict[str, list[float]] = {"known": [], "unknown": []}
    bodies = set()
    for _ in range(7):
        for kind, email in (("known", fan.email), ("unknown", unique_email())):
            started = time.perf_counter()
            body = {"email": email, "password": WRONG}
            problem = refused(
                await nobody.post("/api/auth/login", body), 401, "invalid_credentials"
            )
            answers[kind].append(time.perf_counter() - started)
            bodies.add((problem["detail"], problem["title"], frozenset(problem)))
    assert len(bodies) == 1
    # The quickest of each: a busy machine makes answers slower, never quicker than the hash that
    # they need. Without one for unknown addresses this is far off.
    known, unknown = min(answers["known"]), min(answers["unknown"])
    assert unknown > known / 2


async def test_unknown_addresses_are_limited_alike(nobody: Person) -> None:
    email = unique_email()
    await fail(nobody, email, 10)
    body = {"email": email, "password": WRONG}
    refused(await nobody.post("/api/auth/login", body), 429, "rate_limited")


async def test_one_address_is_signed_up_with_ten_times_an_hour(fan: Person, nobody: Person) -> None:
    body = {"email": unique_email(), "password": PASSWORD, "display_name": "x"}
    made(await nobody.post("/api/auth/signup", body))
    for _ in range(9):
        refused(await nobody.post("/api/auth/signup", body), 409, "email_taken")
    refused(await nobody.post("/api/auth/signup", body), 429, "rate_limited")


async def test_a_device_becomes_a_guest_thirty_times_an_hour(nobody: Person, guest: Person) -> None:
    body = {"device_token": guest.body["device_token"]}
    for _ in range(30):
        made(await nobody.post("/api/auth/guest", body))
    refused(await nobody.post("/api/auth/guest", body), 429, "rate_limited")


async def test_ten_thousand_guests_come_through_one_address(
    app: Litestar, shared_stores: StoreUrls
) -> None:
    limits = SharedRateLimits(shared_stores.redis_url)
    for _ in range(0, 10_000, 500):
        await asyncio.gather(*(limits.hit(GUESTS_BY_ADDRESS, "192.0.2.1") for _ in range(500)))
    async with client_of(app, "192.0.2.1") as client:
        person = Person(client)
        guests = await asyncio.gather(*(person.as_guest() for _ in range(100)))
    assert len({one.id for one in guests}) == 100


async def test_an_address_has_a_limit_nevertheless(app: Litestar, shared_stores: StoreUrls) -> None:
    limits = SharedRateLimits(shared_stores.redis_url)
    # So few at once that none takes a busy store for one that is away, and counts by itself.
    at_once = 50
    for _ in range(0, LOGIN_BY_ADDRESS.amount, at_once):
        await asyncio.gather(*(limits.hit(LOGIN_BY_ADDRESS, "192.0.2.2") for _ in range(at_once)))
    async with client_of(app, "192.0.2.2") as client:
        body = {"email": unique_email(), "password": WRONG}
        refused(await Person(client).post("/api/auth/login", body), 429, "rate_limited")


async def test_all_nodes_count_together_and_each_by_itself_without_redis(
    shared_stores: StoreUrls, unused_tcp_port: int
) -> None:
    rule = Rule("test", 3, 60)
    one, two = (SharedRateLimits(shared_stores.redis_url) for _ in range(2))
    for limits in (one, two, one):
        await limits.hit(rule, "somebody")
    for limits in (one, two):
        with pytest.raises(ApiError) as refusal:
            await limits.hit(rule, "somebody")
        assert refusal.value.retry_after_s is not None
        assert 0 < refusal.value.retry_after_s <= 60

    alone = SharedRateLimits(f"redis://127.0.0.1:{unused_tcp_port}")
    started = time.monotonic()
    for _ in range(3):
        await alone.hit(rule, "somebody")
    with pytest.raises(ApiError):
        await alone.hit(rule, "somebody")
    await alone.clear(rule, "somebody")
    await alone.hit(rule, "somebody")
    assert time.monotonic() - started < 10  # nobody waited for an answer that cannot come
