"""Line-up, invitations, claims and crew: who names whom, and what it gives them."""

from datetime import timedelta

import pytest
from litestar import Litestar

from tests.server.http import Person, made, ok, refused

LOCK = {"command_id": "l1", "name": "lock_setlist", "args": {}}


async def test_an_invited_artist_accepts_and_drives_the_show(
    artist: Person, fan: Person, nobody: Person
) -> None:
    show = await artist.live_show()
    path = f"/api/shows/{show['id']}"
    body = {"name": "Special Guest", "billing": "guest", "email": "guest@example.com"}
    refused(await fan.post(f"{path}/artists", body), 403, "not_allowed")
    added = made(await artist.post(f"{path}/artists", body))
    assert added["status"] == "invited"
    token = added["invitation"]["token"]
    assert token not in (await artist.get(f"{path}/artists")).text

    invited = await nobody.signed_up(role="artist")
    refused(await invited.post(f"{path}/commands", LOCK), 403, "not_allowed")
    answer = ok(await invited.post(f"/api/invitations/{token}/accept"))
    assert (answer["status"], answer["artist"]) == ("accepted", "Special Guest")
    line_up = ok(await nobody.get(f"{path}/artists"))["items"]
    assert [(item["name"], item["status"]) for item in line_up] == [("Special Guest", "accepted")]
    ok(await invited.post(f"{path}/commands", LOCK | {"command_id": "l2"}))
    for verb in ("accept", "decline"):
        again = await fan.post(f"/api/invitations/{token}/{verb}")
        refused(again, 409, "invitation_answered")


async def test_an_invitation_can_be_declined_and_ends(
    artist: Person, fan: Person, app: Litestar
) -> None:
    show = await artist.show()
    path = f"/api/shows/{show['id']}/artists"
    declined = made(await artist.post(path, {"name": "One", "invite": True}))["invitation"]["token"]
    assert ok(await fan.post(f"/api/invitations/{declined}/decline"))["status"] == "declined"
    late = made(await artist.post(path, {"name": "Two", "invite": True}))["invitation"]["token"]
    await app.state.services.pool.execute(
        "UPDATE invitations SET created_at = created_at - $2::interval, "
        "expires_at = created_at WHERE show_id = $1 AND status = 'pending'",
        show["id"],
        timedelta(days=31),
    )
    refused(await fan.post(f"/api/invitations/{late}/accept"), 410, "invitation_expired")
    refused(await fan.post("/api/invitations/rubbish/accept"), 404, "unknown_invitation")


async def test_a_guest_answers_no_invitation(artist: Person, guest: Person) -> None:
    show = await artist.show()
    body = {"name": "One", "invite": True}
    added = made(await artist.post(f"/api/shows/{show['id']}/artists", body))
    token = added["invitation"]["token"]
    refused(await guest.post(f"/api/invitations/{token}/accept"), 403, "not_allowed")


async def test_an_artist_is_in_a_line_up_once(artist: Person, guest: Person) -> None:
    show = await artist.show(artists=[{"name": f"Once {artist.id}"}])
    path = f"/api/shows/{show['id']}/artists"
    known = show["artists"][0]["id"]
    refused(await artist.post(path, {"artist_id": known}), 409, "artist_in_line_up")
    refused(await artist.post(path, {"name": f"ONCE {artist.id}"}), 409, "artist_in_line_up")
    for body, field in (
        ({}, "name"),
        ({"artist_id": "x"}, "artist_id"),
        ({"artist_id": guest.id}, "artist_id"),
        ({"name": "Other", "email": "x"}, "email"),
        ({"name": "Other", "billing": "star"}, "billing"),
    ):
        problem = refused(await artist.post(path, body), 422, "validation_failed")
        assert problem["errors"][0]["field"] == field


async def test_a_claim_waits_for_an_admin(
    artist: Person, fan: Person, guest: Person, admin: Person
) -> None:
    show = await artist.show(artists=[{"name": f"Claimed {artist.id}"}])
    path = f"/api/artists/{show['artists'][0]['id']}/claim"
    refused(await guest.post(path), 403, "not_allowed")
    claim = made(await fan.post(path, {"evidence": "It is me."}))
    assert claim["status"] == "pending"
    assert made(await fan.post(path))["id"] == claim["id"]
    refused(await fan.post(f"/api/claims/{claim['id']}/approve"), 403, "not_allowed")
    other = made(await artist.post(path))
    decided = ok(await admin.post(f"/api/claims/{claim['id']}/approve"))
    assert decided["status"] == "approved"
    refused(await admin.post(f"/api/claims/{claim['id']}/reject"), 404, "unknown_claim")
    refused(await admin.post(f"/api/claims/{other['id']}/approve"), 409, "artist_claimed")
    assert ok(await admin.post(f"/api/claims/{other['id']}/reject"))["status"] == "rejected"
    refused(await artist.post(path), 409, "artist_claimed")
    refused(await fan.post(f"/api/artists/{fan.id}/claim"), 404, "unknown_artist")


