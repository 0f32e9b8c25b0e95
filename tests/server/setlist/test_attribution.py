"""Who changed a setlist: guests who sign up, or sign in to an account that exists."""

from __future__ import annotations

from crdt.edits import set_fields
from tests.server.http import Person, ok, refused
from tests.server.setlist.night import (
    entry_id,
    history,
    log_in,
    night,
    participant,
    rewrite,
    titles,
)
from tests.server.setlist.test_setlists import editor_of


async def test_a_guest_who_signs_up_stays_the_same_participant(
    artist: Person, guest: Person
) -> None:
    show, _ = await night(artist, guest)
    before = await participant(guest, show)
    account = await guest.signed_up(display_name="Robin Hood")
    assert await participant(account, show) == before
    items = await history(artist, show)
    assert {one["display_name"] for one in items} == {"Robin Hood"}
    assert {one["participant_id"] for one in items} == {before}
    await rewrite(account, show, "undo", seq=items[0]["seq"])


async def test_a_guest_who_signs_in_brings_what_they_did_and_what_they_typed_offline(
    artist: Person, guest: Person, fan: Person
) -> None:
    show, robin = await night(artist, guest)
    before = await participant(guest, show)
    offline = set_fields(robin.document, entry_id(robin, "Bertha"), {"note": "offline"})
    account = await log_in(guest, fan.email)
    assert await participant(account, show) == before
    robin.person = account
    assert (await robin.send(offline))["refused"] == []
    items = await history(artist, show)
    assert {(one["display_name"], one["participant_id"]) for one in items} == {("Fan", before)}
    assert items[0]["entries"][0]["after"] == {"note": "offline"}
    refused(await guest.get("/api/auth/profile"), 401, "session_revoked")


async def test_where_the_account_was_already_the_guests_edits_are_the_accounts(
    artist: Person, guest: Person, fan: Person
) -> None:
    show, _ = await night(artist, guest)
    own = await editor_of(fan, show["id"])
    await own.add("Sugaree")
    before = await participant(fan, show)
    was_guest = await participant(guest, show)
    account = await log_in(guest, fan.email)
    assert await participant(account, show) == before != was_guest
    items = await history(artist, show)
    assert {(one["display_name"], one["participant_id"]) for one in items} == {("Fan", before)}
    assert len(await history(artist, show, f"?participant_id={before}")) == 3
    assert len(await history(artist, show, f"?participant_id={was_guest}")) == 2
    await rewrite(account, show, "undo", seq=items[-1]["seq"])
    assert await titles(artist, show) == ["Althea", "Sugaree"]


async def test_a_removed_guest_does_not_come_back_as_an_account(
    artist: Person, guest: Person, fan: Person
) -> None:
    show, _ = await night(artist, guest)
    removal = {
        "command_id": "r",
        "name": "remove_participant",
        "args": {"participant_id": await participant(guest, show)},
    }
    ok(await artist.post(f"/api/shows/{show['id']}/commands", removal))
    account = await log_in(guest, fan.email)
    refused(await account.post(f"/api/shows/{show['id']}/ticket"), 403, "removed")


async def test_a_guest_stays_a_guest_where_that_is_asked_for(
    artist: Person, guest: Person, fan: Person
) -> None:
    show, _ = await night(artist, guest)
    before = await participant(guest, show)
    account = await log_in(guest, fan.email, claim_guest=False)
    assert await participant(account, show) != before
    assert await participant(guest, show) == before
    assert {one["display_name"] for one in await history(artist, show)} == {"Robin"}


async def test_signing_in_with_a_guests_dead_token_signs_in(guest: Person, fan: Person) -> None:
    await log_in(guest, fan.email)
    again = await log_in(guest, fan.email)
    assert ok(await again.get("/api/auth/profile"))["id"] == fan.id
