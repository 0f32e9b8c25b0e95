"""``/api/shows``: DOMAIN "A show's life", access and roles; PROTOCOL "HTTP"."""

from __future__ import annotations

import pytest

from tests.wire.client import Caller, is_uuid7, made, new_id, ok, refused
from tests.wire.conftest import be_guest, sign_up

STEPS = ("publish", "open", "close", "archive", "cancel")
PATHS = {
    "draft": (),
    "published": ("publish",),
    "live": ("publish", "open"),
    "closed": ("publish", "open", "close"),
    "archived": ("publish", "open", "close", "archive"),
    "cancelled": ("cancel",),
}
LEGAL = {
    ("draft", "publish"): "published",
    ("published", "open"): "live",
    ("live", "close"): "closed",
    ("closed", "archive"): "archived",
    ("draft", "cancel"): "cancelled",
    ("published", "cancel"): "cancelled",
    ("live", "cancel"): "cancelled",
}


def test_a_new_show_is_a_draft_with_slug_and_join_code(artist: Caller) -> None:
    body = {
        "title": "Barton Hall",
        "starts_at": "2027-05-08T19:00:00-04:00",
        "ends_at": "2027-05-09T03:00:00Z",
        "access": "public",
        "venue": {"name": "Barton Hall", "city": "Ithaca", "country": "US"},
        "artists": [{"name": "Grateful Dead"}, {"name": "New Riders"}],
    }
    show = made(artist.post("/api/shows", body))
    assert is_uuid7(show["id"])
    assert (show["title"], show["status"], show["access"]) == ("Barton Hall", "draft", "public")
    assert show["slug"] and show["join_code"]
    assert show["starts_at"] == "2027-05-08T23:00:00Z"
    assert show["venue"] == {"name": "Barton Hall", "city": "Ithaca", "country": "US"}
    assert [one["name"] for one in show["artists"]] == ["Grateful Dead", "New Riders"]


def test_country_names_are_understood(artist: Caller) -> None:
    venue = {"name": "Wembley", "city": "London", "country": "United Kingdom"}
    assert artist.show(venue=venue)["venue"]["country"] == "GB"


def test_fans_and_guests_make_no_shows(fan: Caller, guest: Caller, nobody: Caller) -> None:
    body = {"title": "Mine", "starts_at": "2027-05-08T19:00:00Z"}
    refused(fan.post("/api/shows", body), 403, "not_allowed")
    refused(guest.post("/api/shows", body), 403, "not_allowed")
    refused(nobody.post("/api/shows", body), 401, "not_authenticated")


@pytest.mark.parametrize("status", PATHS)
def test_only_the_legal_transitions(artist: Caller, status: str) -> None:
    for step in STEPS:
        show_id = artist.show()["id"]
        for before in PATHS[status]:
            ok(artist.post(f"/api/shows/{show_id}/{before}"))
        answer = artist.post(f"/api/shows/{show_id}/{step}")
        if (status, step) in LEGAL:
            assert ok(answer)["status"] == LEGAL[status, step]
        else:
            refused(answer, 409, "illegal_transition")
            assert ok(artist.get(f"/api/shows/{show_id}"))["status"] == status


def test_only_the_crew_drives_a_show(artist: Caller, fan: Caller, nobody: Caller) -> None:
    show_id = artist.show()["id"]
    ok(artist.post(f"/api/shows/{show_id}/publish"))
    for step in STEPS:
        path = f"/api/shows/{show_id}/{step}"
        refused(fan.post(path), 403, "not_allowed")
        refused(nobody.post(path), 401, "not_authenticated")
        refused(sign_up(nobody, "artist").post(path), 403, "not_allowed")
    refused(fan.put(f"/api/shows/{show_id}", {"title": "Mine"}), 403, "not_allowed")


