"""Sessions: tokens expire, refresh tokens are used once, and an end is an end everywhere."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from litestar import Litestar

from server.secret import Secret
from server.security.tokens import Tokens
from tests.server.conftest import SECRET_KEY, client_of
from tests.server.http import PASSWORD, Person, made, ok, refused

StartNode = Callable[[], Awaitable[Litestar]]


async def test_a_refresh_gives_a_new_pair(fan: Person) -> None:
    old = fan.body["refresh_token"]
    answer = ok(await fan.client.post("/api/auth/refresh", json={"refresh_token": old}))
    assert answer["refresh_token"] != old
    assert answer["expires_in"] == 900
    fresh = Person(fan.client, fan.body | answer)
    assert ok(await fresh.get("/api/auth/profile"))["id"] == fan.id


@pytest.mark.parametrize("later", [1, 3])
async def test_a_used_refresh_token_ends_the_session_however_old_it_is(
    fan: Person, later: int
) -> None:
    used = newest = fan.body["refresh_token"]
    for _ in range(later):
        body = {"refresh_token": newest}
        newest = ok(await fan.client.post("/api/auth/refresh", json=body))["refresh_token"]
    thief = await fan.client.post("/api/auth/refresh", json={"refresh_token": used})
    refused(thief, 401, "refresh_token_reused")
    owner = await fan.client.post("/api/auth/refresh", json={"refresh_token": newest})
    refused(owner, 401, "invalid_refresh_token")
    refused(await fan.get("/api/auth/profile"), 401, "session_revoked")


async def test_rubbish_is_no_refresh_token_and_ends_nothing(fan: Person) -> None:
    real = fan.body["refresh_token"]
    for rubbish in ("", "x", real[:-2], real[:-2] + "AA", real + "A", "é" * len(real)):
        answer = await fan.client.post("/api/auth/refresh", json={"refresh_token": rubbish})
        refused(answer, 401, "invalid_refresh_token")
    refused(await fan.client.post("/api/auth/refresh", json={}), 401, "invalid_refresh_token")
    ok(await fan.client.post("/api/auth/refresh", json={"refresh_token": real}))


async def test_logging_out_ends_the_session_at_once_on_every_node(
    artist: Person, start_node: StartNode
) -> None:
    async with client_of(await start_node()) as elsewhere:
        there = artist.at(elsewhere)
        ok(await there.get("/api/auth/profile"))
        ok(await artist.post("/api/auth/logout"), 204)
        refused(await there.get("/api/auth/profile"), 401, "session_revoked")
        body = {"refresh_token": artist.body["refresh_token"]}
        refused(await elsewhere.post("/api/auth/refresh", json=body), 401, "invalid_refresh_token")


async def test_logging_out_by_refresh_token_needs_no_access_token(fan: Person) -> None:
    body = {"refresh_token": fan.body["refresh_token"]}
    ok(await fan.client.post("/api/auth/logout", json=body), 204)
    refused(await fan.get("/api/auth/profile"), 401, "session_revoked")
    refused(await fan.client.post("/api/auth/logout", json={}), 401, "not_authenticated")


async def test_logging_out_leaves_other_sessions_alone(fan: Person) -> None:
    body = {"email": fan.email, "password": PASSWORD}
    other = Person(fan.client, ok(await fan.client.post("/api/auth/login", json=body)))
    ok(await fan.post("/api/auth/logout"), 204)
    ok(await other.get("/api/auth/profile"))


async def test_a_used_ticket_ends_with_its_session(artist: Person, app: Litestar) -> None:
    show = await artist.live_show()
    ticket = made(await artist.post(f"/api/shows/{show['id']}/ticket"))["ticket"]
    tickets = app.state.services.tickets
    await tickets.redeem(ticket, show["id"])
    ok(await artist.post("/api/auth/logout"), 204)
    with pytest.raises(Exception, match="session_revoked"):
        await tickets.redeem(ticket, show["id"])


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "not_authenticated"),
        ("Basic abc", "invalid_token"),
        ("Bearer", "invalid_token"),
        ("Bearer abc", "invalid_token"),
        ("Bearer a.b.c", "invalid_token"),
        ("Bearer " + "x" * 5000, "invalid_token"),
    ],
)
async def test_without_a_token_of_ours_nobody_is_known(
    nobody: Person, header: str | None, code: str
) -> None:
    headers = {"Authorization": header} if header else {}
    answer = await nobody.get("/api/auth/profile", headers=headers)
    refused(answer, 401, code)
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_tokens_for_other_purposes_and_of_other_keys_are_refused(
    fan: Person, app: Litestar
) -> None:
    now = app.state.services.clock.now()
    session = fan.body["refresh_token"]
    ours = Tokens(Secret(SECRET_KEY))
    theirs = Tokens(Secret("another key, just as long as ours is"))
    for token in (
        ours.cookie(fan.id, session, "fan", now),
        ours.device(fan.id, "device", now),
        theirs.access(fan.id, session, "fan", now),
        fan.body["device_token"],
        session,
    ):
        answer = await fan.client.get(
            "/api/auth/profile", headers={"Authorization": f"Bearer {token}"}
        )
        refused(answer, 401, "invalid_token")


async def test_an_access_token_lasts_fifteen_minutes(fan: Person, app: Litestar) -> None:
    tokens = app.state.services.tokens
    claims = tokens.read_access(fan.token, datetime.now(UTC) + timedelta(minutes=14))
    long_ago = datetime.now(UTC) - timedelta(minutes=15, seconds=1)
    token = tokens.access(fan.id, claims.session_id, "fan", long_ago)
    answer = await fan.client.get("/api/auth/profile", headers={"Authorization": f"Bearer {token}"})
    refused(answer, 401, "token_expired")


async def test_a_token_says_admin_and_the_database_says_fan(fan: Person, app: Litestar) -> None:
    services = app.state.services
    now = services.clock.now()
    claims = services.tokens.read_access(fan.token, now)
    forged = services.tokens.access(fan.id, claims.session_id, "admin", now)
    answer = await fan.client.post(
        "/api/shows",
        json={"title": "Mine", "starts_at": "2027-01-01T20:00:00Z"},
        headers={"Authorization": f"Bearer {forged}"},
    )
    refused(answer, 403, "not_allowed")
