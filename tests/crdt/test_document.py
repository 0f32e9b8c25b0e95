"""The document: loads, answers, edits, clones, and never trips over what it holds."""

from __future__ import annotations

import gc
import random
import weakref

import pytest
from pycrdt import Array, Doc, Map, Text

from crdt import edits
from crdt.document import SetlistDocument
from crdt.document_limits import DocumentLimits
from crdt.errors import DecodeError, DocumentError, EditError, PendingError
from crdt.frames import EMPTY_UPDATE
from crdt.schema import SECTIONS, SetlistEntry
from tests.crdt.yjs_oracle import YjsOracle


def filled(count: int = 5, limits: DocumentLimits | None = None) -> SetlistDocument:
    document = SetlistDocument(limits or DocumentLimits())
    pick = random.Random(1)
    for number in range(count):
        entry = SetlistEntry(id=f"e{number}", title=f"Song {number}", added_by="ann")
        edits.add_entry(document, entry, pick)
    return document


def ids(document: SetlistDocument) -> list[str]:
    return [entry.id for entry in document.entries()]


def test_an_empty_document_has_written_nothing() -> None:
    document = SetlistDocument()
    assert document.encode() == EMPTY_UPDATE
    assert document.state_vector() == b"\x00"
    assert document.generation == 0
    assert document.clone().encode() == EMPTY_UPDATE
    assert SetlistDocument.from_update(EMPTY_UPDATE).entries() == ()


def test_sections_play_in_the_order_of_the_night() -> None:
    document = SetlistDocument()
    pick = random.Random(2)
    for section in sorted(SECTIONS):
        entry = SetlistEntry(id=section, title=section, section=section)
        edits.add_entry(document, entry, pick)
    assert ids(document) == list(SECTIONS)


def test_clones_are_equal_and_have_client_ids_of_their_own() -> None:
    document = filled()
    clones = [document.clone() for _ in range(5)]
    assert all(clone.encode() == document.encode() for clone in clones)
    assert all(clone.entries() == document.entries() for clone in clones)
    assert len({document.client_id, *(clone.client_id for clone in clones)}) == 6
    edits.remove_entry(clones[0], "e0")
    assert "e0" in ids(document)
    assert "e0" not in ids(clones[0])


def test_every_change_is_one_update_that_others_apply() -> None:
    document, other = filled(), SetlistDocument()
    other.apply(document.encode())
    pick = random.Random(3)
    generation = document.generation
    changes = (
        lambda: edits.set_fields(document, "e1", {"title": "New", "note": "slow", "segue": True}),
        lambda: edits.move_entry(document, "e4", "encore1", None, pick),
        lambda: edits.move_entry(document, "e0", "set1", "e2", pick),
        lambda: edits.remove_entry(document, "e3"),
        lambda: edits.rebalance_section(document, "set1"),
        lambda: edits.set_fields(document, "e1", {"note": None}),
    )
    for change in changes:
        update = change()
        assert update != EMPTY_UPDATE
        assert other.apply(update)
        assert other.entries() == document.entries()
        assert document.generation > generation
        generation = document.generation
    assert ids(document) == ["e1", "e2", "e0", "e4"]
    position = document.entries()[0].position
    assert document.entry("e1") == SetlistEntry(
        id="e1", title="New", segue=True, position=position, added_by="ann"
    )
    assert other.encode() == document.encode()


def test_an_edit_that_changes_nothing_is_empty() -> None:
    document = filled()
    generation = document.generation
    assert edits.set_fields(document, "e1", {"title": "Song 1"}) == EMPTY_UPDATE
    assert document.generation == generation


def test_moving_to_every_place_of_a_section() -> None:
    pick = random.Random(5)
    for index, after in enumerate([None, "e0", "e1", "e3", "e4"]):
        document = filled()
        edits.move_entry(document, "e2", "set1", after, pick)
        expected = ["e0", "e1", "e3", "e4"]
        expected.insert(index, "e2")
        assert ids(document) == expected


def test_three_hundred_inserts_at_one_place_rebalance_and_keep_their_order() -> None:
    document = filled(2, DocumentLimits(entries_max=400))
    pick = random.Random(6)
    rebalanced = 0
    for number in range(300):
        entry = SetlistEntry(id=f"n{number}", title="N", added_by="ann")
        edits.add_entry(document, entry, pick)
        edits.move_entry(document, f"n{number}", "set1", "e0", pick)
        for section in edits.sections_to_rebalance(document):
            edits.rebalance_section(document, section)
            rebalanced += 1
    assert ids(document) == ["e0", *(f"n{number}" for number in reversed(range(300))), "e1"]
    assert rebalanced >= 1
    assert max(len(entry.position) for entry in document.entries()) < 48


