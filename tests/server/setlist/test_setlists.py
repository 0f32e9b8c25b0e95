"""Setlists over HTTP: edited by Yjs updates without a socket, read in every form."""

import base64
import csv
import io
import random
from datetime import UTC, datetime
from typing import Any

import pytest
from litestar import Litestar

from crdt.document import SetlistDocument
from crdt.edits import add_entry, set_fields
from crdt.schema import SetlistEntry
from rooms import limits
from storage.ids import uuid7
from tests.server.http import Person, ok, refused


class Editor:
    """A Yjs client that speaks HTTP."""

    def __init__(self, person: Person, show_id: str) -> None:
        self.person = person
        self.path = f"/api/shows/{show_id}/setlist"
        self.document = SetlistDocument()

    async def sync(self) -> None:
        """Gets what it lacks."""
        vector = base64.urlsafe_b64encode(b"").decode()
        body = ok(await self.person.get(f"{self.path}/document?state_vector={vector}"))
        self.document.apply(base64.b64decode(body["update"]))

    async def send(self, update: bytes) -> dict[str, Any]:
        """Sends an update of its own."""
        body = {"command_id": str(uuid7()), "update": base64.b64encode(update).decode()}
        answer: dict[str, Any] = ok(await self.person.post(f"{self.path}/updates", body))
        return answer

    async def add(self, title: str, section: str = "set1", **fields: Any) -> dict[str, Any]:
        """Adds an entry at the end of a section."""
        entry = SetlistEntry(id=str(uuid7()), title=title, section=section, **fields)
        return await self.send(add_entry(self.document, entry, random.Random()))


async def editor_of(person: Person, show_id: str) -> Editor:
    """An editor with the document."""
    editor = Editor(person, show_id)
    await editor.sync()
    return editor


async def test_an_edit_without_a_socket_is_durable_and_exported(
    artist: Person, guest: Person
) -> None:
    show = await artist.live_show()
    fan = await editor_of(guest, show["id"])
    answer = await fan.add("New Minglewood Blues")
    assert answer["refused"] == []
    await fan.add("=Loser", section="encore1", note="slow")
    await fan.add("El Paso", segue=True)

    path = f"/api/shows/{show['id']}/setlist"
    read = ok(await guest.get(path))
    assert (read["show_id"], read["locked"]) == (show["id"], False)
    assert read["seq"] >= answer["seq"]
    titles = [entry["title"] for entry in read["entries"]]
    assert titles == ["New Minglewood Blues", "El Paso", "=Loser"]

    table = await guest.get(f"{path}?format=csv")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [row["title"] for row in rows] == ["New Minglewood Blues", "El Paso", "'=Loser"]
    text = await guest.get(f"{path}?format=txt")
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert "1. New Minglewood Blues\n2. El Paso >" in text.text
    refused(await guest.get(f"{path}?format=xml"), 422, "validation_failed")


async def test_history_tells_who_changed_what(artist: Person, guest: Person) -> None:
    show = await artist.live_show()
    fan = await editor_of(guest, show["id"])
    await fan.add("One")
    await fan.add("Two")
    entry_id = fan.document.entries()[0].id
    await fan.send(set_fields(fan.document, entry_id, {"title": "Uno"}))
    path = f"/api/shows/{show['id']}/setlist/history"
    page = ok(await guest.get(f"{path}?limit=2"))
    assert [item["entries"][0]["kind"] for item in page["items"]] == ["changed", "added"]
    assert page["items"][0]["display_name"] == "Robin"
    assert page["items"][0]["entries"][0]["before"] == {"title": "One"}
    assert page["items"][0]["entries"][0]["after"] == {"title": "Uno"}
    rest = ok(await guest.get(f"{path}?limit=2&cursor={page['next_cursor']}"))
    assert len(rest["items"]) == 1
    assert rest["next_cursor"] is None
    assert rest["items"][0]["seq"] < page["items"][1]["seq"]


