"""Rollback, restore and undo: new edits that merge, and that are themselves part of the past."""

from __future__ import annotations

import random
from typing import Any

import pytest

from crdt import edits
from crdt.document import SetlistDocument
from crdt.document_limits import DocumentLimits
from crdt.frames import EMPTY_UPDATE
from crdt.ordering import position_between
from crdt.past import PastSetlist
from crdt.permissions import EditAction
from crdt.rewriting import Kept, Rewrite, back_from, back_to, carry_out
from crdt.schema import RefusalCode, SetlistEntry, entry_fields
from crdt.verdicts import Accepted, EntryChange, EntryChangeKind, entry_change
from tests.crdt.room_model import RoomModel
from tests.crdt.test_convergence import Editors
from tests.crdt.yjs_oracle import YjsOracle

Entries = tuple[SetlistEntry, ...]


def filled(count: int = 5, limits: DocumentLimits | None = None) -> SetlistDocument:
    document = SetlistDocument(limits or DocumentLimits())
    pick = random.Random(1)
    for number in range(count):
        entry = SetlistEntry(id=f"e{number}", title=f"Song {number}", added_by="ann")
        edits.add_entry(document, entry, pick)
    return document


def wanted(entries: Entries) -> dict[str, dict[str, Any] | None]:
    return {entry.id: dict(entry_fields(entry)) for entry in entries}


def roll_back(document: SetlistDocument, then: Entries) -> tuple[bytes, tuple[EntryChange, ...]]:
    return carry_out(document, back_to(document, wanted(then), whole=True))


class Edit:
    """What one edit did, as the log's event tells it."""

    def __init__(self, document: SetlistDocument, *entry_ids: str) -> None:
        self.document = document
        self.before = {entry_id: document.entry(entry_id) for entry_id in entry_ids}
        self.changes: list[EntryChange] = []

    def done(self) -> Edit:
        """Looks at what it has changed by now."""
        for entry_id, before in self.before.items():
            change = entry_change(entry_id, before, self.document.entry(entry_id))
            if change is not None:
                self.changes.append(change)
        return self

    def plan_undo(self) -> Rewrite:
        return back_from(
            self.document,
            {c.entry_id: None if c.kind == "removed" else dict(c.after) for c in self.changes},
            {c.entry_id: None if c.kind == "added" else dict(c.before) for c in self.changes},
        )


def edit(document: SetlistDocument, entry_id: str, **fields: str | bool | None) -> Edit:
    made = Edit(document, entry_id)
    edits.set_fields(document, entry_id, fields)
    return made.done()


def test_a_rollback_is_one_update_that_others_take() -> None:
    document = filled()
    then = document.entries()
    edits.remove_entry(document, "e1")
    edits.set_fields(document, "e2", {"title": "Wrong", "note": "wrong"})
    edits.add_entry(document, SetlistEntry(id="x", title="Not played"), random.Random(4))
    edits.move_entry(document, "e4", "set2", None, random.Random(4))
    other, wrong = document.clone(), document.entries()
    update, changes = roll_back(document, then)
    assert document.entries() == then
    other.apply(update)
    assert other.entries() == then
    assert {change.entry_id: change.kind.value for change in changes} == {
        "e1": "added",
        "e2": "changed",
        "e4": "moved",
        "x": "removed",
    }
    roll_back(document, wrong)
    assert document.entries() == wrong
    assert roll_back(document, wrong) == (EMPTY_UPDATE, ())


def test_a_restore_touches_one_entry() -> None:
    document = filled()
    then = {entry.id: entry for entry in document.entries()}
    edits.set_fields(document, "e1", {"title": "Wrong", "guests": "Nobody"})
    edits.set_fields(document, "e2", {"title": "Right"})
    edits.remove_entry(document, "e3")
    for entry_id in ("e1", "e3"):
        plan = back_to(document, {entry_id: dict(entry_fields(then[entry_id]))}, whole=False)
        carry_out(document, plan)
    assert document.entry("e1") == then["e1"]
    assert document.entry("e3") == then["e3"]
    assert document.entry("e2") == edits_of(then["e2"], title="Right")
    carry_out(document, back_to(document, {"e3": None}, whole=False))
    assert document.entry("e3") is None


def edits_of(entry: SetlistEntry, **fields: Any) -> SetlistEntry:
    return SetlistEntry(**{**{n: getattr(entry, n) for n in entry.__struct_fields__}, **fields})


def test_an_undo_takes_back_what_is_still_as_it_was_made_and_says_what_is_not() -> None:
    document = filled()
    before = document.entries()
    mine = edit(document, "e1", title="Wrong", note="slow", segue=True)
    edit(document, "e1", note="fast")
    plan = mine.plan_undo()
    assert plan.kept == (Kept("e1", "changed_since", ("note",)),)
    carry_out(document, plan)
    assert document.entry("e1") == edits_of(before[1], note="fast")
    assert mine.plan_undo().writes == {}