async def test_who_accepted_an_invitation_has_shown_who_they_are(
    artist: Person, fan: Person
) -> None:
    show = await artist.show()
    body = {"name": f"Invited {artist.id}", "invite": True}
    added = made(await artist.post(f"/api/shows/{show['id']}/artists", body))
    ok(await fan.post(f"/api/invitations/{added['invitation']['token']}/accept"))
    claim = made(await fan.post(f"/api/artists/{added['id']}/claim"))
    assert claim["status"] == "approved"


async def test_the_crew_drives_and_who_leaves_it_does_not(
    artist: Person, fan: Person, guest: Person, nobody: Person
) -> None:
    show = await artist.live_show()
    path = f"/api/shows/{show['id']}"
    crew = {"members": [{"account_id": fan.id, "role": "moderator"}]}
    refused(await fan.put(f"{path}/crew", crew), 403, "not_allowed")
    refused(await fan.get(f"{path}/crew"), 403, "not_allowed")
    assert made(await fan.post(f"{path}/ticket"))["role"] == "fan"

    items = ok(await artist.put(f"{path}/crew", crew))["items"]
    assert [(item["account_id"], item["role"], item["owner"]) for item in items] == [
        (artist.id, "artist", True),
        (fan.id, "moderator", False),
    ]
    assert made(await fan.post(f"{path}/ticket"))["role"] == "moderator"
    ok(await fan.post(f"{path}/commands", LOCK))
    refused(await fan.post(f"{path}/close"), 403, "not_allowed")
    refused(await fan.put(f"{path}/crew", {"members": []}), 403, "not_allowed")

    ok(await artist.put(f"{path}/crew", {"members": []}))
    assert made(await fan.post(f"{path}/ticket"))["role"] == "fan"
    unlock = {"command_id": "u1", "name": "unlock_setlist", "args": {}}
    refused(await fan.post(f"{path}/commands", unlock), 403, "not_allowed")


async def test_the_crew_of_one_show_is_nobody_in_another(
    artist: Person, fan: Person, nobody: Person
) -> None:
    mine = await artist.live_show()
    crew = {"members": [{"email": fan.email.upper(), "role": "artist"}]}
    ok(await artist.put(f"/api/shows/{mine['id']}/crew", crew))
    other = await (await nobody.signed_up(role="artist")).live_show()
    for person in (artist, fan):
        refused(await person.post(f"/api/shows/{other['id']}/commands", LOCK), 403, "not_allowed")
        refused(await person.put(f"/api/shows/{other['id']}", {"title": "x"}), 403, "not_allowed")
    ok(await fan.put(f"/api/shows/{mine['id']}", {"title": "Ours"}))


async def test_a_crew_that_cannot_be_is_named_member_by_member(
    artist: Person, fan: Person, guest: Person
) -> None:
    show = await artist.show()
    members = [
        {"account_id": fan.id, "role": "fan"},
        {"account_id": "x", "role": "moderator"},
        {"email": "nobody-at-all@example.com", "role": "moderator"},
        {"account_id": fan.id, "role": "moderator"},
        {"account_id": fan.id, "role": "artist"},
    ]
    answer = await artist.put(f"/api/shows/{show['id']}/crew", {"members": members})
    problem = refused(answer, 422, "validation_failed")
    assert [(error["field"], error["code"]) for error in problem["errors"]] == [
        ("members[0].role", "not_crew"),
        ("members[1]", "unknown_account"),
        ("members[2]", "unknown_account"),
        ("members[4]", "duplicate"),
    ]
    guests = {"members": [{"account_id": guest.id, "role": "moderator"}]}
    refused(await artist.put(f"/api/shows/{show['id']}/crew", guests), 422, "validation_failed")


@pytest.mark.parametrize("role", ["artist", "moderator", "curator", "admin"])
async def test_every_crew_role_can_be_given(artist: Person, fan: Person, role: str) -> None:
    show = await artist.live_show()
    crew = {"members": [{"account_id": fan.id, "role": role}]}
    ok(await artist.put(f"/api/shows/{show['id']}/crew", crew))
    ticket = made(await fan.post(f"/api/shows/{show['id']}/ticket"))
    assert ticket["role"] == role


async def test_an_admin_drives_every_show(artist: Person, admin: Person) -> None:
    show = await artist.show()
    assert ok(await admin.post(f"/api/shows/{show['id']}/publish"))["status"] == "published"
