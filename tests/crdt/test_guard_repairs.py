"""Rules: what is not allowed is repaired for everybody, and nothing good is lost with it."""

from __future__ import annotations

from typing import Any

import pytest

from crdt.document_limits import DocumentLimits
from crdt.permissions import EditRules
from crdt.schema import RefusalCode
from crdt.verdicts import Accepted, EntryChangeKind, Repaired, Verdict
from tests.crdt.room_model import RoomModel
from tests.crdt.yjs_oracle import YjsOracle

SONG = {"title": "Dark Star", "section": "set2", "position": "V1", "segue": True, "added_by": "ann"}


def song(title: str, by: str, position: str = "V1", **more: Any) -> dict[str, Any]:
    return {"title": title, "section": "set1", "position": position, "added_by": by, **more}


def codes(verdict: Verdict) -> set[str]:
    assert isinstance(verdict, Repaired), verdict
    return {refusal.code.value for refusal in verdict.refusals}


def test_a_valid_entry_is_accepted_and_said_as_an_added_entry(room: RoomModel) -> None:
    ann, bob = room.join("ann"), room.join("bob")
    verdict = ann.do(["entry", "e1", SONG])
    assert isinstance(verdict, Accepted)
    (change,) = verdict.changes
    assert (change.entry_id, change.kind) == ("e1", EntryChangeKind.ADDED)
    assert change.after == SONG
    assert bob.yjs.entries() == {"e1": SONG}
    room.assert_converged()


def test_an_update_that_is_known_already_is_accepted_without_an_update(room: RoomModel) -> None:
    ann = room.join("ann")
    (update,) = ann.edit(["entry", "e1", SONG])
    ann.flush()
    again = room.receive(ann.editor, update)
    assert again == Accepted(None, (), ())


def test_moves_and_removals_are_told_apart(room: RoomModel) -> None:
    ann = room.join("ann")
    ann.do(["entry", "e1", SONG])
    moved = ann.do(["field", "e1", "position", "W1"], ["field", "e1", "section", "encore1"])
    assert isinstance(moved, Accepted)
    assert moved.changes[0].kind is EntryChangeKind.MOVED
    assert moved.changes[0].before == {"section": "set2", "position": "V1"}
    removed = ann.do(["remove", "e1"])
    assert isinstance(removed, Accepted)
    assert removed.changes[0].kind is EntryChangeKind.REMOVED
    assert removed.changes[0].after == {}
    assert room.entries() == {}
    room.assert_converged()


INVALID_FIELDS: list[tuple[str, Any, str]] = [
    ("title", "x" * 201, "title_too_long"),
    ("title", "", "title_missing"),
    ("title", "   ", "title_missing"),
    ("title", None, "title_missing"),
    ("title", 7, "invalid_type"),
    ("title", "a\x00b", "invalid_text"),
    ("title", {"$": "text", "value": "nested"}, "invalid_type"),
    ("title", {"$": "map", "value": {"a": 1}}, "invalid_type"),
    ("title", {"$": "array"}, "invalid_type"),
    ("title", {"$": "doc"}, "invalid_type"),
    ("title", {"$": "bytes"}, "invalid_type"),
    ("title", {"$": "bigint", "value": str(2**63 - 1)}, "invalid_type"),
    ("title", 2**63, "invalid_type"),
    ("title", {"$": "nan"}, "invalid_type"),
    ("title", [["deep"]], "invalid_type"),
    ("note", "n" * 501, "note_too_long"),
    ("artist", "n" * 201, "artist_too_long"),
    ("guests", "n" * 201, "guests_too_long"),
    ("guests", "Branford\nMarsalis", "invalid_text"),
    ("artist", False, "invalid_type"),
    ("song_id", "s" * 65, "invalid_song_id"),
    ("song_id", "../etc", "invalid_song_id"),
    ("section", "set10", "invalid_section"),
    ("section", "encore", "invalid_section"),
    ("section", 1, "invalid_type"),
    ("position", "", "invalid_position"),
    ("position", "a0", "invalid_position"),
    ("position", "a" * 65, "invalid_position"),
    ("position", "ä1", "invalid_position"),
    ("position", 3.5, "invalid_type"),
    ("segue", "yes", "invalid_type"),
    ("segue", 1, "invalid_type"),
    ("started_at", "yesterday", "invalid_started_at"),
    ("started_at", "2026-13-01T00:00:00Z", "invalid_started_at"),
    ("added_by", "bob", "forged_author"),
    ("added_by", 5, "invalid_type"),
    ("colour", "red", "unknown_field"),
    ("colour", {"$": "text", "value": "red"}, "unknown_field"),
]