def test_a_draft_is_unknown_to_all_but_its_crew(
    artist: Caller, fan: Caller, nobody: Caller
) -> None:
    show = artist.show()
    for who in (fan, nobody):
        refused(who.get(f"/api/shows/{show['id']}"), 404, "unknown_show")
        listed = ok(who.get("/api/shows", params={"limit": 100, "q": show["title"]}))["items"]
        assert show["id"] not in [one["id"] for one in listed]
    assert ok(artist.get(f"/api/shows/{show['id']}"))["status"] == "draft"


def test_a_change_keeps_what_it_does_not_name(artist: Caller) -> None:
    show = artist.show(venue={"name": "Winterland"})
    changed = ok(artist.put(f"/api/shows/{show['id']}", {"title": "Cornell", "unknown": 1}))
    assert changed["title"] == "Cornell"
    for name in ("id", "starts_at", "venue", "access", "join_code", "status"):
        assert changed[name] == show[name], name
    whole = {key: changed[key] for key in ("title", "starts_at", "ends_at", "access", "venue")}
    assert ok(artist.put(f"/api/shows/{show['id']}", whole))["title"] == "Cornell"


def test_the_join_code_is_for_the_crew(artist: Caller, fan: Caller) -> None:
    show_id = artist.live_show()["id"]
    assert ok(artist.get(f"/api/shows/{show_id}"))["join_code"]
    assert not ok(fan.get(f"/api/shows/{show_id}")).get("join_code")


def test_lists_are_paged_by_cursor_without_gap_or_repeat(artist: Caller, nobody: Caller) -> None:
    title = f"Paged {new_id()}"
    wanted = []
    for day in (1, 1, 2, 3, 4):
        show = artist.show(title=title, starts_at=f"2031-03-0{day}T20:00:00Z")
        ok(artist.post(f"/api/shows/{show['id']}/publish"))
        wanted.append(show["id"])
    seen: list[str] = []
    params: dict[str, object] = {"q": title, "limit": 2}
    for _ in range(9):
        page = ok(nobody.get("/api/shows", params=params))
        seen += [one["id"] for one in page["items"]]
        assert len(page["items"]) <= 2
        if not page.get("next_cursor"):
            break
        params["cursor"] = page["next_cursor"]
    assert sorted(seen) == sorted(wanted)
    filtered = ok(nobody.get("/api/shows", params={"q": title, "status": "live"}))
    assert filtered["items"] == []


def test_a_cursor_of_nobodys_is_refused(nobody: Caller) -> None:
    refused(nobody.get("/api/shows", params={"cursor": "rubbish"}), 422, "validation_failed")


def test_the_same_idempotency_key_creates_one_show(artist: Caller, nobody: Caller) -> None:
    body = {"title": "Once", "starts_at": "2027-05-08T19:00:00Z"}
    headers = {"Idempotency-Key": new_id()}
    first = made(artist.post("/api/shows", body, headers=headers))
    assert made(artist.post("/api/shows", body, headers=headers)) == first
    mine = ok(artist.get("/api/shows", params={"mine": "true"}))["items"]
    assert [one["id"] for one in mine] == [first["id"]]
    other = artist.post("/api/shows", body | {"title": "Other"}, headers=headers)
    refused(other, 422, "idempotency_key_reused")
    stranger = sign_up(nobody, "artist")
    assert made(stranger.post("/api/shows", body, headers=headers))["id"] != first["id"]


def test_the_same_idempotency_key_makes_one_account_guest_round_and_artist(
    artist: Caller, nobody: Caller
) -> None:
    key = {"Idempotency-Key": new_id()}
    guests = [made(nobody.post("/api/auth/guest", {}, headers=key)) for _ in range(2)]
    assert guests[0]["guest_id"] == guests[1]["guest_id"]
    email = f"{new_id()}@example.com"
    body = {"email": email, "password": "a long passphrase", "display_name": "Once"}
    key = {"Idempotency-Key": new_id()}
    accounts = [made(nobody.post("/api/auth/signup", body, headers=key)) for _ in range(2)]
    assert accounts[0]["user"]["id"] == accounts[1]["user"]["id"]
    show_id = artist.show()["id"]
    config = {"title": "?", "options": [{"id": "a", "label": "A"}, {"id": "b", "label": "B"}]}
    for path, creation in (("rounds", {"config": config}), ("artists", {"name": "Support"})):
        key = {"Idempotency-Key": new_id()}
        things = [
            made(artist.post(f"/api/shows/{show_id}/{path}", creation, headers=key))
            for _ in range(2)
        ]
        assert things[0] == things[1]
        listed = ok(artist.get(f"/api/shows/{show_id}/{path}"))["items"]
        assert len(listed) == 1


