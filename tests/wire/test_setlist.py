"""The setlist over the socket and over HTTP: PROTOCOL "Socket"; ARCHITECTURE "The setlist"."""

from __future__ import annotations

import base64
import csv
import io
from typing import Any

import pytest

from tests.wire.client import Caller, Json, Socket, new_id, ok, refused
from tests.wire.conftest import be_guest
from tests.wire.yjs import SYNC_UPDATE, Editor, buffer


def saved(socket: Socket, received: int) -> Json:
    """Waits until this many updates of the socket are durable."""
    return socket.until(lambda one: one["t"] == "setlist_saved" and one["received"] >= received)


def entries(caller: Caller, show_id: str) -> list[Json]:
    """The JSON export."""
    found: list[Json] = ok(caller.get(f"/api/shows/{show_id}/setlist"))["entries"]
    return found


def test_an_edit_is_said_to_be_saved_and_reaches_everybody(artist: Caller, guest: Caller) -> None:
    show_id = artist.live_show()["id"]
    mine, yours = Editor(), Editor()
    with guest.socket(show_id) as socket, artist.socket(show_id) as other:
        you = socket.welcome()["you"]["participant_id"]
        other.welcome()
        mine.sync(socket)
        yours.sync(other)
        saved(socket, 1)
        before = mine.doc.get_state()
        entry_id = mine.add("Scarlet Begonias", "V1")
        mine.send(socket, before)
        seq = saved(socket, 2)["seq"]
        while yours.titles() != ["Scarlet Begonias"]:
            yours.take(other.binary(lambda frame: frame[:2] == SYNC_UPDATE))
        event = other.event("setlist_changed") if not _changed(other) else _changed(other)[0]
        assert event["seq"] == seq
        assert event["data"]["participant_id"] == you
        assert event["data"]["entries"][0]["entry_id"] == entry_id
    (entry,) = entries(guest, show_id)
    assert (entry["id"], entry["title"], entry["section"]) == (
        entry_id,
        "Scarlet Begonias",
        "set1",
    )
    assert entry["position"] == "V1"


def _changed(socket: Socket) -> list[Json]:
    return [one for one in socket.texts if one.get("name") == "setlist_changed"]


def test_offline_edits_of_two_are_merged(artist: Caller, guest: Caller, fan: Caller) -> None:
    show_id = artist.live_show()["id"]
    a, b = Editor(), Editor()
    with guest.socket(show_id) as first, fan.socket(show_id) as second:
        first.welcome()
        second.welcome()
        a.add("A", "V1")
        b.add("B", "V2")
        a.sync(first)
        b.sync(second)
        saved(first, 1)
        saved(second, 1)
    for editor in (a, b):
        with artist.socket(show_id) as socket:
            socket.welcome()
            editor.sync(socket)
    assert a.titles() == b.titles() == ["A", "B"]
    assert [one["title"] for one in entries(guest, show_id)] == ["A", "B"]


def test_exports_are_in_playing_order_whatever_the_order_of_arrival(
    artist: Caller, guest: Caller, nobody: Caller
) -> None:
    show_id = artist.live_show()["id"]
    editor = Editor()
    editor.add("Johnny B. Goode", "V1", "encore1")
    editor.add("=cmd|'/c calc'!A0", "V2", "set1")
    editor.add("Fire on the Mountain", "V1", "set2")
    editor.add("Minglewood, Blues", "V1", "set1")
    editor.add("Check", "V1", "soundcheck")
    body = {"command_id": new_id(), "update": editor.base64()}
    answer = ok(guest.post(f"/api/shows/{show_id}/setlist/updates", body))
    assert (answer["command_id"], answer["refused"]) == (body["command_id"], [])
    body_of = ok(nobody.get(f"/api/shows/{show_id}/setlist"))
    assert (body_of["show_id"], body_of["seq"]) == (show_id, answer["seq"])
    titles = [one["title"] for one in body_of["entries"]]
    assert titles == [
        "Check",
        "Minglewood, Blues",
        "=cmd|'/c calc'!A0",
        "Fire on the Mountain",
        "Johnny B. Goode",
    ]
    table = nobody.get(f"/api/shows/{show_id}/setlist", params={"format": "csv"})
    assert table.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [row["title"].lstrip("'") for row in rows] == titles
    assert not any(row["title"].startswith("=") for row in rows)
    text = nobody.get(f"/api/shows/{show_id}/setlist", params={"format": "txt"})
    assert text.headers["content-type"].startswith("text/plain")
    places = [text.text.index(title) for title in titles]
    assert places == sorted(places)
    refused(nobody.get(f"/api/shows/{show_id}/setlist", params={"format": "pdf"}), 422)