async def test_a_setlist_as_it_was(artist: Person, guest: Person) -> None:
    show = await artist.live_show()
    fan = await editor_of(guest, show["id"])
    await fan.add("One")
    history = f"/api/shows/{show['id']}/setlist/history"
    then = ok(await guest.get(history))["items"][0]["at"]
    await fan.add("Two")
    path = f"/api/shows/{show['id']}/setlist"
    read = ok(await guest.get(path, headers={}))
    assert len(read["entries"]) == 2
    past = ok(await guest.get(f"{path}?at={then.replace('+', '%2B')}"))
    assert [entry["title"] for entry in past["entries"]] == ["One"]
    before = datetime(2020, 1, 1, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert ok(await guest.get(f"{path}?at={before}"))["entries"] == []
    refused(await guest.get(f"{path}?at=yesterday"), 422, "validation_failed")


async def test_a_fans_edit_of_a_locked_setlist_is_repaired_and_said(
    artist: Person, guest: Person
) -> None:
    show = await artist.live_show()
    fan = await editor_of(guest, show["id"])
    await fan.add("One")
    lock = {"command_id": "l1", "name": "lock_setlist", "args": {}}
    ok(await artist.post(f"/api/shows/{show['id']}/commands", lock))
    answer = await fan.add("Two")
    assert [item["code"] for item in answer["refused"]] == ["setlist_locked"]
    assert len(ok(await guest.get(f"/api/shows/{show['id']}/setlist"))["entries"]) == 1
    band = await editor_of(artist, show["id"])
    assert (await band.add("Three"))["refused"] == []


async def test_updates_that_are_none(artist: Person, guest: Person, nobody: Person) -> None:
    show = await artist.live_show()
    path = f"/api/shows/{show['id']}/setlist/updates"
    refused(
        await nobody.post(path, {"command_id": "c", "update": "AAA="}), 401, "not_authenticated"
    )
    refused(await guest.post(path, {"command_id": "c", "update": "!!!"}), 422, "validation_failed")
    refused(await guest.post(path, {"command_id": "c", "update": ""}), 422, "validation_failed")
    rubbish = base64.b64encode(b"\xff" * 40).decode()
    answer = await guest.post(path, {"command_id": "c", "update": rubbish})
    assert answer.status_code in (400, 403), answer.text
    refused(answer, answer.status_code, answer.json()["code"])
    large = base64.b64encode(bytes(65 * 1024)).decode()
    refused(await guest.post(path, {"command_id": "c", "update": large}), 422, "validation_failed")
    document = f"/api/shows/{show['id']}/setlist/document"
    refused(await guest.get(f"{document}?state_vector=////"), 422, "validation_failed")


async def test_commands_are_given_without_a_socket_and_once(
    artist: Person, guest: Person, nobody: Person
) -> None:
    show = await artist.live_show()
    path = f"/api/shows/{show['id']}/commands"
    line = {"command_id": "c1", "name": "post_chat", "args": {"text": "hello"}}
    first = ok(await guest.post(path, line))
    assert ok(await guest.post(path, line)) == first
    other = line | {"args": {"text": "other"}}
    refused(await guest.post(path, other), 422, "command_id_reused")
    refused(await guest.post(path, line | {"name": "fly"}), 400, "unknown_command")
    refused(await guest.post(path, line | {"args": {}}), 400, "invalid_arguments")
    refused(await guest.post(path, line | {"args": [1]}), 400, "invalid_arguments")
    refused(await nobody.post(path, line), 401, "not_authenticated")
    hidden = {"command_id": "c2", "name": "change_show_status", "args": {"to": "closed"}}
    refused(await artist.post(path, hidden), 400, "unknown_command")


async def test_a_fan_moderates_nothing(artist: Person, guest: Person) -> None:
    show = await artist.live_show()
    path = f"/api/shows/{show['id']}/commands"
    for number, (name, args) in enumerate(
        {
            "announce": {"text": "x"},
            "lock_setlist": {},
            "unlock_setlist": {},
            "set_slow_mode": {"interval_s": 5},
            "mute_participant": {"participant_id": guest.id},
            "remove_participant": {"participant_id": guest.id},
            "open_round": {"round_id": guest.id},
        }.items()
    ):
        body = {"command_id": f"c{number}", "name": name, "args": args}
        refused(await guest.post(path, body), 403, "not_allowed")


async def test_a_participant_sends_so_much_and_no_more(
    artist: Person, guest: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So slow that no machine is slower: otherwise calls that take long are never too many.
    monkeypatch.setattr(limits, "COMMANDS_PER_SECOND", 0.001)
    monkeypatch.setattr(limits, "COMMANDS_BURST", 3)
    show = await artist.live_show()
    path = f"/api/shows/{show['id']}/commands"
    for number in range(3):
        body = {"command_id": f"r{number}", "name": "react", "args": {"kind": "love"}}
        ok(await guest.post(path, body))
    body = {"command_id": "r3", "name": "react", "args": {"kind": "love"}}
    problem = refused(await guest.post(path, body), 429, "rate_limited")
    assert problem["retryable"] is True


async def test_suggestions_are_the_headliners_songs_less_what_was_played(
    artist: Person, guest: Person, app: Litestar
) -> None:
    show = await artist.live_show(artists=[{"name": f"Known {artist.id}"}])
    path = f"/api/shows/{show['id']}/suggestions"
    pool = app.state.services.pool
    for title in ("Bertha", "Althea", "Ripple"):
        await pool.execute(
            "INSERT INTO songs (artist_id, title, normalised_title) "
            "VALUES ($1, $2::text, lower($2::text))",
            show["artists"][0]["id"],
            title,
        )
    found = ok(await guest.get(path))["suggestions"]
    assert {song["title"] for song in found} == {"Bertha", "Althea", "Ripple"}
    fan = await editor_of(guest, show["id"])
    await fan.add("  bertha ")
    found = ok(await guest.get(path))["suggestions"]
    assert [song["title"] for song in found] == ["Althea", "Ripple"]
    assert len(ok(await guest.get(f"{path}?limit=1"))["suggestions"]) == 1
    refused(await guest.get(f"{path}?limit=0"), 422, "validation_failed")
    nameless = await artist.live_show()
    assert ok(await guest.get(f"/api/shows/{nameless['id']}/suggestions")) == {"suggestions": []}