# --- access ---------------------------------------------------------------------------------


def test_a_private_show_opens_with_its_code_only(
    artist: Caller, fan: Caller, guest: Caller, nobody: Caller
) -> None:
    show = artist.live_show(access="private")
    path = f"/api/shows/{show['id']}"
    for who in (fan, nobody):
        refused(who.get(path), 403, "join_code_required")
        refused(who.get(f"{path}/setlist"), 403, "join_code_required")
    refused(guest.post(f"{path}/ticket", {}), 403, "join_code_required")
    refused(guest.post(f"{path}/ticket", {"join_code": "WRONG1"}), 403, "wrong_join_code")
    ticket = guest.ticket(show["id"], join_code=show["join_code"].lower())
    assert ticket["ticket"]
    ok(guest.get(f"{path}/setlist"))
    round_id = artist.open_round(show["id"])
    ok(guest.vote(round_id, "o1"))
    refused(fan.vote(round_id, "o1"), 403, "join_code_required")


def test_a_hybrid_show_is_watched_freely_and_voted_in_with_a_code(
    artist: Caller, guest: Caller
) -> None:
    show = artist.live_show(access="hybrid")
    round_id = artist.open_round(show["id"])
    with guest.socket(show["id"]) as socket:
        welcome = socket.welcome()
        assert "cast_vote" not in welcome["you"]["can"]
        assert welcome["state"]["rounds"][0]["round_id"] == round_id
        picks = [{"option_id": "o1"}]
        said = socket.give("cast_vote", round_id=round_id, picks=picks)
        assert (said["t"], said["code"]) == ("reject", "code_required")
    refused(guest.vote(round_id, "o1"), 403, "code_required")
    guest.ticket(show["id"], join_code=show["join_code"])
    ok(guest.vote(round_id, "o1"))


def test_a_published_shows_room_waits_for_the_opening(artist: Caller, guest: Caller) -> None:
    show_id = artist.show()["id"]
    ok(artist.post(f"/api/shows/{show_id}/publish"))
    with guest.socket(show_id) as socket:
        assert socket.welcome()["state"]["show"]["status"] == "published"
        assert socket.give("post_chat", text="early")["code"] == "room_not_open"
        ok(artist.post(f"/api/shows/{show_id}/open"))
        data = socket.event("show_status_changed")["data"]
        assert (data["status"], data["previous"]) == ("live", "published")
        assert socket.give("post_chat", text="hello")["t"] == "ack"


def test_closing_closes_rounds_and_locks_the_setlist(artist: Caller, guest: Caller) -> None:
    show_id = artist.live_show()["id"]
    round_id = artist.open_round(show_id)
    ok(guest.vote(round_id, "o2"))
    with guest.socket(show_id) as socket:
        socket.welcome()
        ok(artist.post(f"/api/shows/{show_id}/close"))
        assert socket.event("round_closed")["data"]["result"]["winners"] == ["o2"]
        socket.event("setlist_locked")
        assert socket.event("show_status_changed")["data"]["status"] == "closed"
    refused(guest.vote(round_id, "o1"), 409, "round_closed")


# --- line-up, crew, codes -------------------------------------------------------------------


