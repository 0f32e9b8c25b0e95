"""One's own account: what one says of oneself, where one is signed in, one's data, and its end."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.site import setlist_update
from tests.wire.client import (
    PASSWORD,
    Caller,
    Json,
    is_uuid7,
    made,
    new_id,
    ok,
    refused,
)
from tests.wire.workers import ask, until, worker

ITHACA = {"name": "Ithaca", "country": "US", "admin": "New York", "lat": 42.44, "lon": -76.5}
PIXEL = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"


def again(person: Caller, user_agent: str = PIXEL) -> Caller:
    """The same person on one more device."""
    body = {"email": person.email, "password": PASSWORD}
    headers = {"User-Agent": user_agent}
    return Caller(
        person.client, ok(person.client.post("/api/auth/login", json=body, headers=headers))
    )


def profile(person: Caller, **changes: Any) -> Json:
    return ok(person.put("/api/auth/profile", changes))


def test_a_profile_is_changed_by_what_is_named(fan: Caller) -> None:
    before = ok(fan.get("/api/auth/profile"))
    assert before["language"] is None and before["home_city"] is None
    choices = {"show_name": True, "show_presence": True, "remember_rooms": True}
    assert before["privacy"] == choices
    named = profile(fan, display_name=" Ana \n María ", language="es", home_city=ITHACA)
    assert named["display_name"] == "Ana María" and named["language"] == "es"
    assert named["home_city"] == ITHACA and named["privacy"] == choices
    private = profile(fan, privacy={"show_presence": False})
    assert private["privacy"] == choices | {"show_presence": False}
    gone = profile(fan, home_city=None, language=None)
    assert gone == ok(fan.get("/api/auth/profile"))
    assert gone["home_city"] is None and gone["display_name"] == "Ana María"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"display_name": " \u200b "}, "display_name"),
        ({"display_name": "x" * 61}, "display_name"),
        ({"language": "tlh"}, "language"),
        ({"home_city": {"name": "X", "lat": 91, "lon": 0}}, "home_city.lat"),
        ({"home_city": {"name": " ", "lat": 1, "lon": 0}}, "home_city.name"),
        ({"privacy": {"show_name": "no"}}, "privacy.show_name"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_field(fan: Caller, body: Json, field: str) -> None:
    problem = refused(fan.put("/api/auth/profile", body), 422, "validation_failed")
    assert [error["field"] for error in problem["errors"]] == [field]


def test_a_hidden_name_is_hidden_in_what_was_done_before(artist: Caller, fan: Caller) -> None:
    show_id = artist.live_show()["id"]
    profile(fan, display_name="Penelope")
    with artist.socket(show_id) as watching, fan.socket(show_id) as own:
        watching.welcome()
        own.welcome()
        assert own.give("post_chat", text="hello")["t"] == "ack"
        assert watching.event("chat_posted")["data"]["display_name"] == "Penelope"
        update = {"command_id": new_id(), "update": setlist_update([("set1", "Bertha")])}
        ok(fan.post(f"/api/shows/{show_id}/setlist/updates", update))
        assert own.give("request_song", title="Ripple")["t"] == "ack"
        profile(fan, privacy={"show_name": False})
        assert own.close_code() == 4010, "comes back under another name"
    with fan.socket(show_id) as back, artist.socket(show_id) as watching:
        you = back.welcome()["you"]
        name = you["display_name"]
        assert name == f"Fan {you['participant_id'][-4:]}"
        state = watching.welcome()["state"]
        assert [line["display_name"] for line in state["chat"]] == [name]
        assert "Penelope" not in json.dumps(state)
        assert back.give("post_chat", text="again")["t"] == "ack"
        assert watching.event("chat_posted")["data"]["display_name"] == name
    history = ok(artist.get(f"/api/shows/{show_id}/setlist/history"))
    assert history["items"][0]["display_name"] == name
    # Another room gives another number: nobody is followed from show to show.
    other = artist.live_show()["id"]
    with fan.socket(other) as there:
        elsewhere = there.welcome()["you"]
        assert elsewhere["display_name"] == f"Fan {elsewhere['participant_id'][-4:]}"
        profile(fan, privacy={"show_name": True})
    with fan.socket(other) as there:
        assert there.welcome()["you"]["display_name"] == "Penelope"


def test_crew_goes_by_its_name(artist: Caller) -> None:
    show_id = artist.live_show()["id"]
    profile(artist, display_name="The Real Band", privacy={"show_name": False})
    with artist.socket(show_id) as own:
        assert own.welcome()["you"]["display_name"] == "The Real Band"


def test_who_would_not_be_seen_editing_is_not(artist: Caller, fan: Caller) -> None:
    show_id = artist.live_show()["id"]
    frame = bytes([1, 13, 1, 42, 1, 9]) + b'{"n":"A"}'
    with artist.socket(show_id) as watching:
        watching.welcome()
        profile(fan, privacy={"show_presence": False})
        with fan.socket(show_id) as hidden:
            hidden.welcome()
            hidden.connection.send(frame)
            assert hidden.give("post_chat", text="one")["t"] == "ack"
            watching.event("chat_posted")
        profile(fan, privacy={"show_presence": True})
        with fan.socket(show_id) as seen:
            seen.welcome()
            seen.connection.send(frame)
            watching.binary(lambda data: b'{"n":"A"}' in data)
    named = [data for data in watching.frames if b'{"n":"A"}' in data]
    assert len(named) == 1, "only once it was asked for"


def test_rooms_are_remembered_for_who_would_have_it(artist: Caller, fan: Caller) -> None:
    shows = [artist.live_show()["id"] for _ in range(3)]
    for show_id in shows:
        fan.ticket(show_id)
    first = ok(fan.get("/api/me/rooms?limit=2"))
    assert [item["show_id"] for item in first["items"]] == shows[:0:-1]
    rest = ok(fan.get(f"/api/me/rooms?limit=2&cursor={first['next_cursor']}"))
    assert [item["show_id"] for item in rest["items"]] == shows[:1]
    assert rest["next_cursor"] is None and rest["items"][0]["role"] == "fan"
    profile(fan, privacy={"remember_rooms": False})
    assert ok(fan.get("/api/me/rooms"))["items"] == []
    profile(fan, privacy={"remember_rooms": True})
    assert len(ok(fan.get("/api/me/rooms"))["items"]) == 3


def test_sessions_are_listed_and_ended_one_by_one_and_all_others(
    artist: Caller, fan: Caller
) -> None:
    show_id = artist.live_show()["id"]
    phone, tablet = again(fan), again(fan, "curl/8.5.0")
    items = ok(phone.get("/api/auth/sessions"))["items"]
    assert len(items) == 3 and all(is_uuid7(item["id"]) for item in items)
    current = [item for item in items if item["current"]]
    assert [item["device_label"] for item in current] == ["Firefox on Android"]
    labels = {item["device_label"] for item in items}
    assert "curl" in labels
    of_tablet = next(item["id"] for item in items if item["device_label"] == "curl")
    refused(artist.call("DELETE", f"/api/auth/sessions/{of_tablet}"), 404, "unknown_session")
    with tablet.socket(show_id) as socket:
        socket.welcome()
        ok(phone.call("DELETE", f"/api/auth/sessions/{of_tablet}"), 204)
        assert socket.close_code() == 4401
    refused(tablet.get("/api/auth/profile"), 401, "session_revoked")
    refused(phone.call("DELETE", f"/api/auth/sessions/{of_tablet}"), 404, "unknown_session")
    assert ok(phone.post("/api/auth/sessions/revoke_others"))["revoked"] == 1
    refused(fan.get("/api/auth/profile"), 401, "session_revoked")
    assert len(ok(phone.get("/api/auth/sessions"))["items"]) == 1


def test_a_new_password_ends_the_other_sessions(fan: Caller, guest: Caller) -> None:
    phone, fresh = again(fan), "a new and better passphrase"
    body = {"current_password": PASSWORD, "new_password": fresh}
    problem = refused(
        fan.post("/api/auth/password", body | {"current_password": "wrong"}), 403, "wrong_password"
    )
    assert problem["errors"][0]["field"] == "current_password"
    problem = refused(fan.post("/api/auth/password", body | {"new_password": "password"}), 422)
    assert problem["errors"][0]["field"] == "new_password"
    assert ok(phone.get("/api/auth/profile")), "nothing has happened yet"
    assert ok(fan.post("/api/auth/password", body))["revoked"] == 1
    refused(phone.get("/api/auth/profile"), 401, "session_revoked")
    ok(fan.get("/api/auth/profile"))
    old = {"email": fan.email, "password": PASSWORD}
    refused(fan.client.post("/api/auth/login", json=old), 401, "invalid_credentials")
    ok(fan.client.post("/api/auth/login", json=old | {"password": fresh}))
    refused(guest.post("/api/auth/password", body), 403, "not_allowed")


def test_guessing_a_password_from_a_stolen_session_is_slow(fan: Caller) -> None:
    body = {"current_password": "wrong wrong", "new_password": "a new and better passphrase"}
    for _ in range(10):
        refused(fan.post("/api/auth/password", body), 403, "wrong_password")
    refused(fan.post("/api/auth/password", body), 429, "rate_limited")
    delete = {"password": PASSWORD}
    refused(fan.call("DELETE", "/api/auth/account", delete), 429, "rate_limited")


def test_the_export_holds_what_somebody_said_and_did(artist: Caller, fan: Caller) -> None:
    show_id = artist.live_show(title="The Export Show")["id"]
    round_id = artist.open_round(show_id)
    ok(fan.vote(round_id, "o2"))
    ok(fan.command(show_id, "post_chat", text="Remember me"))
    ok(artist.command(show_id, "post_chat", text="Somebody else's words"))
    profile(fan, home_city=ITHACA)
    answer = fan.get("/api/auth/export")
    assert answer.headers["content-disposition"].startswith("attachment")
    data = ok(answer)
    assert data["account"][0]["email"] == fan.email and data["account"][0]["home_city"] == ITHACA
    assert [room["title"] for room in data["rooms"]] == ["The Export Show"]
    assert data["ballots"][0]["picks"][0]["option_id"] == "o2"
    said = [
        event["data"]["text"] for event in data["said_and_done"] if event["name"] == "chat_posted"
    ]
    assert said == ["Remember me"]
    assert "Somebody else" not in answer.text
    for secret in ('password_hash"', "token_hash", "$argon2", fan.body["refresh_token"]):
        assert secret not in answer.text
    theirs = ok(artist.get("/api/auth/export"))
    assert [show["title"] for show in theirs["shows"]] == ["The Export Show"]
    assert theirs["ballots"] == []


def test_the_export_holds_nothing_of_others_nor_of_the_crews(
    artist: Caller, fan: Caller, guest: Caller
) -> None:
    show_id = artist.live_show()["id"]
    held = ok(fan.command(show_id, "post_chat", text="shit, what a night"))["data"]
    ok(artist.command(show_id, "release_chat", chat_message_id=held["chat_message_id"]))
    report = {"chat_message_id": held["chat_message_id"], "reason": "spam"}
    ok(guest.command(show_id, "report_chat", **report))

    def done(who: Caller) -> list[tuple[str, Any]]:
        said = ok(who.get("/api/auth/export"))["said_and_done"]
        return [(event["name"], event["data"]) for event in said]

    own = {"chat_message_id": held["chat_message_id"], "text": "shit, what a night"}
    assert done(fan) == [("chat_held", own)]
    assert done(guest) == [("chat_reported", report)]
    assert "what a night" not in str(done(artist))


def test_who_has_a_show_that_is_not_over_deletes_no_account(artist: Caller) -> None:
    show_id = artist.live_show()["id"]
    body = {"password": PASSWORD}
    refused(artist.call("DELETE", "/api/auth/account", body), 409, "owns_shows")
    ok(artist.post(f"/api/shows/{show_id}/cancel"))
    ok(artist.call("DELETE", "/api/auth/account", body), 204)


def _wishes_of(display_name: str) -> Callable[[Json], bool]:
    """Whether a message is the queue of song requests, and all of them this person's."""

    def wanted(message: Json) -> bool:
        if message["t"] != "state" or message["name"] != "song_requests":
            return False
        return {one["display_name"] for one in message["data"]["requests"]} == {display_name}

    return wanted


