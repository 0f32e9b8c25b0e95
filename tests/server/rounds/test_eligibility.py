"""Rounds for devices and for people who are there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from litestar import Litestar

from server.shows.check_in import ROTATES_S, code_of
from tests.server.conftest import client_of
from tests.server.http import Person, made, ok, refused, unique_email


async def vote(person: Person, round_id: str, option_id: str = "o1") -> Any:
    """A vote, as it is answered."""
    body = {"command_id": unique_email(), "picks": [{"option_id": option_id}]}
    return await person.post(f"/api/rounds/{round_id}/vote", body)


async def on_device(nobody: Person, token: str) -> Person:
    """A new account on a device."""
    body = {
        "email": unique_email(),
        "password": "a long enough passphrase",
        "display_name": "Somebody",
        "device_token": token,
    }
    return Person(nobody.client, made(await nobody.post("/api/auth/signup", body)))


async def test_a_device_has_one_ballot(artist: Person, nobody: Person, guest: Person) -> None:
    show = await artist.live_show()
    opened = await artist.open_round(show["id"], who={"identity": "device"})
    ok(await vote(guest, opened["id"]))
    twin = await on_device(nobody, guest.body["device_token"])
    refused(await vote(twin, opened["id"], "o2"), 409, "device_has_voted")
    ok(await vote(guest, opened["id"], "o2"))
    ok(await vote(await nobody.as_guest("Another"), opened["id"]))
    closed = ok(await artist.post(f"/api/rounds/{opened['id']}/close"))
    assert closed["result"]["options"] == {"o1": 1, "o2": 1}


async def test_a_pages_device_is_known_by_its_cookie(artist: Person, app: Litestar) -> None:
    show = await artist.live_show()
    opened = await artist.open_round(show["id"], who={"identity": "device"})
    async with client_of(app) as client:
        body = {"display_name": "Robin", "session_cookie": True}
        first = await client.post("/api/auth/guest", json=body)
        assert first.status_code == 201
        (cookie,) = [one for one in client.cookies.jar if one.name == "setroom_device"]
        assert cookie.expires is not None
        assert cookie.has_nonstandard_attr("HttpOnly")
        second = await client.post("/api/auth/guest", json=body)
        one, other = Person(client, first.json()), Person(client, second.json())
        assert one.id != other.id, "a cookie brings nobody's guest account back"
        ok(await vote(one, opened["id"]))
        refused(await vote(other, opened["id"]), 409, "device_has_voted")


async def test_callers_without_cookies_are_given_none(nobody: Person) -> None:
    await nobody.as_guest("Robin")
    assert not nobody.client.cookies


async def test_votes_of_many_accounts_on_one_device_wait_for_crew(
    artist: Person, nobody: Person, guest: Person
) -> None:
    show = await artist.live_show()
    opened = await artist.open_round(show["id"])
    path = f"/api/rounds/{opened['id']}"
    token = guest.body["device_token"]
    for _ in range(4):
        ok(await vote(await on_device(nobody, token), opened["id"]))
    ok(await vote(guest, opened["id"], "o2"))
    refused(await guest.get(f"{path}/held"), 403, "not_allowed")
    held = ok(await artist.get(f"{path}/held"))["items"]
    assert [one["picks"] for one in held] == [[{"option_id": "o1"}], [{"option_id": "o2"}]]
    assert len({one["device"] for one in held}) == 1
    body = {"participant_ids": [held[0]["participant_id"]]}
    refused(await guest.post(f"{path}/held/release", body), 403, "not_allowed")
    ok(await artist.post(f"{path}/held/release", body))
    assert len(ok(await artist.get(f"{path}/held"))["items"]) == 1
    result = ok(await artist.post(f"{path}/close"))["result"]
    assert (result["options"], result["held"]) == ({"o1": 4, "o2": 0}, 1)


# --- checking in ----------------------------------------------------------------------------


async def test_a_round_for_people_who_are_there(
    artist: Person, guest: Person, nobody: Person
) -> None:
    show = await artist.live_show()
    opened = await artist.open_round(show["id"], who={"attendance": "checked_in"})
    refused(await vote(guest, opened["id"]), 403, "check_in_required")
    path = f"/api/shows/{show['id']}"
    refused(await guest.post(f"{path}/check-in", {"code": "AAAAAA"}), 403, "wrong_check_in_code")
    shown = ok(await artist.get(f"{path}/check-in-code"))
    assert datetime.fromisoformat(shown["expires_at"]) > datetime.now(UTC)
    typed = f" {shown['code'][:3].lower()} {shown['code'][3:]} "
    there = ok(await guest.post(f"{path}/check-in", {"code": typed}))
    assert ok(await guest.post(f"{path}/check-in", {"code": typed})) == there
    ok(await vote(guest, opened["id"]))
    ok(await artist.post(f"{path}/close"))
    late = await nobody.as_guest("Too late")
    refused(await late.post(f"{path}/check-in", {"code": typed}), 409, "check_in_closed")


async def test_the_code_is_for_crew(artist: Person, fan: Person, nobody: Person) -> None:
    path = f"/api/shows/{(await artist.live_show())['id']}/check-in-code"
    refused(await fan.get(path), 403, "not_allowed")
    refused(await nobody.get(path), 401, "not_authenticated")


async def test_codes_cannot_be_guessed(artist: Person, guest: Person) -> None:
    path = f"/api/shows/{(await artist.live_show())['id']}"
    ok(await artist.get(f"{path}/check-in-code"))
    answers = [await guest.post(f"{path}/check-in", {"code": "AAAAAA"}) for _ in range(21)]
    assert {answer.status_code for answer in answers[:20]} == {403}
    refused(answers[20], 429, "rate_limited")


@pytest.mark.parametrize(("periods", "taken"), [(0, True), (-1, True), (-2, False), (1, False)])
async def test_a_code_is_taken_for_one_period_more(
    artist: Person, guest: Person, app: Litestar, periods: int, taken: bool
) -> None:
    show = await artist.live_show()
    path = f"/api/shows/{show['id']}"
    ok(await artist.get(f"{path}/check-in-code"))
    services = app.state.services
    secret = await services.pool.fetchval(
        "SELECT check_in_secret FROM shows WHERE id = $1", show["id"]
    )
    period = int(services.clock.now().timestamp()) // ROTATES_S + periods
    answer = await guest.post(f"{path}/check-in", {"code": code_of(secret, period)})
    assert (answer.status_code == 200) is taken


async def test_a_show_says_whether_it_takes_sms(artist: Person) -> None:
    show = await artist.show(takes_sms=True)
    path = f"/api/shows/{show['id']}"
    assert ok(await artist.get(path))["takes_sms"] is True
    assert ok(await artist.put(path, {"title": "Other"}))["takes_sms"] is True
    assert ok(await artist.put(path, {"takes_sms": False}))["takes_sms"] is False
    assert (await artist.show())["takes_sms"] is False
