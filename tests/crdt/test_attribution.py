"""Whose edit is it: of offline devices, of tabs, and of what somebody passes on for another.

A Yjs client id belongs to whoever first made an edit under it durable (or is seen by its
awareness to use it), for good. Nobody's edits are taken from anybody else's hands.
"""

from __future__ import annotations

from typing import Any

from crdt.permissions import Editor
from crdt.verdicts import Accepted, Forbidden, ForbiddenReason
from tests.crdt.room_model import RoomModel


def song(title: str, position: str) -> dict[str, Any]:
    return {"title": title, "section": "set1", "position": position, "segue": False}


def test_edits_of_an_offline_evening_are_their_authors_whichever_device_syncs_first(
    room: RoomModel,
) -> None:
    phone, tablet = room.join("ann"), room.join("ann")
    for number, device in enumerate((phone, tablet)):
        device.disconnect()
        device.edit(["entry", f"e{number}", song(f"Offline {number}", f"V{number + 1}")])
    tablet.connect()
    phone.connect()
    assert {entry.added_by for entry in room.live.entries()} == {"ann"}
    assert room.bindings[phone.yjs.client_id] == room.bindings[tablet.yjs.client_id] == "ann"
    room.assert_converged()


def test_one_device_may_bring_what_the_same_person_wrote_on_another(room: RoomModel) -> None:
    """Two tabs of one browser tell each other before either is online again."""
    phone, tablet = room.join("ann"), room.join("ann")
    phone.disconnect()
    tablet.disconnect()
    tablet.yjs.apply(*phone.edit(["entry", "e1", song("Offline", "V1")]))
    tablet.edit(["field", "e1", "note", "from the tablet"])
    assert isinstance(tablet.connect(), Accepted)
    assert isinstance(phone.connect(), Accepted)
    assert room.entry("e1").added_by == "ann"
    assert room.bindings[phone.yjs.client_id] == "ann"
    room.assert_converged()


def test_what_bob_passes_on_for_ann_is_not_taken_and_arrives_from_ann(room: RoomModel) -> None:
    ann, bob = room.join("ann"), room.join("bob")
    ann.do(["entry", "e1", song("Bertha", "V1")])
    ann.disconnect()
    offline = ann.edit(["field", "e1", "title", "Ann's title"])
    passed_on = room.receive(bob.editor, offline[0])
    assert isinstance(passed_on, Forbidden)
    assert passed_on.reason is ForbiddenReason.FORGED_CLIENT
    assert room.entry("e1").title == "Bertha"
    verdict = ann.connect()
    assert isinstance(verdict, Accepted)
    assert [change.after for change in verdict.changes] == [{"title": "Ann's title"}]
    room.assert_converged()


def test_whoever_is_seen_to_use_a_client_id_is_its_author_before_the_first_edit(
    room: RoomModel,
) -> None:
    ann, bob = room.join("ann"), room.join("bob")
    room.bindings[ann.yjs.client_id] = "ann"  # by her awareness, on any node
    ann.disconnect()
    offline = ann.edit(["entry", "e1", song("Ann's", "V1")])
    assert isinstance(room.receive(bob.editor, offline[0]), Forbidden)
    ann.connect()
    assert room.entry("e1").added_by == "ann"


def test_what_everybody_has_is_nobodys_edit_when_it_is_sent_again(room: RoomModel) -> None:
    """A sync step 2 holds the whole document, edits of others included."""
    ann, bob = room.join("ann"), room.join("bob")
    ann.do(["entry", "e1", song("Bertha", "V1")])
    room.settle()
    verdict = room.receive(bob.editor, bob.yjs.diff(), first_sync=True)
    assert verdict == Accepted(None)
    assert room.bindings[ann.yjs.client_id] == "ann"


def test_an_edit_that_nobody_has_heard_of_is_its_bringers(room: RoomModel) -> None:
    """Under an id that was never seen the server knows of nobody but who stands before it."""
    stranger = room.oracle.document()
    (update,) = stranger.edit(["entry", "e1", song("From elsewhere", "V1")])
    verdict = room.receive(Editor("bob", "fan"), update)
    assert isinstance(verdict, Accepted)
    assert room.bindings[stranger.client_id] == "bob"
    assert room.entry("e1").added_by == "bob"