def test_a_deleted_account_leaves_votes_and_no_name(
    artist: Caller, fan: Caller, wire_database: str
) -> None:
    profile(fan, display_name="Telemachus", home_city=ITHACA)
    past = artist.live_show()["id"]
    ok(fan.command(past, "post_chat", text="I was there"))
    ok(artist.post(f"/api/shows/{past}/close"))
    show_id = artist.live_show()["id"]
    round_id = artist.open_round(show_id, visibility="always")
    ok(fan.vote(round_id, "o2"))
    ok(fan.command(show_id, "post_chat", text="Farewell"))
    ok(fan.command(show_id, "request_song", title="Ripple"))
    update = {"command_id": new_id(), "update": setlist_update([("set1", "Bertha")])}
    ok(fan.post(f"/api/shows/{show_id}/setlist/updates", update))
    delete = "/api/auth/account"
    refused(fan.call("DELETE", delete), 403, "wrong_password")
    refused(fan.call("DELETE", delete, {"password": "not this one"}), 403, "wrong_password")
    phone = again(fan)
    with phone.socket(show_id) as socket, artist.socket(show_id) as watching:
        socket.welcome()
        assert "Telemachus" in json.dumps(watching.welcome())
        ok(fan.call("DELETE", delete, {"password": PASSWORD}), 204)
        assert socket.close_code() == 4401
        # The last state from before the deletion may still have been on its way.
        watching.until(_wishes_of("Deleted account"))
    for gone in (fan, phone):
        refused(gone.get("/api/auth/profile"), 401, "session_revoked")
    login = {"email": fan.email, "password": PASSWORD}
    refused(fan.client.post("/api/auth/login", json=login), 401, "invalid_credentials")
    with artist.socket(show_id) as socket:
        state = socket.welcome()["state"]
    assert [line["text"] for line in state["chat"]] == ["Farewell"]
    assert [line["display_name"] for line in state["chat"]] == ["Deleted account"]
    assert [entry["title"] for entry in state["setlist"]["entries"]] == ["Bertha"]
    closed = ok(artist.post(f"/api/rounds/{round_id}/close"))
    assert closed["result"]["options"] == {"o1": 0, "o2": 1}
    history = ok(artist.get(f"/api/shows/{show_id}/setlist/history"))
    assert {item["display_name"] for item in history["items"]} == {"Deleted account"}

    def kept() -> int:
        query = "SELECT count(*) FROM room_events WHERE data::text LIKE '%Telemachus%'"
        return int(ask(wire_database, query))

    assert kept() == 1, "the room that is over"
    with worker(wire_database):
        until("the name is out of every log", lambda: kept() == 0)
    past_chat = ok(artist.get(f"/api/shows/{past}/replay"))["events"]
    assert "I was there" in json.dumps(past_chat) and "Deleted account" in json.dumps(past_chat)
    for table in ("accounts", "attendees", "audit_log", "room_events", "room_snapshots"):
        shown = "convert_from(state, 'UTF8')" if table == "room_snapshots" else f"{table}::text"
        found = f"SELECT count(*) FROM {table} WHERE {shown} LIKE ANY ($1::text[])"
        assert ask(wire_database, found, ["%Telemachus%", f"%{fan.email}%"]) == 0
    # The address is free again, for another account.
    body = login | {"display_name": "New", "role": "fan"}
    assert made(fan.client.post("/api/auth/signup", json=body))["user"]["id"] != fan.id


def test_a_guest_deletes_itself_without_a_password(guest: Caller) -> None:
    ok(guest.call("DELETE", "/api/auth/account"), 204)
    refused(guest.get("/api/auth/profile"), 401, "session_revoked")
    back = guest.client.post("/api/auth/guest", json={"device_token": guest.body["device_token"]})
    assert made(back)["guest_id"] != guest.id, "the device is somebody new"