def test_a_fan_edits_no_locked_setlist_and_keeps_the_socket(artist: Caller, guest: Caller) -> None:
    show_id = artist.live_show()["id"]
    editor = Editor()
    with guest.socket(show_id) as socket:
        socket.welcome()
        editor.sync(socket)
        ok(artist.command(show_id, "lock_setlist"))
        before = editor.doc.get_state()
        entry_id = editor.add("Not now", "V1")
        editor.send(socket, before)
        refusal = socket.until(lambda one: one["t"] == "setlist_refused")
        assert (refusal["code"], refusal["entries"]) == ("setlist_locked", [entry_id])
        assert refusal["detail"] and isinstance(refusal["seq"], int)
        for frame in socket.frames:
            editor.take(frame)
        while editor.titles():
            editor.take(socket.binary(lambda frame: frame[:2] == SYNC_UPDATE))
        ok(artist.command(show_id, "unlock_setlist"))
        before = editor.doc.get_state()
        editor.add("Now", "V1")
        editor.send(socket, before)
        saved(socket, 3)
    assert [one["title"] for one in entries(guest, show_id)] == ["Now"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"title": "x" * 201}, "title_too_long"),
        ({"note": "x" * 501}, "note_too_long"),
        ({"section": "set10"}, "invalid_section"),
        ({"position": "V0"}, "invalid_position"),
        ({"position": "V" * 65}, "invalid_position"),
        ({"title": 7}, "invalid_type"),
        ({"colour": "red"}, "unknown_field"),
        ({"added_by": "0198b000-0000-7000-8000-000000000001"}, "forged_author"),
    ],
)
def test_what_is_not_allowed_is_repaired_and_named_and_the_rest_is_kept(
    artist: Caller, guest: Caller, fields: dict[str, Any], code: str
) -> None:
    show_id = artist.live_show()["id"]
    editor = Editor()
    with guest.socket(show_id) as socket:
        socket.welcome()
        editor.sync(socket)
        before = editor.doc.get_state()
        bad = editor.add(**({"title": "Bad", "position": "V1"} | fields))
        editor.add("Good", "V2")
        editor.send(socket, before)
        refusal = socket.until(lambda one: one["t"] == "setlist_refused")
        assert refusal["code"] == code
        assert bad in refusal["entries"]
        before = editor.doc.get_state()
        editor.add("Later", "V3")
        editor.send(socket, before)
        saved(socket, 3)
    titles = [one["title"] for one in entries(guest, show_id)]
    assert [title for title in titles if title in ("Good", "Later")] == ["Good", "Later"]


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\x63", 1007),
        (b"\x00\x02\x05\x01", 1007),
        (b"\x00\x02" + buffer(b"\xff" * 10), 1007),
        (b"\x00\x02" + buffer(b"\x00" * (64 * 1024 + 1)), 4413),
    ],
)
def test_a_frame_that_is_no_yjs_closes_the_socket(
    artist: Caller, guest: Caller, frame: bytes, code: int
) -> None:
    with guest.socket(artist.live_show()["id"], text=False) as socket:
        socket.receive()
        socket.connection.send(frame)
        assert socket.close_code() == code


def test_an_update_that_would_stay_pending_closes_the_socket(artist: Caller, guest: Caller) -> None:
    editor = Editor()
    editor.add("First", "V1")
    before = editor.doc.get_state()
    editor.add("Second", "V2")
    with guest.socket(artist.live_show()["id"]) as socket:
        socket.welcome()
        Editor().sync(socket)
        editor.send(socket, before)
        assert socket.close_code() == 4403


