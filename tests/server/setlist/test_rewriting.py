"""A setlist brought back over HTTP: rollback, restore, undo."""

from __future__ import annotations

from crdt.edits import remove_entry, set_fields
from storage.ids import uuid7
from tests.server.http import Person, ok, refused
from tests.server.setlist.night import (
    entry_id,
    history,
    listed,
    night,
    path,
    rewrite,
    titles,
)
from tests.server.setlist.test_setlists import editor_of


async def test_a_rollback_is_listed_and_a_second_one_undoes_it(
    artist: Person, guest: Person
) -> None:
    show, fan = await night(artist, guest)
    good = (await history(guest, show))[0]["seq"]
    was = await listed(guest, show)
    await fan.send(set_fields(fan.document, entry_id(fan, "Bertha"), {"title": "spam"}))
    await fan.send(remove_entry(fan.document, entry_id(fan, "Althea")))
    await fan.add("spam", note="spam")
    spoilt = await listed(guest, show)
    spoilt_seq = (await history(guest, show))[0]["seq"]

    done = await rewrite(artist, show, "rollback", to_seq=good)
    assert await listed(guest, show) == was
    assert {(one["kind"]) for one in done["changed"]} == {"changed", "added", "removed"}
    item = (await history(guest, show))[0]
    assert (item["seq"], item["kind"], item["to_seq"]) == (done["seq"], "rollback", good)
    assert item["display_name"] == "The Band"
    assert {entry["title"] for entry in item["entries"]} == {"Bertha", "Althea", "spam"}

    await rewrite(artist, show, "rollback", to_seq=spoilt_seq)
    assert await listed(guest, show) == spoilt
    undone = await rewrite(artist, show, "undo", seq=(await history(guest, show))[0]["seq"])
    assert await listed(guest, show) == was
    assert (await history(guest, show))[0]["of_seq"] == undone["seq"] - 1


async def test_a_rollback_to_a_moment_and_to_the_empty_list(artist: Person, guest: Person) -> None:
    show, fan = await night(artist, guest)
    at = (await history(guest, show))[1]["at"]
    await rewrite(artist, show, "rollback", at=at)
    assert await titles(guest, show) == ["Bertha"]
    await rewrite(artist, show, "rollback", to_seq=0)
    assert await titles(guest, show) == []
    nothing = await rewrite(artist, show, "rollback", at="2199-01-01T00:00:00+02:00")
    assert (nothing["changed"], nothing["kept"]) == ([], [])
    await fan.sync()
    assert fan.document.entries() == ()


async def test_a_rollback_that_is_said_twice_is_done_once(artist: Person, guest: Person) -> None:
    show, fan = await night(artist, guest)
    body = {"command_id": "back", "at": "2199-01-01T00:00:00Z"}
    await fan.add("Sugaree")
    first = ok(await artist.post(path(show, "/rollback"), body))
    await fan.add("Ripple")
    assert ok(await artist.post(path(show, "/rollback"), body)) == first
    assert await titles(guest, show) == ["Bertha", "Althea", "Sugaree", "Ripple"]
    other = {"command_id": "back", "to_seq": 0}
    refused(await artist.post(path(show, "/rollback"), other), 422, "command_id_reused")


async def test_who_rolls_back_and_to_what(artist: Person, guest: Person, nobody: Person) -> None:
    show, _ = await night(artist, guest)
    there = path(show, "/rollback")
    body = {"command_id": "c", "to_seq": 0}
    refused(await guest.post(there, body), 403, "not_allowed")
    refused(await nobody.post(there, body), 401, "not_authenticated")
    for bad in (
        {},
        {"to_seq": 100_000},
        {"to_seq": -1},
        {"to_seq": 1, "at": "2199-01-01T00:00:00Z"},
        {"at": "2199-01-01T00:00:00"},
        {"at": "soon"},
    ):
        problem = await artist.post(there, {"command_id": "c"} | bad)
        refused(problem, 422, "validation_failed")
    assert len(await titles(guest, show)) == 2
    nowhere = {"id": str(uuid7())}
    refused(await artist.post(path(nowhere, "/rollback"), body), 404, "unknown_show")


async def test_curators_roll_back(artist: Person, guest: Person, fan: Person) -> None:
    show, _ = await night(artist, guest)
    crew = {"members": [{"account_id": fan.id, "role": "curator"}]}
    answer = await artist.put(f"/api/shows/{show['id']}/crew", crew)
    assert answer.status_code == 200, answer.text
    await rewrite(fan, show, "rollback", to_seq=0)
    assert await titles(guest, show) == []