@pytest.mark.parametrize(("field", "value", "code"), INVALID_FIELDS)
def test_an_invalid_field_is_put_back_and_the_next_good_edit_of_it_arrives(
    room: RoomModel, field: str, value: Any, code: str
) -> None:
    ann, bob = room.join("ann"), room.join("bob")
    ann.do(
        ["entry", "e1", {**SONG, "note": "slow", "artist": "GD", "guests": "B", "song_id": "s1"}]
    )
    before = room.entries()
    verdict = ann.do(["field", "e1", field, value])
    assert codes(verdict) == {code}
    assert isinstance(verdict, Repaired)
    assert [(r.entry_id, r.field) for r in verdict.refusals] == [("e1", field)]
    assert verdict.changes == ()
    assert room.entries() == before
    assert ann.yjs.entries() == bob.yjs.entries() == before
    good = {"title": "Good", "section": "set3", "position": "Z9", "segue": False}.get(field, "ok1")
    if field in ("started_at", "added_by", "colour"):
        return
    assert isinstance(ann.do(["field", "e1", field, good]), Accepted)
    assert room.entries()["e1"][field] == good
    room.assert_converged()


@pytest.mark.parametrize(
    ("field", "value", "code", "kept"),
    [
        ("section", "attic", "invalid_section", "set1"),
        ("note", "n" * 501, "note_too_long", None),
        ("colour", "red", "unknown_field", None),
        ("added_by", "somebody", "forged_author", "ann"),
        ("segue", "maybe", "invalid_type", None),
    ],
)
def test_a_new_entry_with_one_invalid_field_stays_with_that_field_repaired(
    room: RoomModel, field: str, value: Any, code: str, kept: str | None
) -> None:
    ann = room.join("ann")
    verdict = ann.do(["entry", "e1", {**SONG, field: value}])
    assert codes(verdict) == {code}
    assert room.entries()["e1"].get(field) == kept
    assert room.titles() == ["Dark Star"]
    room.assert_converged()


def test_a_new_entry_with_an_invalid_position_goes_to_the_end_of_its_section(
    room: RoomModel,
) -> None:
    ann = room.join("ann")
    ann.do(["entry", "a", song("A", "ann", "k5")], ["entry", "b", song("B", "ann", "j5")])
    verdict = ann.do(["entry", "c", song("C", "ann", "not a position")])
    assert codes(verdict) == {"invalid_position"}
    assert room.titles() == ["B", "A", "C"]
    room.assert_converged()


@pytest.mark.parametrize("section", ["set10", 7, True])
def test_an_invalid_section_leaves_the_one_that_was_there_although_it_is_the_default(
    room: RoomModel, section: Any
) -> None:
    """An absent section reads as ``set1``, but only by whoever knows that."""
    ann, bob = room.join("ann"), room.join("bob")
    ann.do(["entry", "e1", song("A", "ann")])
    assert codes(bob.do(["field", "e1", "section", section])) <= {"invalid_section", "invalid_type"}
    assert ann.yjs.entries()["e1"]["section"] == "set1"
    assert room.entries()["e1"]["section"] == "set1"
    room.assert_converged()


@pytest.mark.parametrize("title", ["x" * 201, 12, {"$": "text", "value": "t"}])
def test_a_new_entry_with_an_invalid_title_is_removed(room: RoomModel, title: Any) -> None:
    ann = room.join("ann")
    verdict = ann.do(["entry", "e1", {**SONG, "title": title}])
    assert isinstance(verdict, Repaired)
    assert room.entries() == {}
    assert verdict.changes == ()
    room.assert_converged()