def test_moving_between_equal_positions_spreads_the_section() -> None:
    document = filled()
    for entry_id in ("e1", "e2", "e3"):
        edits.set_fields(document, entry_id, {"position": "V1"})
    order = [entry_id for entry_id in ids(document) if entry_id != "e0"]
    after = order[order.index("e1")]
    edits.move_entry(document, "e0", "set1", after, random.Random(7))
    order.insert(order.index("e1") + 1, "e0")
    assert ids(document) == order


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (lambda d, r: edits.add_entry(d, SetlistEntry(id="e0", title="x"), r), "invalid_entry_id"),
        (lambda d, r: edits.add_entry(d, SetlistEntry(id="a b", title="x"), r), "invalid_entry_id"),
        (lambda d, r: edits.add_entry(d, SetlistEntry(id="n", title=""), r), "title_missing"),
        (
            lambda d, r: edits.add_entry(d, SetlistEntry(id="n", title="x" * 201), r),
            "title_too_long",
        ),
        (lambda d, r: edits.set_fields(d, "none", {"title": "x"}), "invalid_entry"),
        (lambda d, r: edits.set_fields(d, "e0", {"colour": "red"}), "unknown_field"),
        (lambda d, r: edits.set_fields(d, "e0", {"title": None}), "invalid_entry"),
        (lambda d, r: edits.set_fields(d, "e0", {"section": "attic"}), "invalid_section"),
        (lambda d, r: edits.move_entry(d, "e0", "attic", None, r), "invalid_section"),
        (lambda d, r: edits.move_entry(d, "e0", "set1", "none", r), "invalid_position"),
        (lambda d, r: edits.remove_entry(d, "none"), "invalid_entry"),
    ],
)
def test_edits_that_the_schema_forbids_change_nothing(edit, code: str) -> None:  # type: ignore[no-untyped-def]
    document = filled()
    before = document.encode()
    with pytest.raises(EditError) as caught:
        edit(document, random.Random(1))
    assert caught.value.code == code
    assert document.encode() == before


def test_an_entry_stands_behind_another_where_it_is_told_to() -> None:
    document, pick = filled(3), random.Random(1)
    for name, behind in (("a", "e0"), ("b", "e0"), ("c", "e2"), ("d", "none")):
        edits.add_entry(document, SetlistEntry(id=name, title="x"), pick, behind=behind)
    order = [entry.id for entry in document.entries() if entry.section == "set1"]
    assert order.index("b") == order.index("e0") + 1
    assert order.index("a") == order.index("b") + 1
    assert order[-2:] == ["c", "d"]


def test_a_full_setlist_takes_no_more() -> None:
    document = filled(5, DocumentLimits(entries_max=5))
    with pytest.raises(EditError, match="too_many_entries"):
        edits.add_entry(document, SetlistEntry(id="n", title="x"), random.Random(1))


def test_entries_never_raise_whatever_the_document_holds() -> None:
    """Documents from before the guard, or from elsewhere."""
    odd: Doc[object] = Doc()
    entries = odd.get("entries", type=Map)
    entries["number"] = 5
    entries["text"] = Text("abc")
    entries["empty"] = Map({})
    entries["wrong"] = Map(
        {"title": 5.5, "section": ["x"], "position": None, "segue": "yes", "nested": Map({"a": 1})}
    )
    entries["half"] = Map({"title": "Half", "section": "attic", "position": "0", "more": b"bytes"})
    entries["big"] = Map({"title": "Big", "note": 2.0**63, "added_by": float("nan")})
    odd.get("entries2", type=Array).extend([1, 2])
    document = SetlistDocument.from_update(odd.get_update())
    assert [entry.title for entry in document.entries()] == ["Half", "Big"]
    assert document.entry("empty") == SetlistEntry(id="empty")
    assert document.clone().entries() == document.entries()
    edits.rebalance_section(document, "set1")
    edits.move_entry(document, "big", "set1", None, random.Random(1))
    assert ids(document) == ["big", "half"]


def test_answers_to_joins_are_kept_until_the_next_change() -> None:
    document = filled(50)
    assert document.encode() is document.encode()
    vector = document.state_vector()
    edits.set_fields(document, "e1", {"title": "New"})
    answer = document.encode(vector)
    assert answer is document.encode(vector)
    assert len(answer) < 100
    assert document.size == len(document.encode())
    with pytest.raises(DecodeError):
        document.encode(b"\x01\x05")
    for number in range(100):
        assert document.encode(bytes((1, number, 0)))


def test_bytes_that_are_no_document_are_refused() -> None:
    with pytest.raises(DecodeError):
        SetlistDocument.from_update(b"garbage")
    document = filled()
    with pytest.raises(PendingError):
        SetlistDocument.from_update(edits.set_fields(document, "e1", {"title": "later"}))
    before = document.encode()
    with pytest.raises(PendingError):
        document.apply(b"\x01\x01\x05\x07\x00\x01\x00")
    assert document.encode() == before


def test_a_panic_of_the_library_is_an_ordinary_error() -> None:
    """A number of 64 bits panics in the library, with what is no ``Exception``."""
    document = filled()
    with pytest.raises(DocumentError, match=r"panic|OverflowError"):
        document.write(lambda entries: entries["e0"].__setitem__("note", 2**63))


def test_documents_are_collected_when_a_room_is_unloaded() -> None:
    document = filled()
    twin = document.clone()
    edits.set_fields(twin, "e1", {"title": "x"})
    gone = [weakref.ref(document), weakref.ref(twin), weakref.ref(twin._document)]
    del document, twin
    gc.collect()
    assert [reference() for reference in gone] == [None, None, None]


def test_the_index_of_a_loaded_document_is_that_of_the_living_one(oracle: YjsOracle) -> None:
    document = filled()
    pick = random.Random(8)
    for turn in range(60):
        entry_id = f"e{pick.randrange(5)}"
        edits.set_fields(document, entry_id, {"title": f"T{turn}", "note": f"N{turn % 3}"})
    loaded = SetlistDocument.from_update(document.encode())
    assert loaded.places.current == document.places.current
    assert loaded.clocks == document.clocks
    yjs = oracle.document()
    yjs.apply(document.encode())
    via_yjs = SetlistDocument.from_update(yjs.diff())
    assert via_yjs.places.current == document.places.current
    assert via_yjs.entries() == document.entries()
