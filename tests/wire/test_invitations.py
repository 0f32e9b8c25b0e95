"""Who performs at a show and who drives it: invited, listed, put into order, taken out again."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.wire.client import Caller, Json, made, new_id, ok, refused, unique_email
from tests.wire.conftest import execute, sign_up


def invite(crew: Caller, show_id: str, **body: Any) -> Json:
    return made(crew.post(f"/api/shows/{show_id}/invitations", {"kind": "crew"} | body))


def sent(crew: Caller, show_id: str) -> list[Json]:
    items: list[Json] = ok(crew.get(f"/api/shows/{show_id}/invitations"))["items"]
    return items


def band(*names: str) -> list[Json]:
    """A line-up of artists that nobody else has."""
    return [{"name": f"{name} {uuid4().hex[:8]}"} for name in names]


def test_an_invited_moderator_accepts_and_moderates_at_once(artist: Caller, fan: Caller) -> None:
    show = artist.live_show()
    show_id = show["id"]
    email = unique_email()
    made_now = invite(artist, show_id, role="moderator", email=email)
    assert made_now["url"].endswith(f"/invitations/{made_now['token']}")
    assert made_now["token"] not in artist.get(f"/api/shows/{show_id}/invitations").text
    told = ok(fan.get(f"/api/invitations/{made_now['token']}"))
    assert (told["kind"], told["role"], told["show_title"]) == ("crew", "moderator", show["title"])
    assert told["invited_by"] == "The artist" and email not in str(told)
    refused(fan.command(show_id, "set_slow_mode", interval_s=5), 403, "not_allowed")
    with fan.socket(show_id) as socket:
        assert socket.welcome()["you"]["role"] == "fan"
        ok(fan.post(f"/api/invitations/{made_now['token']}/accept"))
        assert socket.close_code() == 4010, "it comes back with the new role"
    with fan.socket(show_id) as socket:
        assert socket.welcome()["you"]["role"] == "moderator"
    ok(fan.command(show_id, "set_slow_mode", interval_s=5))
    item = sent(artist, show_id)[0]
    assert item["status"] == "accepted" and item["answered_by"] == "The fan"
    assert item["email"] == email and item["answered_at"]
    mine = ok(fan.get("/api/shows?mine=true"))["items"]
    assert [(one["id"], one["role"]) for one in mine] == [(show_id, "moderator")]
    assert mine[0]["join_code"] == show["join_code"]
    assert ok(artist.get(f"/api/shows/{show_id}"))["role"] == "artist"


def test_the_owner_alone_names_crew(artist: Caller, fan: Caller, nobody: Caller) -> None:
    show_id = artist.show()["id"]
    token = invite(artist, show_id, role="artist")["token"]
    ok(fan.post(f"/api/invitations/{token}/accept"))
    other = sign_up(nobody, "fan")
    path = f"/api/shows/{show_id}/invitations"
    body = {"kind": "crew", "role": "moderator"}
    refused(fan.post(path, body), 403, "not_allowed")
    refused(other.post(path, body), 404, "unknown_show")
    refused(other.get(path), 404, "unknown_show")
    assert len(sent(fan, show_id)) == 1, "who drives the show sees them"


def test_a_withdrawn_invitation_opens_nothing(artist: Caller, fan: Caller) -> None:
    show_id = artist.show()["id"]
    one = invite(artist, show_id, role="moderator")
    path = f"/api/shows/{show_id}/invitations/{one['id']}"
    for _ in range(2):
        ok(artist.call("DELETE", path), 204)
    refused(fan.post(f"/api/invitations/{one['token']}/accept"), 410, "invitation_withdrawn")
    assert [item["status"] for item in sent(artist, show_id)] == ["withdrawn"]
    two = invite(artist, show_id, role="moderator")
    ok(fan.post(f"/api/invitations/{two['token']}/decline"))
    gone = artist.call("DELETE", f"/api/shows/{show_id}/invitations/{two['id']}")
    refused(gone, 409, "invitation_answered")
    elsewhere = artist.show()["id"]
    three = invite(artist, show_id, role="curator")
    wrong = artist.call("DELETE", f"/api/shows/{elsewhere}/invitations/{three['id']}")
    refused(wrong, 404, "unknown_invitation")
    assert [item["status"] for item in sent(artist, show_id)] == [
        "pending",
        "declined",
        "withdrawn",
    ]


def test_an_invitation_ends(artist: Caller, fan: Caller, wire_database: str) -> None:
    show_id = artist.show()["id"]
    token = invite(artist, show_id, role="moderator")["token"]
    execute(
        wire_database,
        "UPDATE invitations SET created_at = now() - interval '31 days', "
        "expires_at = now() - interval '1 day' WHERE show_id = $1",
        show_id,
    )
    assert [item["status"] for item in sent(artist, show_id)] == ["expired"]
    for answer in (
        fan.get(f"/api/invitations/{token}"),
        fan.post(f"/api/invitations/{token}/accept"),
    ):
        refused(answer, 410, "invitation_expired")


def test_the_same_key_invites_once(artist: Caller, fan: Caller) -> None:
    show_id = artist.show()["id"]
    body, headers = {"kind": "crew", "role": "moderator"}, {"Idempotency-Key": new_id()}
    path = f"/api/shows/{show_id}/invitations"
    first = made(artist.post(path, body, headers=headers))
    again = made(artist.post(path, body, headers=headers))
    assert first["id"] == again["id"] and len(sent(artist, show_id)) == 1
    refused(fan.post(f"/api/invitations/{first['token']}/accept"), 404, "unknown_invitation")
    ok(fan.post(f"/api/invitations/{again['token']}/accept"))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "crew"}, "role"),
        ({"kind": "crew", "role": "fan"}, "role"),
        ({"kind": "crew", "role": "moderator", "email": "x"}, "email"),
        ({"kind": "crew", "role": "moderator", "artist_id": new_id()}, "artist_id"),
        ({"kind": "artist"}, "artist_id"),
        ({"kind": "artist", "artist_id": new_id()}, "artist_id"),
        ({"kind": "artist", "artist_id": new_id(), "role": "artist"}, "role"),
        ({"kind": "attendee"}, "kind"),
    ],
)
def test_what_invites_nobody_is_refused_by_field(artist: Caller, body: Json, field: str) -> None:
    path = f"/api/shows/{artist.show()['id']}/invitations"
    problem = refused(artist.post(path, body), 422, "validation_failed")
    assert [error["field"] for error in problem["errors"]] == [field]


def test_an_artist_is_invited_again_and_the_first_invitation_ends(
    artist: Caller, fan: Caller, nobody: Caller
) -> None:
    show = artist.show(artists=band("Headliner", "Support"))
    support = show["artists"][1]["id"]
    first = invite(artist, show["id"], kind="artist", artist_id=support)
    second = invite(artist, show["id"], kind="artist", artist_id=support)
    refused(fan.post(f"/api/invitations/{first['token']}/accept"), 410, "invitation_withdrawn")
    line_up = ok(artist.get(f"/api/shows/{show['id']}/artists"))["items"]
    assert [item["status"] for item in line_up] == ["proposed", "invited"]
    performer = sign_up(nobody, "artist")
    ok(performer.post(f"/api/invitations/{second['token']}/accept"))
    body = {"kind": "artist", "artist_id": support}
    again = artist.post(f"/api/shows/{show['id']}/invitations", body)
    refused(again, 409, "invitation_answered")
    mine = ok(performer.get("/api/shows?mine=true"))["items"]
    assert [(one["id"], one["role"]) for one in mine] == [(show["id"], "artist")]


def test_a_show_that_ones_artist_accepted_is_ones_own_to_find(
    artist: Caller, fan: Caller, wire_database: str
) -> None:
    show = artist.show(artists=band("Headliner"))
    accepted = show["artists"][0]["id"]
    execute(wire_database, "UPDATE artists SET claimed_by = $2 WHERE id = $1", accepted, fan.id)
    assert ok(fan.get("/api/shows?mine=true"))["items"] == []
    execute(wire_database, "UPDATE line_up SET status = 'accepted' WHERE show_id = $1", show["id"])
    mine = ok(fan.get("/api/shows?mine=true"))["items"]
    assert [(one["id"], one["role"], one["join_code"]) for one in mine] == [
        (show["id"], None, None)
    ]


def test_a_line_up_is_put_into_order(artist: Caller, fan: Caller) -> None:
    show = artist.show(artists=band("One", "Two", "Three"))
    path = f"/api/shows/{show['id']}/artists"
    one, two, three = (item["id"] for item in show["artists"])
    items = [
        {"artist_id": three, "billing": "headliner"},
        {"artist_id": one.upper(), "billing": "support"},
        {"artist_id": two, "billing": "guest"},
    ]
    arranged = ok(artist.put(path, {"items": items}))["items"]
    assert [(item["id"], item["position"]) for item in arranged] == [(three, 1), (one, 2), (two, 3)]
    assert [item["billing"] for item in arranged] == ["headliner", "support", "guest"]
    assert ok(artist.get(f"/api/shows/{show['id']}"))["artists"] == arranged
    refused(artist.put(path, {"items": items[:2]}), 409, "line_up_changed")
    other = {"artist_id": new_id(), "billing": "guest"}
    refused(artist.put(path, {"items": [*items[:2], other]}), 409, "line_up_changed")
    problem = refused(artist.put(path, {"items": [*items, items[0]]}), 422)
    assert problem["errors"][0] | {"detail": ""} == {
        "field": "items[3].artist_id",
        "code": "duplicate",
        "detail": "",
    }
    refused(fan.put(path, {"items": items}), 404, "unknown_show")


def test_who_is_taken_out_of_the_line_up_drives_no_longer(artist: Caller, nobody: Caller) -> None:
    show = artist.live_show(artists=band("One", "Two"))
    path = f"/api/shows/{show['id']}/artists"
    two = show["artists"][1]["id"]
    performer = sign_up(nobody, "artist")
    token = invite(artist, show["id"], kind="artist", artist_id=two)["token"]
    ok(performer.post(f"/api/invitations/{token}/accept"))
    with performer.socket(show["id"]) as socket:
        assert socket.welcome()["you"]["role"] == "artist"
        ok(artist.call("DELETE", f"{path}/{two}"), 204)
        assert socket.close_code() == 4010
    refused(performer.command(show["id"], "lock_setlist"), 403, "not_allowed")
    refused(artist.call("DELETE", f"{path}/{two}"), 404, "unknown_artist")
    assert [item["id"] for item in ok(artist.get(path))["items"]] == [show["artists"][0]["id"]]
    assert sent(artist, show["id"]) == []


def test_who_is_crew_by_the_owners_word_stays_when_the_artist_goes(
    artist: Caller, nobody: Caller
) -> None:
    show = artist.live_show(artists=band("One"))
    one = show["artists"][0]["id"]
    performer = sign_up(nobody, "artist")
    for body in ({"role": "artist"}, {"kind": "artist", "artist_id": one}):
        token = invite(artist, show["id"], **body)["token"]
        ok(performer.post(f"/api/invitations/{token}/accept"))
    ok(artist.call("DELETE", f"/api/shows/{show['id']}/artists/{one}"), 204)
    ok(performer.command(show["id"], "lock_setlist"))


def test_the_line_up_of_a_show_that_is_over_stays(artist: Caller) -> None:
    show = artist.show(artists=band("One"))
    ok(artist.post(f"/api/shows/{show['id']}/cancel"))
    path = f"/api/shows/{show['id']}"
    one = show["artists"][0]["id"]
    items = [{"artist_id": one, "billing": "guest"}]
    for answer in (
        artist.post(f"{path}/artists", {"name": "Late"}),
        artist.put(f"{path}/artists", {"items": items}),
        artist.call("DELETE", f"{path}/artists/{one}"),
        artist.post(f"{path}/invitations", {"kind": "crew", "role": "moderator"}),
        artist.put(path, {"title": "Late"}),
    ):
        refused(answer, 409, "show_is_over")
    for step in ("publish", "open", "close", "archive", "cancel"):
        problem = refused(artist.post(f"{path}/{step}"), 409, "illegal_transition")
        assert "cancelled" in problem["detail"]


def test_a_show_is_changed_in_every_part(artist: Caller) -> None:
    show = artist.show(artists=band("One"))
    path = f"/api/shows/{show['id']}"
    change = {
        "title": "Another night",
        "starts_at": "2027-05-09T19:00:00Z",
        "ends_at": "2027-05-09T22:30:00Z",
        "access": "hybrid",
        "venue": {"name": "Winterland", "city": "San Francisco", "country": "US"},
        "takes_sms": True,
    }
    changed = ok(artist.put(path, change))
    assert {name: changed[name] for name in change} | {"venue": None} == change | {"venue": None}
    assert changed["venue"]["name"] == "Winterland"
    bare = ok(artist.put(path, {"ends_at": None, "venue": None, "takes_sms": False}))
    assert (bare["ends_at"], bare["venue"], bare["takes_sms"]) == (None, None, False)
    problem = refused(artist.put(path, {"ends_at": "2027-05-09T18:00:00Z"}), 422)
    assert problem["errors"][0]["field"] == "ends_at"
