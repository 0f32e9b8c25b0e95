"""``/api/auth``: PROTOCOL "HTTP", accounts."""

from __future__ import annotations

import pytest

from tests.browser.site import Site
from tests.wire.client import PASSWORD, Caller, is_uuid7, made, new_id, ok, refused, unique_email
from tests.wire.conftest import be_guest, sign_up


def test_signing_up_answers_201_with_the_user_and_tokens(nobody: Caller) -> None:
    email = unique_email()
    body = {"email": email, "password": PASSWORD, "display_name": "Jerry", "role": "artist"}
    signed = made(nobody.post("/api/auth/signup", body))
    user = signed["user"]
    assert (user["email"], user["display_name"], user["role"]) == (email, "Jerry", "artist")
    assert is_uuid7(user["id"])
    assert signed["access_token"] and signed["refresh_token"]
    assert signed["expires_in"] == 15 * 60


def test_without_a_role_one_is_a_fan(nobody: Caller) -> None:
    body = {"email": unique_email(), "password": PASSWORD, "display_name": "Robin"}
    assert made(nobody.post("/api/auth/signup", body))["user"]["role"] == "fan"


@pytest.mark.parametrize("role", ["admin", "moderator", "nonsense", 7])
def test_nobody_signs_up_as_anything_but_fan_or_artist(nobody: Caller, role: object) -> None:
    body = {"email": unique_email(), "password": PASSWORD, "display_name": "X", "role": role}
    problem = refused(nobody.post("/api/auth/signup", body), 422, "validation_failed")
    assert [error["field"] for error in problem["errors"]] == ["role"]


def test_every_bad_field_of_a_signup_is_named(nobody: Caller) -> None:
    body = {"email": "no address", "password": "short", "display_name": "   "}
    problem = refused(nobody.post("/api/auth/signup", body), 422, "validation_failed")
    fields = {error["field"] for error in problem["errors"]}
    assert fields == {"email", "password", "display_name"}


def test_an_address_has_one_account_whatever_its_case(fan: Caller) -> None:
    body = {"email": fan.email.upper(), "password": PASSWORD, "display_name": "Again"}
    refused(fan.__class__(fan.client).post("/api/auth/signup", body), 409, "email_taken")


def test_logging_in_answers_200_with_the_same_body(nobody: Caller, fan: Caller) -> None:
    signed = ok(nobody.post("/api/auth/login", {"email": fan.email, "password": PASSWORD}))
    assert signed["user"] == fan.body["user"]
    assert {"access_token", "refresh_token", "expires_in"} <= signed.keys()


def test_a_wrong_password_and_an_unknown_address_are_told_alike(
    nobody: Caller, fan: Caller
) -> None:
    wrong = {"email": fan.email, "password": PASSWORD + "!"}
    unknown = {"email": unique_email(), "password": PASSWORD}
    said = [
        refused(nobody.post("/api/auth/login", body), 401, "invalid_credentials")
        for body in (wrong, unknown)
    ]
    assert said[0]["detail"] == said[1]["detail"]


def test_guessing_one_accounts_password_is_soon_refused_with_a_time_to_wait(
    nobody: Caller, fan: Caller
) -> None:
    body = {"email": fan.email, "password": "not the passphrase"}
    for _ in range(30):
        answer = nobody.post("/api/auth/login", body)
        if answer.status_code != 401:
            break
    problem = refused(answer, 429, "rate_limited")
    assert problem["retryable"] is True
    assert int(answer.headers["retry-after"]) > 0


def test_a_guest_is_one_call_without_a_body(nobody: Caller) -> None:
    guest = made(nobody.post("/api/auth/guest"))
    assert is_uuid7(guest["guest_id"])
    assert guest["access_token"] and guest["refresh_token"] and guest["expires_in"] > 0
    profile = ok(Caller(nobody.client, guest).get("/api/auth/profile"))
    assert (profile["id"], profile["email"]) == (guest["guest_id"], None)
    assert profile["display_name"]


def test_the_profile_is_the_callers_own(fan: Caller) -> None:
    assert ok(fan.get("/api/auth/profile")) == fan.body["user"]