def test_an_entry_without_author_gets_its_editor_as_author(room: RoomModel) -> None:
    ann = room.join("ann")
    verdict = ann.do(["entry", "e1", {"title": "A", "section": "set1", "position": "V1"}])
    assert isinstance(verdict, Accepted)
    assert room.entry("e1").added_by == "ann"
    assert ann.yjs.entries()["e1"]["added_by"] == "ann"
    room.assert_converged()


def test_an_entry_written_field_by_field_becomes_an_entry_with_its_title(room: RoomModel) -> None:
    ann = room.join("ann")
    assert isinstance(ann.do(["entry", "e1", {}]), Accepted)
    assert room.titles() == []
    ann.do(["field", "e1", "section", "set1"])
    verdict = ann.do(["field", "e1", "title", "Late"])
    assert isinstance(verdict, Accepted)
    assert verdict.changes[0].kind is EntryChangeKind.ADDED
    assert room.titles() == ["Late"]
    room.assert_converged()


@pytest.mark.parametrize(
    "change",
    [
        ["root", "e1", "just text"],
        ["root", "e1", {"$": "text", "value": "t"}],
        ["root", "e1", {"$": "array"}],
        ["root", "e1", None],
    ],
)
def test_an_entry_that_is_overwritten_with_something_else_comes_back(
    room: RoomModel, change: list[Any]
) -> None:
    ann, bob = room.join("ann"), room.join("bob")
    ann.do(["entry", "e1", SONG])
    assert codes(bob.do(change)) == {"invalid_entry"}
    assert room.entries() == {"e1": SONG}
    room.assert_converged()


def test_an_entry_id_that_cannot_be_one_is_refused(room: RoomModel) -> None:
    ann = room.join("ann")
    assert codes(ann.do(["entry", "e" * 65, SONG])) == {"invalid_entry_id"}
    assert codes(ann.do(["entry", "no spaces", SONG])) == {"invalid_entry_id"}
    assert room.entries() == {}
    room.assert_converged()


@pytest.mark.parametrize(
    "change",
    [
        ["foreign_array", "songs", [1, "two", {"three": 3}]],
        ["foreign_map", "songs", "a", {"$": "map", "value": {"b": "c"}}],
        ["foreign_text", "songs", "some text 🎸"],
        ["foreign_array", "entries2", ["x"]],
    ],
)
def test_foreign_roots_never_reach_anybody(room: RoomModel, change: list[Any]) -> None:
    ann, bob = room.join("ann"), room.join("bob")
    verdict = ann.do(["entry", "e1", SONG], change)
    assert codes(verdict) == {"foreign_content"}
    assert isinstance(verdict, Repaired) and verdict.changes[0].entry_id == "e1"
    ann.do(change)
    ann.do(["field", "e1", "title", "Still here"])
    assert room.titles() == ["Still here"]
    for state in (ann.yjs.state(), bob.yjs.state(), room.witness.state()):
        assert state["roots"] == ["entries"]
    room.assert_converged()


def test_text_nested_in_a_field_is_taken_out_with_what_is_typed_into_it(room: RoomModel) -> None:
    ann = room.join("ann")
    ann.do(["entry", "e1", SONG])
    first = ann.edit(["field", "e1", "note", {"$": "text", "value": "abc"}])
    second = ann.edit(["nested_text", "e1", "note", "more "])
    assert first and second
    verdicts = ann.flush()
    assert codes(verdicts[0]) == {"invalid_type"}
    room.settle()
    assert room.entries() == {"e1": SONG}
    room.assert_converged()


