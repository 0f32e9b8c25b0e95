"""``Idempotency-Key``: said twice, done once."""

import asyncio
from typing import Any

import pytest
from litestar import Litestar

from server.idempotency import LONG_AGO
from storage.ids import uuid7
from tests.server.conftest import client_of
from tests.server.http import NEW_SHOW, PASSWORD, ROUND, Person, made, ok, refused, unique_email


def key() -> dict[str, str]:
    """A header with a new key."""
    return {"Idempotency-Key": str(uuid7())}


async def test_a_show_is_made_once(artist: Person) -> None:
    headers = key()
    first = await artist.post("/api/shows", NEW_SHOW, headers=headers)
    again = await artist.post("/api/shows", NEW_SHOW, headers=headers)
    assert made(again) == made(first)
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert len(ok(await artist.get("/api/shows?mine=true"))["items"]) == 1


async def test_a_key_belongs_to_one_call_and_one_account(artist: Person, nobody: Person) -> None:
    headers = key()
    made(await artist.post("/api/shows", NEW_SHOW, headers=headers))
    other = NEW_SHOW | {"title": "Another"}
    problem = refused(
        await artist.post("/api/shows", other, headers=headers), 422, "idempotency_key_reused"
    )
    assert problem["errors"][0]["field"] == "Idempotency-Key"
    stranger = await nobody.signed_up(role="artist")
    made(await stranger.post("/api/shows", other, headers=headers))


async def test_at_once_on_many_connections_a_thing_is_made_once(artist: Person) -> None:
    headers = key()
    answers = await asyncio.gather(
        *(artist.post("/api/shows", NEW_SHOW, headers=headers) for _ in range(8))
    )
    ids = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    assert len(ids) == 1
    for answer in answers:
        if answer.status_code != 201:
            refused(answer, 409, "idempotency_in_progress")
    assert len(ok(await artist.get("/api/shows?mine=true"))["items"]) == 1


async def test_rounds_artists_claims_and_tickets_are_made_once(
    artist: Person, fan: Person, app: Litestar
) -> None:
    show = await artist.live_show(artists=[{"name": f"Band {artist.id}"}])
    path = f"/api/shows/{show['id']}"
    calls: list[tuple[Person, str, Any]] = [
        (artist, f"{path}/rounds", {"config": ROUND}),
        (artist, f"{path}/artists", {"name": "Guest", "invite": True}),
        (fan, f"/api/artists/{show['artists'][0]['id']}/claim", {}),
    ]
    for person, where, body in calls:
        headers = key()
        first = made(await person.post(where, body, headers=headers))
        assert made(await person.post(where, body, headers=headers)) == first
    headers = key()
    tickets = [made(await fan.post(f"{path}/ticket", headers=headers)) for _ in range(2)]
    assert tickets[0]["participant_id"] == tickets[1]["participant_id"]
    joined = await app.state.services.pool.fetchval(
        "SELECT count(*) FROM attendees WHERE show_id = $1 AND account_id = $2", show["id"], fan.id
    )
    assert joined == 1


async def test_a_guest_and_an_account_are_made_once_with_tokens_of_their_own(
    nobody: Person,
) -> None:
    headers = key()
    guests = [made(await nobody.post("/api/auth/guest", headers=headers)) for _ in range(2)]
    assert guests[0]["guest_id"] == guests[1]["guest_id"]
    assert guests[0]["refresh_token"] != guests[1]["refresh_token"]

    body = {"email": unique_email(), "password": PASSWORD, "display_name": "New"}
    headers = key()
    accounts = [
        made(await nobody.post("/api/auth/signup", body, headers=headers)) for _ in range(2)
    ]
    assert accounts[0]["user"] == accounts[1]["user"]
    ok(await Person(nobody.client, accounts[1]).get("/api/auth/profile"))


async def test_an_upgrade_is_made_once(guest: Person) -> None:
    body = {"email": unique_email(), "password": PASSWORD, "display_name": "New"}
    headers = key()
    for _ in range(2):
        assert (
            made(await guest.post("/api/auth/signup", body, headers=headers))["user"]["id"]
            == guest.id
        )


async def test_two_strangers_with_the_same_poor_key_are_two_guests(
    nobody: Person, app: Litestar
) -> None:
    headers = {"Idempotency-Key": "1"}
    ids = {made(await nobody.post("/api/auth/guest", headers=headers))["guest_id"] for _ in "ab"}
    assert len(ids) == 2
    headers = key()
    async with client_of(app, "10.0.0.9") as client:
        elsewhere = made(await Person(client).post("/api/auth/guest", headers=headers))
    here = made(await nobody.post("/api/auth/guest", headers=headers))
    assert here["guest_id"] != elsewhere["guest_id"]


async def test_what_failed_may_be_said_again(artist: Person, fan: Person) -> None:
    headers = key()
    show = await artist.show()
    path = f"/api/shows/{show['id']}/artists"
    unknown = {"artist_id": fan.id}
    refused(await artist.post(path, unknown, headers=headers), 422, "validation_failed")
    refused(await artist.post(path, unknown, headers=headers), 422, "validation_failed")


async def test_after_a_crash_the_same_thing_is_found_not_made_again(
    artist: Person, app: Litestar
) -> None:
    headers = key()
    first = made(await artist.post("/api/shows", NEW_SHOW, headers=headers))
    # As a node leaves it that died after the show was durable and before the answer was.
    await app.state.services.pool.execute(
        "UPDATE idempotency_keys SET status = NULL, completed_at = NULL, body = NULL, "
        "created_at = $2 WHERE account_id = $1",
        artist.id,
        LONG_AGO,
    )
    again = made(await artist.post("/api/shows", NEW_SHOW, headers=headers))
    assert again == first
    assert len(ok(await artist.get("/api/shows?mine=true"))["items"]) == 1


@pytest.mark.parametrize("bad", ["", "x" * 201, "tab\there"])
async def test_what_a_key_cannot_be(artist: Person, bad: str) -> None:
    answer = await artist.post("/api/shows", NEW_SHOW, headers={"Idempotency-Key": bad})
    refused(answer, 400, "invalid_idempotency_key")