def test_a_guest_who_signs_up_keeps_id_and_votes(artist: Caller, guest: Caller) -> None:
    show_id = artist.live_show()["id"]
    round_id = artist.open_round(show_id)
    ok(guest.vote(round_id, "o2"))
    body = {"email": unique_email(), "password": PASSWORD, "display_name": "Robin"}
    account = Caller(guest.client, made(guest.post("/api/auth/signup", body)))
    assert account.id == guest.id
    with account.socket(show_id) as socket:
        you = socket.welcome()["you"]
    assert you["ballots"] == [{"round_id": round_id, "picks": [{"option_id": "o2"}]}]
    assert you["guest"] is False
    ok(account.vote(round_id, "o1"))
    closed = ok(artist.post(f"/api/rounds/{round_id}/close"))
    assert (closed["result"]["options"], closed["result"]["voters"]) == ({"o1": 1, "o2": 0}, 1)


def test_refreshing_rotates_and_a_used_token_ends_the_session(nobody: Caller, fan: Caller) -> None:
    old = fan.body["refresh_token"]
    fresh = ok(nobody.post("/api/auth/refresh", {"refresh_token": old}))
    assert fresh["refresh_token"] != old
    assert fresh["expires_in"] > 0
    current = Caller(nobody.client, fresh)
    ok(current.get("/api/auth/profile"))
    refused(nobody.post("/api/auth/refresh", {"refresh_token": old}), 401, "refresh_token_reused")
    refused(current.get("/api/auth/profile"), 401, "session_revoked")
    body = {"refresh_token": fresh["refresh_token"]}
    assert refused(nobody.post("/api/auth/refresh", body), 401)["code"] in (
        "invalid_refresh_token",
        "refresh_token_reused",
    )


def test_a_token_that_was_never_ours_refreshes_nothing(nobody: Caller) -> None:
    body = {"refresh_token": "rubbish"}
    refused(nobody.post("/api/auth/refresh", body), 401, "invalid_refresh_token")


def test_logging_out_ends_access_and_refresh(nobody: Caller, fan: Caller) -> None:
    assert fan.post("/api/auth/logout").status_code in (200, 204)
    refused(fan.get("/api/auth/profile"), 401, "session_revoked")
    body = {"refresh_token": fan.body["refresh_token"]}
    refused(nobody.post("/api/auth/refresh", body), 401)


@pytest.mark.parametrize("token", ["Bearer rubbish", "Basic cm9iaW46eA==", "Bearer"])
def test_a_bad_token_is_401_and_says_how_to_authenticate(nobody: Caller, token: str) -> None:
    answer = nobody.get("/api/auth/profile", headers={"Authorization": token})
    refused(answer, 401, "invalid_token")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_without_a_token_what_needs_one_is_401(nobody: Caller, node: Site) -> None:
    for method, path in (("GET", "/api/auth/profile"), ("POST", f"/api/shows/{new_id()}/ticket")):
        refused(nobody.call(method, path), 401, "not_authenticated")


def test_the_pages_cookie_needs_a_call_from_our_own_pages(nobody: Caller, node: Site) -> None:
    import httpx

    body = {"email": unique_email(), "password": PASSWORD, "display_name": "A", "role": "artist"}
    show = {"title": "x", "starts_at": "2027-05-08T19:00:00Z"}
    with httpx.Client(base_url=node.url) as browser:
        answer = browser.post("/api/auth/signup", json=body | {"session_cookie": True})
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie and "samesite" in cookie
        assert browser.get("/api/auth/profile").status_code == 200
        refused(browser.post("/api/shows", json=show), 403, "csrf_failed")
        foreign = {"Origin": "https://evil.example"}
        refused(browser.post("/api/shows", json=show, headers=foreign), 403, "csrf_failed")
        made(browser.post("/api/shows", json=show, headers={"Origin": node.url}))


def test_people_are_told_apart(nobody: Caller) -> None:
    people = [
        sign_up(nobody, "fan"),
        sign_up(nobody, "fan"),
        be_guest(nobody, "A"),
        be_guest(nobody, "A"),
    ]
    assert len({person.id for person in people}) == 4