def test_an_undo_of_an_undo_brings_the_edit_back() -> None:
    document = filled()
    mine = edit(document, "e1", title="Right", artist="Chuck Berry")
    after = document.entries()
    undo = Edit(document, "e1")
    carry_out(document, mine.plan_undo())
    assert document.entry("e1") == edits_of(after[1], title="Song 1", artist=None)
    carry_out(document, undo.done().plan_undo())
    assert document.entries() == after


def test_an_added_entry_goes_unless_somebody_has_changed_it() -> None:
    document = filled(1)
    added = Edit(document, "x", "y")
    for entry_id in ("x", "y"):
        edits.add_entry(document, SetlistEntry(id=entry_id, title="X"), random.Random(1))
    added.done()
    edit(document, "y", note="by somebody else")
    plan = added.plan_undo()
    assert plan.removals == ("x",)
    assert plan.kept == (Kept("y", "changed_since", ("note",)),)
    edits.remove_entry(document, "x")
    assert added.plan_undo().removals == ()


def test_a_removed_entry_comes_back_unless_it_is_back() -> None:
    document = filled()
    then = document.entries()
    removed = Edit(document, "e1")
    edits.remove_entry(document, "e1")
    removed.done()
    carry_out(document, removed.plan_undo())
    assert document.entries() == then
    assert removed.plan_undo() == Rewrite(kept=(Kept("e1", "changed_since"),))


def test_what_was_changed_and_then_removed_is_left() -> None:
    document = filled()
    mine = edit(document, "e1", title="Wrong")
    edits.remove_entry(document, "e1")
    assert mine.plan_undo() == Rewrite(kept=(Kept("e1", "changed_since"),))


def test_section_and_position_go_back_together_or_not_at_all() -> None:
    document = filled()
    before = document.entry("e1")
    assert before is not None
    moved = Edit(document, "e1")
    edits.move_entry(document, "e1", "encore1", None, random.Random(3))
    moved.done()
    carry_out(document, moved.plan_undo())
    assert document.entry("e1") == before
    edits.move_entry(document, "e1", "encore1", None, random.Random(4))
    moved = Edit(document, "e2")
    edits.move_entry(document, "e2", "encore1", None, random.Random(5))
    moved.done()
    edits.move_entry(document, "e2", "encore1", "e1", random.Random(6))
    plan = moved.plan_undo()
    assert plan == Rewrite(kept=(Kept("e2", "changed_since", ("section", "position")),))


def test_a_full_setlist_takes_back_no_more_than_fits() -> None:
    document = filled(4, DocumentLimits(entries_max=4))
    then = document.entries()
    edits.remove_entry(document, "e1")
    edits.add_entry(document, SetlistEntry(id="x", title="X"), random.Random(1))
    plan = back_to(document, {"e1": dict(entry_fields(then[1]))}, whole=False)
    assert plan == Rewrite(kept=(Kept("e1", "too_many_entries"),))
    roll_back(document, then)
    assert document.entries() == then


def test_only_what_is_permitted_is_written() -> None:
    document = filled()
    then = document.entries()
    edits.set_fields(document, "e0", {"title": "Sealed"})
    edits.set_fields(document, "e1", {"title": "Wrong"})
    edits.remove_entry(document, "e2")

    def refusal(action: EditAction, entry_id: str) -> RefusalCode | None:
        asked.append((action.value, entry_id))
        return RefusalCode.ENTRY_PROTECTED if entry_id == "e0" else None

    asked: list[tuple[str, str]] = []
    plan = back_to(document, wanted(then), whole=True).permitted(refusal)
    assert sorted(asked) == [("add", "e2"), ("edit", "e0"), ("edit", "e1")]
    assert plan.kept == (Kept("e0", "entry_protected"),)
    carry_out(document, plan)
    titles = [entry.title for entry in document.entries()]
    assert titles == ["Sealed", "Song 1", "Song 2", "Song 3", "Song 4"]


def test_what_nobody_has_finished_typing_stays() -> None:
    document = filled(2)
    then = document.entries()
    document.write(lambda entries: entries.__setitem__("new", _half()))
    assert document.entry_count == 3
    roll_back(document, then)
    assert document.entries() == then
    assert document.entry("new") is not None


def _half() -> Any:
    from pycrdt import Map

    return Map({"section": "set1", "position": "V1"})


def test_a_change_that_is_told_is_the_change_that_was_made() -> None:
    document = filled()
    then = document.entries()
    edits.remove_entry(document, "e1")
    _, changes = roll_back(document, then)
    assert changes == (EntryChange("e1", EntryChangeKind.ADDED, {}, dict(entry_fields(then[1]))),)