def test_a_locked_setlist_takes_edits_of_crew_only(room: RoomModel) -> None:
    ann, artist = room.join("ann"), room.join("jerry", "artist")
    ann.do(["entry", "e1", SONG], ["entry", "e2", song("B", "ann")])
    before = room.entries()
    room.rules = EditRules(locked=True)
    assert codes(ann.do(["entry", "e3", song("C", "ann")])) == {"setlist_locked"}
    assert codes(ann.do(["field", "e1", "title", "X"])) == {"setlist_locked"}
    assert codes(ann.do(["field", "e1", "position", "zz"])) == {"setlist_locked"}
    assert codes(ann.do(["remove", "e2"])) == {"setlist_locked"}
    assert codes(ann.do(["entry", "e1", song("Mine", "ann")])) == {"setlist_locked"}
    stored = {key: {**value, "segue": value.get("segue", False)} for key, value in before.items()}
    shown = {
        key: {**value, "segue": value.get("segue", False)} for key, value in room.entries().items()
    }
    assert shown == stored
    assert isinstance(artist.do(["field", "e1", "title", "Sealed"]), Accepted)
    assert room.entry("e1").title == "Sealed"
    room.assert_converged()


@pytest.mark.parametrize("role", ["brand", "developer", "unheard_of"])
def test_other_roles_may_not_edit(room: RoomModel, role: str) -> None:
    ann, other = room.join("ann"), room.join("sponsor", role)
    ann.do(["entry", "e1", SONG])
    verdict = other.do(["field", "e1", "note", "buy"], ["remove", "e1"], ["entry", "x", SONG])
    assert codes(verdict) == {"not_allowed"}
    assert room.entry("e1").added_by == "ann"
    assert room.entry("e1").note is None
    assert "x" not in room.entries()
    room.assert_converged()


def test_a_protected_entry_is_for_crew_only(room: RoomModel) -> None:
    ann, curator = room.join("ann"), room.join("curt", "curator")
    ann.do(["entry", "e1", SONG], ["entry", "e2", song("B", "ann")])
    room.rules = EditRules(protected_entry_ids=frozenset({"e1"}))
    assert codes(ann.do(["remove", "e1"])) == {"entry_protected"}
    assert isinstance(ann.do(["remove", "e2"]), Accepted)
    assert isinstance(curator.do(["field", "e1", "title", "Sealed"]), Accepted)
    assert room.titles() == ["Sealed"]
    room.assert_converged()


def test_an_entry_replaced_as_a_whole_keeps_its_author(room: RoomModel) -> None:
    ann, bob = room.join("ann"), room.join("bob")
    ann.do(["entry", "e1", SONG])
    assert codes(bob.do(["entry", "e1", song("Mine now", "bob")])) == {"forged_author"}
    assert (room.entry("e1").title, room.entry("e1").added_by) == ("Mine now", "ann")
    without = {"title": "Again", "section": "set1", "position": "V1"}
    assert isinstance(bob.do(["entry", "e1", without]), Accepted)
    assert room.entry("e1").added_by == "ann"
    room.assert_converged()


def test_undoing_a_removal_keeps_the_author_of_the_entry(room: RoomModel) -> None:
    ann, bob = room.join("ann"), room.join("bob")
    ann.do(["entry", "e1", SONG])
    bob.yjs.track_undo()
    bob.do(["remove", "e1"])
    assert room.entries() == {}
    bob.outbox += bob.yjs.undo()
    (verdict,) = bob.flush()
    assert isinstance(verdict, Accepted)
    assert room.entry("e1").added_by == "ann"
    room.assert_converged()


def test_the_setlist_takes_no_more_entries_than_its_limit(oracle: YjsOracle) -> None:
    room = RoomModel(oracle, DocumentLimits(entries_max=5))
    ann = room.join("ann")
    verdict = ann.do(*(["entry", f"e{n}", song(str(n), "ann", f"V{n + 1}")] for n in range(8)))
    assert codes(verdict) == {"too_many_entries"}
    assert len(room.entries()) == 5
    swap = ann.do(["remove", "e0"], ["entry", "f", song("f", "ann", "Z1")])
    assert isinstance(swap, Accepted)
    assert len(room.entries()) == 5
    room.assert_converged()