def test_nobody_writes_under_the_client_id_of_another(
    artist: Caller, guest: Caller, fan: Caller
) -> None:
    show_id = artist.live_show()["id"]
    editor = Editor()
    with fan.socket(show_id) as socket:
        socket.welcome()
        editor.sync(socket)
        before = editor.doc.get_state()
        editor.add("Mine", "V1")
        editor.send(socket, before)
        saved(socket, 2)
    with guest.socket(show_id) as socket:
        socket.welcome()
        Editor().sync(socket)
        before = editor.doc.get_state()
        editor.add("In her name", "V2")
        editor.send(socket, before)
        assert socket.close_code() == 4403
    assert [one["title"] for one in entries(guest, show_id)] == ["Mine"]


def test_now_playing_is_told_to_everybody(artist: Caller, guest: Caller) -> None:
    show_id = artist.live_show()["id"]
    editor = Editor()
    entry_id = editor.add("Morning Dew", "V1")
    body = {"command_id": new_id(), "update": editor.base64()}
    ok(artist.post(f"/api/shows/{show_id}/setlist/updates", body))
    with guest.socket(show_id) as socket:
        socket.welcome()
        ok(artist.command(show_id, "set_now_playing", entry_id=entry_id))
        assert socket.event("now_playing_changed")["data"]["entry_id"] == entry_id
    with guest.socket(show_id) as socket:
        assert socket.welcome()["state"]["now_playing"]["title"] == "Morning Dew"


def test_the_document_over_http_is_what_a_yjs_client_lacks(artist: Caller, guest: Caller) -> None:
    show_id = artist.live_show()["id"]
    editor = Editor()
    editor.add("Dark Star", "V1")
    path = f"/api/shows/{show_id}/setlist"
    update = {"command_id": new_id(), "update": editor.base64()}
    first = ok(guest.post(f"{path}/updates", update))
    assert ok(guest.post(f"{path}/updates", update))["refused"] == first["refused"]
    body = ok(guest.get(f"{path}/document"))
    other = Editor()
    other.doc.apply_update(base64.b64decode(body["update"]))
    assert other.titles() == ["Dark Star"]
    vector = base64.b64encode(other.doc.get_state()).decode()
    rest = ok(guest.get(f"{path}/document", params={"state_vector": vector}))
    assert base64.b64decode(rest["update"]) == b"\x00\x00"
    bad = guest.post(f"{path}/updates", {"command_id": new_id(), "update": "?"})
    refused(bad, 422, "validation_failed")
    history = ok(guest.get(f"{path}/history"))["items"]
    assert [one["entries"][0]["kind"] for one in history] == ["added"]


def test_awareness_of_an_editor_reaches_other_editors(
    artist: Caller, guest: Caller, nobody: Caller
) -> None:
    show_id = artist.live_show()["id"]
    state = b'{"user":{"name":"Robin"}}'
    payload = b"\x01\x2a\x01" + buffer(state)  # one client: 42, at its clock 1
    with guest.socket(show_id) as mine, be_guest(nobody, "B").socket(show_id) as other:
        mine.welcome()
        other.welcome()
        mine.connection.send(b"\x01" + buffer(payload))
        other.binary(lambda frame: frame[:1] == b"\x01" and b"Robin" in frame)


@pytest.mark.parametrize("case", ["published", "hybrid", "closed"])
def test_who_may_not_edit_is_told_so_and_changes_nothing(
    artist: Caller, guest: Caller, case: str
) -> None:
    if case == "published":
        show_id = artist.show()["id"]
        ok(artist.post(f"/api/shows/{show_id}/publish"))
    else:
        show_id = artist.live_show(access="hybrid" if case == "hybrid" else "public")["id"]
    if case == "closed":
        ok(artist.post(f"/api/shows/{show_id}/close"))
    editor = Editor()
    with guest.socket(show_id) as socket:
        socket.welcome()
        editor.sync(socket)
        before = editor.doc.get_state()
        editor.add("Not mine to add", "V1")
        editor.send(socket, before)
        refusal = socket.until(lambda one: one["t"] == "setlist_refused")
        assert refusal["code"] == ("not_allowed" if case == "hybrid" else "setlist_locked")
    assert entries(artist, show_id) == []
    crew = Editor()
    crew.add("Prepared by the crew", "V1")
    body = {"command_id": new_id(), "update": crew.base64()}
    assert ok(artist.post(f"/api/shows/{show_id}/setlist/updates", body))["refused"] == []
