"""Edits that meet a repair of the same entry: whoever may make them gets them, once."""

from __future__ import annotations

import random
from typing import Any

import pytest

from crdt import edits
from crdt.permissions import EditRules
from crdt.schema import RefusalCode
from crdt.verdicts import Accepted, EntryChangeKind, Repaired, Verdict
from tests.crdt.room_model import Client, RoomModel

SONG = {
    "title": "Dark Star",
    "section": "set2",
    "position": "V1",
    "segue": True,
    "added_by": "jerry",
}
REMOVAL: list[Any] = ["remove", "e1"]


@pytest.fixture
def fan(room: RoomModel) -> Client:
    return room.join("ann")


@pytest.fixture
def artist(room: RoomModel, fan: Client) -> Client:
    """The artist, whose entry everybody has; the setlist is locked from now on."""
    artist = room.join("jerry", "artist")
    artist.do(["entry", "e1", SONG])
    room.rules = EditRules(locked=True)
    return artist


def refused(client: Client, *changes: list[Any]) -> None:
    """The client's edit is refused; it alone has seen the repair afterwards."""
    client.edit(*changes)
    (verdict,) = client.flush()
    assert isinstance(verdict, Repaired)
    assert {r.code for r in verdict.refusals} == {RefusalCode.SETLIST_LOCKED}
    assert verdict.changes == ()
    client.take()


def send_one(client: Client) -> Verdict:
    """The client's oldest waiting update goes out alone."""
    waiting = client.outbox[1:]
    del client.outbox[1:]
    (verdict,) = client.flush()
    client.outbox += waiting
    return verdict


@pytest.mark.parametrize("first", ["note", "title"], ids=["new field", "field that was there"])
@pytest.mark.parametrize(
    "removal",
    [
        REMOVAL,
        ["root", "e1", "text"],
        ["entry", "e1", {**SONG, "title": "Mine", "added_by": "ann"}],
        ["entry", "e1", SONG],
    ],
    ids=["removed", "spoilt", "replaced", "replaced by the same"],
)
def test_every_late_edit_of_the_artist_arrives_on_every_screen(
    room: RoomModel, fan: Client, artist: Client, first: str, removal: list[Any]
) -> None:
    """The artist has seen none of the repairs; one comes before each edit but the last."""
    artist.edit(["field", "e1", first, "one"], ["field", "e1", "segue", False])
    artist.edit(["field", "e1", first, "two"])
    artist.edit(["field", "e1", "artist", "Grateful Dead"], ["field", "e1", first, "three"])
    artist.edit(["field", "e1", first, "four"])
    wanted = artist.yjs.entries()
    for text in ("one", "two", "three", "four"):
        if text != "four":
            assert fan.edit(removal)
            (against,) = fan.flush()
            assert isinstance(against, Repaired | Accepted) and against.changes == ()
            fan.take()
        verdict = send_one(artist)
        assert isinstance(verdict, Accepted)
        (change,) = verdict.changes
        assert (change.entry_id, change.kind) == ("e1", EntryChangeKind.CHANGED)
        assert change.after[first] == text
    room.assert_converged()
    assert room.entries() == wanted == {"e1": {**wanted["e1"], first: "four", "segue": False}}
    assert artist.yjs.entries() == fan.yjs.entries() == room.witness.entries() == wanted


def test_one_update_that_writes_a_field_twice_leaves_the_last_value(
    room: RoomModel, fan: Client, artist: Client
) -> None:
    artist.edit(["field", "e1", "note", "one"], ["field", "e1", "note", "two"])
    refused(fan, REMOVAL)
    refused(fan, REMOVAL)
    assert isinstance(send_one(artist), Accepted)
    assert room.entries() == {"e1": {**SONG, "note": "two"}}
    room.assert_converged()


