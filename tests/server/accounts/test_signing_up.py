"""Signing up: what is kept, what is refused, and guests who become accounts."""

import pytest
from litestar import Litestar

from tests.server.http import PASSWORD, Person, made, ok, refused, unique_email


@pytest.fixture
def signup() -> dict[str, str]:
    """What a newcomer sends."""
    return {"email": unique_email(), "password": PASSWORD, "display_name": "New"}


async def test_an_account_gets_its_tokens(nobody: Person, signup: dict[str, str]) -> None:
    body = made(await nobody.post("/api/auth/signup", signup | {"role": "artist"}))
    assert body["user"]["email"] == signup["email"]
    assert body["user"]["role"] == "artist"
    assert body["expires_in"] == 900
    profile = ok(await Person(nobody.client, body).get("/api/auth/profile"))
    assert profile == body["user"]


async def test_an_address_has_one_account_whatever_its_case(
    nobody: Person, signup: dict[str, str]
) -> None:
    made(await nobody.post("/api/auth/signup", signup))
    again = await nobody.post(
        "/api/auth/signup", signup | {"email": "  " + signup["email"].upper()}
    )
    refused(again, 409, "email_taken")


@pytest.mark.parametrize("role", ["admin", "moderator", "curator", "nobody"])
async def test_nobody_gives_themselves_a_crew_role(
    nobody: Person, role: str, signup: dict[str, str]
) -> None:
    problem = refused(
        await nobody.post("/api/auth/signup", signup | {"role": role}), 422, "validation_failed"
    )
    assert [error["field"] for error in problem["errors"]] == ["role"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"email": "a@b"}, "email"),
        ({"password": "seven.c"}, "password"),
        ({"password": "x" * 201}, "password"),
        ({"password": "qwertyuiop"}, "password"),
        ({"password": "aaaaaaaaaaaa"}, "password"),
        ({"password": "new@example.com", "email": "new@example.com"}, "password"),
        ({"display_name": " \u200b\u202e "}, "display_name"),
        ({"display_name": "x" * 61}, "display_name"),
    ],
)
async def test_what_cannot_be_used_is_named(
    nobody: Person, changes: dict[str, str], field: str, signup: dict[str, str]
) -> None:
    answer = await nobody.post("/api/auth/signup", signup | changes)
    problem = refused(answer, 422, "validation_failed")
    assert [error["field"] for error in problem["errors"]] == [field]


async def test_every_bad_field_is_named_at_once(nobody: Person, signup: dict[str, str]) -> None:
    answer = await nobody.post("/api/auth/signup", {"email": 5, "role": "king"})
    problem = refused(answer, 422, "validation_failed")
    fields = {error["field"] for error in problem["errors"]}
    assert fields == {"email", "password", "display_name", "role"}


async def test_a_long_password_of_any_characters_works(
    nobody: Person, signup: dict[str, str]
) -> None:
    password = "päss \u0000 wörd 🎸" + "x" * 180
    made(await nobody.post("/api/auth/signup", signup | {"password": password}))
    body = {"email": signup["email"], "password": password}
    ok(await nobody.post("/api/auth/login", body))
    other = {"email": signup["email"], "password": password + "x"}
    refused(await nobody.post("/api/auth/login", other), 401, "invalid_credentials")


async def test_passwords_are_kept_as_argon2id(
    nobody: Person, app: Litestar, signup: dict[str, str]
) -> None:
    body = made(await nobody.post("/api/auth/signup", signup))
    account = await app.state.services.accounts.by_id(body["user"]["id"])
    assert account.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize(
    ("asked", "called"), [("es-MX,es;q=0.9", "Invitado"), ("de", "Gast"), ("ja", "Guest")]
)
async def test_a_guest_is_called_so_in_the_language_of_their_browser(
    nobody: Person, asked: str, called: str
) -> None:
    answer = made(await nobody.post("/api/auth/guest", headers={"accept-language": asked}))
    assert answer["user"]["display_name"].rsplit(" ", 1)[0] == called


async def test_a_guest_is_one_call_without_a_body(nobody: Person) -> None:
    answer = made(await nobody.client.post("/api/auth/guest"))
    assert answer["guest_id"] == answer["user"]["id"]
    assert answer["user"]["guest"] is True
    assert answer["user"]["display_name"].startswith("Guest")


async def test_a_device_comes_back_as_the_same_guest(nobody: Person) -> None:
    first = made(await nobody.post("/api/auth/guest", {"display_name": "Robin"}))
    again = made(await nobody.post("/api/auth/guest", {"device_token": first["device_token"]}))
    assert again["guest_id"] == first["guest_id"]
    assert again["user"]["display_name"] == "Robin"
    other = made(
        await nobody.post("/api/auth/guest", {"device_token": "x" + first["device_token"]})
    )
    assert other["guest_id"] != first["guest_id"]


async def test_a_guest_who_signs_up_keeps_its_id_attendees_and_ballots(
    artist: Person, guest: Person, signup: dict[str, str]
) -> None:
    show = await artist.live_show()
    opened = await artist.open_round(show["id"])
    vote = {"command_id": "c1", "picks": [{"option_id": "o1"}]}
    ticket = made(await guest.post(f"/api/shows/{show['id']}/ticket"))
    ok(await guest.post(f"/api/rounds/{opened['id']}/vote", vote))

    account = Person(guest.client, made(await guest.post("/api/auth/signup", signup)))
    assert account.id == guest.id
    assert account.body["user"]["guest"] is False

    again = made(await account.post(f"/api/shows/{show['id']}/ticket"))
    assert again["participant_id"] == ticket["participant_id"]
    changed = {"command_id": "c2", "picks": [{"option_id": "o2"}]}
    ok(await account.post(f"/api/rounds/{opened['id']}/vote", changed))
    closed = ok(await artist.post(f"/api/rounds/{opened['id']}/close"))
    assert closed["result"]["options"] == {"o1": 0, "o2": 1}
    assert closed["result"]["voters"] == 1


async def test_an_upgraded_guest_signs_in_by_password_and_no_longer_by_device(
    guest: Person, signup: dict[str, str]
) -> None:
    made(await guest.post("/api/auth/signup", signup))
    body = {"email": signup["email"], "password": PASSWORD}
    signed_in = ok(await guest.post("/api/auth/login", body))
    assert signed_in["user"]["id"] == guest.id
    device = {"device_token": guest.body["device_token"]}
    other = made(await Person(guest.client).post("/api/auth/guest", device))
    assert other["guest_id"] != guest.id


async def test_an_upgrade_to_a_taken_address_leaves_the_guest_a_guest(
    fan: Person, guest: Person, signup: dict[str, str]
) -> None:
    taken = signup | {"email": fan.email}
    refused(await guest.post("/api/auth/signup", taken), 409, "email_taken")
    assert ok(await guest.get("/api/auth/profile"))["guest"] is True


async def test_somebody_with_an_account_signs_up_for_another(
    fan: Person, signup: dict[str, str]
) -> None:
    other = made(await fan.post("/api/auth/signup", signup))
    assert other["user"]["id"] != fan.id