def test_an_invitation_is_accepted_by_an_artist_who_is_crew_from_then_on(
    artist: Caller, nobody: Caller
) -> None:
    show_id = artist.show()["id"]
    body = {"name": "New Riders", "invite": True}
    invited = made(artist.post(f"/api/shows/{show_id}/artists", body))
    token = invited["invitation"]["token"]
    other = sign_up(nobody, "artist")
    refused(other.get(f"/api/shows/{show_id}"), 404, "unknown_show")
    accepted = ok(other.post(f"/api/invitations/{token}/accept"))
    assert accepted["status"] == "accepted"
    assert ok(other.get(f"/api/shows/{show_id}"))["id"] == show_id
    refused(sign_up(nobody, "artist").post(f"/api/invitations/{token}/decline"), 409)
    refused(other.post(f"/api/invitations/{new_id()}/accept"), 404)


def test_an_invitation_can_be_declined(artist: Caller, fan: Caller) -> None:
    show_id = artist.show()["id"]
    body = {"name": "New Riders", "invite": True}
    invited = made(artist.post(f"/api/shows/{show_id}/artists", body))
    declined = ok(fan.post(f"/api/invitations/{invited['invitation']['token']}/decline"))
    assert declined["status"] == "declined"


def test_an_artist_can_be_claimed(artist: Caller, nobody: Caller) -> None:
    show_id = artist.show()["id"]
    added = made(artist.post(f"/api/shows/{show_id}/artists", {"name": f"Band {new_id()}"}))
    other = sign_up(nobody, "artist")
    claim = made(other.post(f"/api/artists/{added['id']}/claim"))
    assert claim["status"] == "pending"
    refused(other.post(f"/api/artists/{new_id()}/claim"), 404, "unknown_artist")


def test_a_moderator_named_by_the_owner_moderates_and_drives_rounds(
    artist: Caller, fan: Caller, guest: Caller
) -> None:
    show_id = artist.live_show()["id"]
    members = {"members": [{"account_id": fan.id, "role": "moderator"}]}
    crew = ok(artist.put(f"/api/shows/{show_id}/crew", members))["items"]
    assert {one["role"] for one in crew} == {"artist", "moderator"}
    assert ok(fan.get(f"/api/shows/{show_id}/crew"))["items"] == crew
    refused(guest.get(f"/api/shows/{show_id}/crew"), 403, "not_allowed")
    refused(guest.put(f"/api/shows/{show_id}/crew", members), 403, "not_allowed")
    round_id = fan.open_round(show_id)
    ok(fan.post(f"/api/rounds/{round_id}/close"))
    with guest.socket(show_id) as socket:
        participant_id = socket.welcome()["you"]["participant_id"]
        ok(fan.command(show_id, "mute_participant", participant_id=participant_id, duration_s=60))
        assert socket.give("post_chat", text="hm")["code"] == "muted"
    refused(guest.command(show_id, "set_slow_mode", interval_s=5), 403, "not_allowed")


@pytest.mark.parametrize(
    ("image_format", "media_type", "start"),
    [("png", "image/png", b"\x89PNG"), ("svg", "image/svg+xml", b"<")],
)
def test_the_qr_code_is_png_or_svg(
    artist: Caller, nobody: Caller, image_format: str, media_type: str, start: bytes
) -> None:
    show_id = artist.live_show()["id"]
    answer = nobody.get(f"/api/shows/{show_id}/qr", params={"format": image_format})
    assert answer.status_code == 200
    assert answer.headers["content-type"].split(";")[0] == media_type
    assert answer.content.startswith(start)


def test_strangers_do_not_see_private_shows_in_lists(artist: Caller, nobody: Caller) -> None:
    title = f"Hidden {new_id()}"
    show_id = artist.live_show(title=title, access="private")["id"]
    assert ok(nobody.get("/api/shows", params={"q": title}))["items"] == []
    mine = ok(artist.get("/api/shows", params={"q": title}))["items"]
    assert [one["id"] for one in mine] == [show_id]
    assert be_guest(nobody, "x")