def test_a_late_move_arrives_as_a_move(room: RoomModel, fan: Client, artist: Client) -> None:
    artist.edit(["field", "e1", "section", "encore1"], ["field", "e1", "position", "k1"])
    refused(fan, REMOVAL)
    verdict = send_one(artist)
    assert isinstance(verdict, Accepted)
    assert [change.kind for change in verdict.changes] == [EntryChangeKind.MOVED]
    assert (room.entry("e1").section, room.entry("e1").position) == ("encore1", "k1")
    room.assert_converged()


def test_a_late_edit_is_permitted_and_checked_like_any_other(
    room: RoomModel, fan: Client, artist: Client
) -> None:
    bob = room.join("bob")
    bob.edit(["field", "e1", "note", "bob was here"])
    artist.edit(["field", "e1", "note", "n" * 501], ["field", "e1", "artist", "GD"])
    refused(fan, REMOVAL)
    verdict = send_one(bob)
    assert isinstance(verdict, Repaired)
    assert [(r.field, r.code) for r in verdict.refusals] == [("note", RefusalCode.SETLIST_LOCKED)]
    verdict = send_one(artist)
    assert isinstance(verdict, Repaired)
    assert [(r.field, r.code) for r in verdict.refusals] == [("note", RefusalCode.NOTE_TOO_LONG)]
    assert room.entries() == {"e1": {**SONG, "artist": "GD"}}
    room.assert_converged()


def test_a_late_edit_does_not_bring_back_what_was_removed_for_good(
    room: RoomModel, fan: Client, artist: Client
) -> None:
    curator = room.join("curt", "curator")
    artist.edit(["field", "e1", "note", "one"])
    artist.edit(["field", "e1", "note", "two"])
    refused(fan, REMOVAL)
    curator.take()
    assert isinstance(send_one(artist), Accepted)
    curator.take()
    curator.edit(REMOVAL)
    assert isinstance(curator.flush()[0], Accepted)
    verdict = send_one(artist)
    assert isinstance(verdict, Accepted) and verdict.changes == ()
    room.assert_converged()
    assert room.entries() == artist.yjs.entries() == {}


def test_a_late_edit_ends_with_the_removal_even_if_the_server_restores_the_entry(
    room: RoomModel, fan: Client, artist: Client
) -> None:
    curator = room.join("curt", "curator")
    artist.edit(["field", "e1", "note", "before the removal"])
    stored = room.entry("e1")
    assert isinstance(curator.do(REMOVAL), Accepted)
    update = edits.add_entry(room.twin, stored, random.Random(1))
    room.bindings[room.twin.client_id] = "server"
    room.publish(update)
    fan.take()
    refused(fan, REMOVAL)
    verdict = send_one(artist)
    assert isinstance(verdict, Accepted) and verdict.changes == ()
    assert room.entries() == {"e1": SONG}
    room.assert_converged()


def test_a_late_edit_ends_with_a_replacement_by_somebody_who_may(
    room: RoomModel, fan: Client, artist: Client
) -> None:
    curator = room.join("curt", "curator")
    artist.edit(["field", "e1", "title", "Of the former"])
    assert isinstance(curator.do(["entry", "e1", {**SONG, "title": "Another"}]), Accepted)
    refused(fan, REMOVAL)
    verdict = send_one(artist)
    assert isinstance(verdict, Accepted) and verdict.changes == ()
    assert room.entry("e1").title == "Another"
    room.assert_converged()


def test_a_late_edit_arrives_in_a_room_that_was_loaded_after_the_repair(
    room: RoomModel, fan: Client, artist: Client
) -> None:
    """Of a stored document only the places of fields that were new are still known."""
    artist.edit(["field", "e1", "note", "written on the way"])
    refused(fan, REMOVAL)
    room.live = type(room.live).from_update(room.live.encode(), room.live.limits)
    room.twin = room.live.clone()
    verdict = send_one(artist)
    assert isinstance(verdict, Accepted) and len(verdict.changes) == 1
    assert room.entry("e1").note == "written on the way"
    room.assert_converged()