# --- together with others ---------------------------------------------------------------------


class PastEditors(Editors):
    """Random editors, and somebody who brings back what was at any moment of their night."""

    def __init__(self, oracle: YjsOracle, seed: int) -> None:
        super().__init__(oracle, seed)
        self.was: list[Entries] = []
        self.rollbacks = 0

    def step(self) -> None:
        super().step()
        self.remember()
        if self.random.randrange(12) == 0 and self.was:
            self.roll_back_and_forth(self.random.choice(self.was))

    def remember(self) -> None:
        self.was.append(self.room.live.entries())

    def roll_back_and_forth(self, then: Entries) -> None:
        before = self.room.live.entries()
        self.roll_back(then)
        if self.random.random() < 0.5:
            self.roll_back(before)

    def roll_back(self, then: Entries) -> None:
        update, _ = roll_back(self.room.twin, then)
        if update != EMPTY_UPDATE:
            self.room.bindings[self.room.twin.client_id] = "server"
            self.room.publish(update)
            self.rollbacks += 1
        assert self.room.live.entries() == then
        assert self.room.twin.entries() == then


@pytest.mark.parametrize("seed", range(8))
def test_any_moment_of_any_night_comes_back_and_goes_again(oracle: YjsOracle, seed: int) -> None:
    """Among people who edit online and offline, undo, and are repaired; judged by Yjs."""
    editors = PastEditors(oracle, seed + 100)
    for _ in range(4):
        for _ in range(50):
            editors.step()
        editors.come_together()
    assert editors.rollbacks > 5


@pytest.mark.parametrize("seed", range(4))
def test_the_past_read_from_the_log_is_what_it_was(oracle: YjsOracle, seed: int) -> None:
    editors = PastEditors(oracle, seed + 200)
    past, seen = PastSetlist(), 0
    for _ in range(120):
        editors.step()
        past.apply(editors.room.log[seen:])
        seen = len(editors.room.log)
        assert past.entries() == editors.room.live.entries()
    reloaded = SetlistDocument.from_update(past.encode())
    assert reloaded.entries() == editors.room.live.entries()


def test_what_is_typed_at_the_same_time_is_kept(room: RoomModel) -> None:
    """A rollback of what the server knew; the offline edits come after it and win."""
    ann, bob, eve = room.join("ann"), room.join("bob"), room.join("eve")
    for number in range(3):
        ann.do(["entry", f"e{number}", {"title": f"S{number}", "position": f"V{number + 1}"}])
    room.settle()
    then = room.live.entries()
    eve.do(["field", "e0", "title", "spam"], ["field", "e1", "title", "spam"], ["remove", "e2"])
    bob.disconnect()
    bob.edit(["field", "e1", "note", "typed offline"])
    bob.edit(["field", "e0", "title", "Bob's title"])
    bob.edit(["entry", "e9", {"title": "Bob's song", "position": "Z1"}])
    update, _ = roll_back(room.twin, then)
    room.publish(update)
    assert room.live.entries() == then
    # As stock providers do: the server's step 1 comes first and is answered at once.
    offline = bob.yjs.diff(room.live.state_vector())
    assert isinstance(room.receive(bob.editor, offline, first_sync=True), Accepted)
    bob.connect()
    room.settle()
    assert room.entry("e0").title == "Bob's title"
    assert (room.entry("e1").title, room.entry("e1").note) == ("S1", "typed offline")
    assert room.entry("e2") == then[2]
    assert room.titles() == ["Bob's title", "S1", "S2", "Bob's song"]
    room.assert_converged()


def test_moves_between_sections_at_the_same_time_leave_one_of_each(oracle: YjsOracle) -> None:
    """Three people, two of them offline, move the same songs to different sections."""
    room = RoomModel(oracle)
    people = [room.join(name) for name in ("ann", "bob", "eve")]
    for number in range(12):
        people[0].do(["entry", f"e{number}", {"title": f"S{number}", "position": f"V{number + 1}"}])
    for person in people[1:]:
        person.disconnect()
    pick = random.Random(9)
    sections = ["set1", "set2", "encore1"]
    for number in range(12):
        for person, section in zip(people, sections, strict=True):
            position = position_between(None, None, pick)
            person.edit(
                ["field", f"e{number}", "section", section],
                ["field", f"e{number}", "position", position],
            )
    people[0].flush()
    for person in people[1:]:
        person.connect()
    room.assert_converged()
    assert sorted(room.titles()) == sorted(f"S{number}" for number in range(12))
    # Section and position are written together and win or lose together: nobody's song lands
    # in one person's section at another one's place.
    assert len({entry.section for entry in room.live.entries()}) == 1