def test_a_refused_edit_in_the_middle_of_good_ones_costs_only_itself(room: RoomModel) -> None:
    ann, _ = room.join("ann"), room.join("bob")
    ann.do(["entry", "e1", SONG], ["entry", "e2", song("B", "ann")])
    ann.edit(["field", "e1", "title", "Good one"])
    ann.edit(["field", "e2", "title", "x" * 300], ["field", "e2", "note", "kept"])
    ann.edit(["field", "e1", "note", "good three"])
    ann.edit(["entry", "e3", song("Good four", "ann", "Z1")])
    verdicts = ann.flush()
    assert [type(verdict) for verdict in verdicts] == [Accepted, Repaired, Accepted, Accepted]
    room.settle()
    assert room.entry("e1").title == "Good one"
    assert (room.entry("e2").title, room.entry("e2").note) == ("B", "kept")
    assert room.entry("e1").note == "good three"
    assert room.entry("e3").title == "Good four"
    room.assert_converged()


def test_a_good_edit_of_the_same_field_before_the_repair_is_seen_arrives(room: RoomModel) -> None:
    """The sender writes on while the repair is on its way; Yjs alone would toss a coin."""
    for _ in range(6):
        ann = room.join("ann")
        ann.do(["entry", "e1", SONG])
        ann.edit(["field", "e1", "title", "x" * 300])
        ann.edit(["field", "e1", "title", "Good"])
        ann.edit(["field", "e1", "title", "y" * 300])
        ann.edit(["field", "e1", "title", "Best"])
        verdicts = ann.flush()
        assert [type(v) for v in verdicts] == [Repaired, Accepted, Repaired, Accepted]
        room.settle()
        assert room.entry("e1").title == "Best"
        room.assert_converged()
        ann.do(["remove", "e1"])


def test_a_good_edit_after_a_refused_one_arrives_when_the_twin_is_another_one(
    room: RoomModel,
) -> None:
    """The repair was another node's, whose client id nobody wrote down."""
    for _ in range(6):
        ann = room.join("ann")
        ann.do(["entry", "e1", SONG])
        ann.edit(["field", "e1", "title", "x" * 300])
        ann.edit(["field", "e1", "title", "Good"])
        room.receive(ann.editor, ann.outbox.pop(0))
        room.twin = room.live.clone()
        room.bindings = {c: who for c, who in room.bindings.items() if who != "server"}
        assert isinstance(ann.flush()[0], Accepted)
        assert room.entry("e1").title == "Good"
        room.assert_converged()
        ann.do(["remove", "e1"])


def test_an_edit_of_an_entry_whose_removal_was_refused_meanwhile_survives(room: RoomModel) -> None:
    ann, artist = room.join("ann"), room.join("jerry", "artist")
    artist.do(["entry", "e1", {**SONG, "added_by": "jerry"}])
    room.rules = EditRules(locked=True)
    artist.edit(["field", "e1", "title", "The artist's own"])
    ann.edit(["remove", "e1"])
    assert codes(ann.flush()[0]) == {"setlist_locked"}
    (verdict,) = artist.flush()
    assert isinstance(verdict, Accepted)
    room.settle()
    assert room.entry("e1").title == "The artist's own"
    room.assert_converged()


def test_concurrent_moves_of_one_song_never_duplicate_it(room: RoomModel) -> None:
    ann, bob = room.join("ann"), room.join("bob")
    ann.do(["entry", "e1", SONG], ["entry", "e2", song("B", "ann")])
    ann.edit(["field", "e1", "position", "k1"])
    bob.edit(["field", "e1", "position", "m1"], ["field", "e1", "section", "encore1"])
    ann.flush()
    bob.flush()
    room.settle()
    assert sorted(room.titles()) == ["B", "Dark Star"]
    room.assert_converged()


def test_what_a_client_names_is_cut_before_it_is_repeated(room: RoomModel) -> None:
    ann = room.join("ann")
    ann.do(["entry", "e1", SONG])
    verdict = ann.do(["field", "e1", "f" * 5000, "x"])
    assert isinstance(verdict, Repaired)
    assert len(verdict.refusals[0].field or "") == 64
    assert verdict.refusals[0].code is RefusalCode.UNKNOWN_FIELD
    assert len(verdict.update) < 6000
