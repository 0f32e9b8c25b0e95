"""A setlist's past over HTTP: history and time travel."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from litestar import Litestar

from crdt.edits import move_entry, remove_entry, set_fields
from crdt.ordering import HashedDigits
from rooms.compaction import snapshot_of
from server.moments import read_moment
from tests.server.http import Person, ok, refused
from tests.server.setlist.night import (
    entry_id,
    history,
    night,
    path,
    titles,
)
from tests.server.setlist.test_setlists import editor_of


async def test_history_is_read_in_both_orders_and_page_by_page(
    artist: Person, guest: Person
) -> None:
    show, fan = await night(artist, guest)
    for number in range(5):
        await fan.send(set_fields(fan.document, entry_id(fan, "Bertha"), {"note": str(number)}))
    newest = [item["seq"] for item in await history(guest, show)]
    assert newest == sorted(newest, reverse=True)
    assert [item["seq"] for item in await history(guest, show, "?order=oldest")] == newest[::-1]
    for order, expected in (("newest", newest), ("oldest", newest[::-1])):
        seen, cursor = [], ""
        while cursor is not None:
            page = ok(await guest.get(path(show, f"/history?limit=3&order={order}{cursor}")))
            seen += [item["seq"] for item in page["items"]]
            cursor = f"&cursor={page['next_cursor']}" if page["next_cursor"] else None
        assert seen == expected
    refused(await guest.get(path(show, "/history?order=sideways")), 422, "validation_failed")
    refused(await guest.get(path(show, "/history?cursor=0")), 422, "validation_failed")


async def test_history_of_one_entry_and_of_one_participant(artist: Person, guest: Person) -> None:
    show, _ = await night(artist, guest)
    band = await editor_of(artist, show["id"])
    await band.send(set_fields(band.document, entry_id(band, "Bertha"), {"title": "Bertha >"}))
    await band.send(set_fields(band.document, entry_id(band, "Bertha >"), {"segue": True}))
    await band.send(
        move_entry(band.document, entry_id(band, "Bertha >"), "set2", None, HashedDigits("x"))
    )
    items = await history(guest, show, f"?entry_id={entry_id(band, 'Bertha >')}")
    assert [(one["entries"][0]["kind"], one["entries"][0]["title"]) for one in items] == [
        ("moved", "Bertha >"),
        ("changed", "Bertha >"),
        ("changed", "Bertha >"),
        ("added", "Bertha"),
    ]
    assert {one["kind"] for one in items} == {"edit"}
    assert [one["display_name"] for one in items] == ["The Band", "The Band", "The Band", "Robin"]
    mine = await history(guest, show, f"?participant_id={items[3]['participant_id']}")
    assert [one["entries"][0]["title"] for one in mine] == ["Althea", "Bertha"]
    assert await history(guest, show, "?entry_id=nothing") == []
    refused(await guest.get(path(show, "/history?participant_id=x")), 422, "validation_failed")


async def test_a_title_is_the_one_of_that_time(artist: Person, guest: Person) -> None:
    show, fan = await night(artist, guest)
    bertha = entry_id(fan, "Bertha")
    await fan.send(set_fields(fan.document, bertha, {"note": "slow"}))
    await fan.send(set_fields(fan.document, bertha, {"title": "Berta"}))
    await fan.send(set_fields(fan.document, bertha, {"note": "fast"}))
    await fan.send(remove_entry(fan.document, bertha))
    items = await history(guest, show, f"?entry_id={bertha}&order=oldest")
    assert [one["entries"][0]["title"] for one in items] == [
        "Bertha",
        "Bertha",
        "Berta",
        "Berta",
        "Berta",
    ]
    assert items[-1]["entries"][0]["before"]["note"] == "fast"


async def test_what_crew_wrote_into_a_draft_is_the_crews(artist: Person, guest: Person) -> None:
    show = await artist.show()
    band = await editor_of(artist, show["id"])
    await band.add("Surprise guest")
    secret = band.document.entries()[0].id
    await band.send(remove_entry(band.document, secret))
    await band.add("Bertha")
    ok(await artist.post(f"/api/shows/{show['id']}/publish"))
    ok(await artist.post(f"/api/shows/{show['id']}/open"))
    seq = (await history(artist, show))[-1]["seq"]
    assert len(await history(artist, show)) == 3
    assert await history(guest, show) == []
    assert await history(guest, show, "?order=oldest") == []
    assert await titles(artist, show, f"?seq={seq}") == ["Surprise guest"]
    assert await titles(guest, show, f"?seq={seq}") == []
    assert await titles(guest, show) == ["Bertha"]
    body = {"command_id": "c", "entry_id": secret, "to_seq": seq}
    refused(await guest.post(path(show, "/restore"), body), 404, "unknown_entry")


async def test_every_moment_of_a_night_is_as_it_was(artist: Person, guest: Person) -> None:
    show, fan = await night(artist, guest)
    await fan.send(set_fields(fan.document, entry_id(fan, "Bertha"), {"title": "Berta"}))
    items = await history(guest, show, "?order=oldest")
    moments = [datetime.fromisoformat(item["at"]) for item in items]
    expected = [["Bertha"], ["Bertha", "Althea"], ["Berta", "Althea"]]
    for item, moment, then in zip(items, moments, expected, strict=True):
        assert await titles(guest, show, f"?seq={item['seq']}") == then
        at = moment.isoformat().replace("+00:00", "Z")
        assert (await titles(guest, show, f"?at={at}"))[: len(then)] == then
        just_before = (moment - timedelta(microseconds=1)).isoformat().replace("+00:00", "Z")
        assert await titles(guest, show, f"?at={just_before}") != then
    last = items[-1]
    future = ok(await guest.get(path(show, "?at=2199-01-01T00:00:00Z")))
    assert [entry["title"] for entry in future["entries"]] == expected[-1]
    assert future["seq"] == last["seq"]
    assert await titles(guest, show, "?at=1977-05-08T20:00:00Z") == []
    assert ok(await guest.get(path(show, "?at=0001-01-01T00:00:00Z")))["seq"] == 0
    csv = await guest.get(path(show, f"?seq={items[0]['seq']}&format=csv"))
    assert csv.text.count("\r\n") == 2


@pytest.mark.parametrize(
    "spelling",
    [
        "%Y-%m-%dT%H:%M:%S.%fZ",
        "%Y-%m-%dt%H:%M:%S.%fz",
        "%Y-%m-%dT%H:%M:%S.%f+00:00",
        "%Y-%m-%dT%H:%M:%S.%f%%2B00:00",
        "%Y-%m-%d %H:%M:%S.%f-00:00",
        "%Y-%m-%dT%H:%M:%S.%f999Z",
    ],
)
async def test_a_moment_is_spelt_in_any_way_of_the_rfc(
    artist: Person, guest: Person, spelling: str
) -> None:
    show, fan = await night(artist, guest)
    second = datetime.fromisoformat((await history(guest, show))[0]["at"])
    await fan.add("Sugaree")
    assert await titles(guest, show, f"?at={second.strftime(spelling)}") == ["Bertha", "Althea"]


@pytest.mark.parametrize(
    "query",
    [
        "?at=yesterday",
        "?at=2026-11-21",
        "?at=2026-11-21T21:30:00",
        "?at=2026-13-21T21:30:00Z",
        "?at=2026-11-21T21:30:00%2B99:00",
        "?at=0001-01-01T00:00:00%2B05:00",
        "?seq=-1",
        "?seq=100000",
        "?seq=99999999999999999999",
        "?seq=1&at=2026-11-21T21:30:00Z",
    ],
)
async def test_what_is_no_moment_is_said_to_be_none(
    artist: Person, guest: Person, query: str
) -> None:
    show, _ = await night(artist, guest)
    refused(await guest.get(path(show, query)), 422, "validation_failed")


async def test_a_blank_moment_is_none(artist: Person, guest: Person) -> None:
    show, _ = await night(artist, guest)
    assert await titles(guest, show, "?at=&seq=") == await titles(guest, show, "")


async def test_the_past_before_and_after_a_stored_snapshot_is_the_same(
    artist: Person, guest: Person, app: Litestar
) -> None:
    show, fan = await night(artist, guest)
    room_log = app.state.services.room_log
    record = await room_log.load(show["id"])
    await room_log.save_snapshot(show["id"], snapshot_of(record))
    await fan.add("Sugaree")
    items = await history(guest, show, "?order=oldest")
    past = [await titles(guest, show, f"?seq={item['seq']}") for item in items]
    assert past == [["Bertha"], ["Bertha", "Althea"], ["Bertha", "Althea", "Sugaree"]]


async def test_a_list_that_was_locked_then_is_said_to_have_been(
    artist: Person, guest: Person
) -> None:
    show, _ = await night(artist, guest)
    for name in ("lock_setlist", "unlock_setlist"):
        command = {"command_id": name, "name": name, "args": {}}
        seq = ok(await artist.post(f"/api/shows/{show['id']}/commands", command))["seq"]
        read = ok(await guest.get(path(show, f"?seq={seq}")))
        assert read["locked"] is (name == "lock_setlist")


async def test_now_is_a_moment_too() -> None:
    now = datetime.now(UTC)
    assert read_moment(now.isoformat(), "at") == now
    assert read_moment("2016-12-31T23:59:60Z", "at") == datetime(
        2016, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC
    )