async def test_what_is_being_played_is_taken_away_with_its_entry(
    artist: Person, guest: Person
) -> None:
    show, fan = await night(artist, guest)
    command = {
        "command_id": "p",
        "name": "set_now_playing",
        "args": {"entry_id": entry_id(fan, "Althea")},
    }
    ok(await artist.post(f"/api/shows/{show['id']}/commands", command))
    seq = (await history(guest, show))[1]["seq"]
    await rewrite(artist, show, "rollback", to_seq=seq)
    assert await titles(guest, show) == ["Bertha"]
    refused(
        await artist.post(f"/api/shows/{show['id']}/commands", command | {"command_id": "p2"}),
        404,
        "unknown_entry",
    )


async def test_any_editor_restores_an_entry_and_leaves_the_others(
    artist: Person, guest: Person, fan: Person
) -> None:
    show, robin = await night(artist, guest)
    then = await history(guest, show)
    bertha = entry_id(robin, "Bertha")
    was = (await listed(guest, show))[0]
    await robin.send(remove_entry(robin.document, bertha))
    await robin.send(set_fields(robin.document, entry_id(robin, "Althea"), {"note": "new"}))
    done = await rewrite(fan, show, "restore", entry_id=bertha, to_seq=then[0]["seq"])
    assert done["changed"] == [{"entry_id": bertha, "kind": "added"}]
    entries = await listed(guest, show)
    assert entries[0] == was
    assert entries[1]["note"] == "new"
    item = (await history(guest, show))[0]
    assert (item["kind"], item["to_seq"], item["display_name"]) == (
        "restore",
        then[0]["seq"],
        "Fan",
    )
    body = {"command_id": "c", "entry_id": bertha, "to_seq": 0}
    refused(await fan.post(path(show, "/restore"), body), 404, "unknown_entry")
    lock = {"command_id": "l", "name": "lock_setlist", "args": {}}
    ok(await artist.post(f"/api/shows/{show['id']}/commands", lock))
    body = {"command_id": "d", "entry_id": bertha, "to_seq": then[0]["seq"]}
    refused(await fan.post(path(show, "/restore"), body), 403, "setlist_locked")


async def test_its_author_undoes_an_edit_and_others_do_not(
    artist: Person, guest: Person, fan: Person
) -> None:
    show, _ = await night(artist, guest)
    seq = (await history(guest, show))[0]["seq"]
    refused(
        await fan.post(path(show, "/undo"), {"command_id": "u", "seq": seq}), 403, "not_allowed"
    )
    done = await rewrite(guest, show, "undo", seq=seq)
    assert [one["kind"] for one in done["changed"]] == ["removed"]
    assert await titles(guest, show) == ["Bertha"]
    item = (await history(guest, show))[0]
    assert (item["kind"], item["of_seq"]) == ("undo", seq)
    await rewrite(guest, show, "undo", seq=item["seq"])
    assert await titles(guest, show) == ["Bertha", "Althea"]
    refused(
        await guest.post(path(show, "/undo"), {"command_id": "n", "seq": 1}), 404, "unknown_change"
    )
    refused(
        await guest.post(path(show, "/undo"), {"command_id": "n", "seq": 9999}),
        404,
        "unknown_change",
    )


async def test_an_undo_keeps_what_others_wrote_later_and_says_so(
    artist: Person, guest: Person
) -> None:
    show, robin = await night(artist, guest)
    bertha = entry_id(robin, "Bertha")
    await robin.send(set_fields(robin.document, bertha, {"title": "Berta", "note": "slow"}))
    seq = (await history(guest, show))[0]["seq"]
    band = await editor_of(artist, show["id"])
    await band.send(set_fields(band.document, bertha, {"note": "fast"}))
    done = await rewrite(guest, show, "undo", seq=seq)
    assert done["changed"] == [{"entry_id": bertha, "kind": "changed"}]
    (kept,) = done["kept"]
    assert (kept["entry_id"], kept["code"], kept["fields"]) == (bertha, "changed_since", ["note"])
    entry = (await listed(guest, show))[0]
    assert (entry["title"], entry["note"]) == ("Bertha", "fast")
    again = await rewrite(artist, show, "undo", seq=seq)
    assert again["changed"] == []
