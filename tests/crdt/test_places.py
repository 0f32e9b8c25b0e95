"""The index of what elements are: it grows with entries that there ever were, hardly with edits."""

from __future__ import annotations

import random
import tracemalloc
from typing import Any

from pycrdt import Doc, Map

from crdt import edits
from crdt.document import SetlistDocument
from crdt.places import Places
from crdt.schema import FIELDS, ROOT, SetlistEntry
from crdt.update_reader import read_update

EDITS = 5_000
ENTRIES = 40


def night_of_edits() -> tuple[list[bytes], int]:
    """What an evening's worth of edits sends, a fifth of them songs that come and go; and how many
    entries there ever were."""
    replica: Doc[Any] = Doc()
    root = replica.get(ROOT, type=Map)
    updates: list[bytes] = []
    watch = replica.observe(lambda event: updates.append(event.update))
    pick = random.Random(11)
    known: list[str] = []
    added = 0
    for number in range(EDITS):
        kind = pick.choices(["title", "position", "add", "remove"], [50, 30, 10, 10])[0]
        if len(known) < 5 or (kind == "add" and len(known) < ENTRIES):
            known.append(f"entry-{added:032}")
            added += 1
            fields = {"title": f"Song {number}", "position": "V", "added_by": "ann"}
            root[known[-1]] = Map(fields)
        elif kind == "remove":
            del root[known.pop(pick.randrange(len(known)))]
        else:
            field = kind if kind in ("title", "position") else "title"
            root[pick.choice(known)][field] = f"{number}V"
    replica.unobserve(watch)
    assert len(updates) == EDITS
    return updates, added


def test_the_index_holds_what_is_there_and_a_few_bytes_of_each_edit_that_was() -> None:
    updates, added = night_of_edits()
    parsed = [read_update(update) for update in updates]
    document = SetlistDocument()
    tracemalloc.start()
    try:
        places = Places()
        for one in parsed:
            places.absorb(one)
        copy = places.copy()
        used = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    for update in updates:
        document.apply(update)

    living = document.entry_count
    assert 5 <= living <= ENTRIES
    assert added > 300
    # What is present belongs to entries that are there, each with its fields.
    assert living < len(places.current) <= living * (1 + len(FIELDS))
    runs, rows = places.kept
    assert rows <= 2 * added
    assert runs <= EDITS + added * (1 + len(FIELDS))
    # Twice, because a room keeps a twin. It was 520 bytes an edit.
    assert used <= 160 * EDITS
    assert copy.kept == places.kept


def test_a_copy_goes_its_own_way() -> None:
    document = SetlistDocument()
    pick = random.Random(3)
    first = edits.add_entry(document, SetlistEntry(id="a", title="A", added_by="ann"), pick)
    places = Places()
    places.absorb(read_update(first))
    before = places.kept
    copy = places.copy()
    second = edits.add_entry(document, SetlistEntry(id="b", title="B", added_by="ann"), pick)
    copy.absorb(read_update(second))
    copy.absorb(read_update(edits.remove_entry(document, "a")))

    assert {slot.entry_id for slot in places.current} == {"a"}
    assert {slot.entry_id for slot in copy.current} == {"b"}
    assert places.kept[0] == before[0] < copy.kept[0]
    # What the copy took in comes to the other as if it had not.
    places.absorb(read_update(second))
    assert {slot.entry_id for slot in places.current} == {"a", "b"}


def test_the_name_of_an_element_that_was_thrown_away_may_be_another_entrys() -> None:
    """A turn that did not commit leaves its twin's names behind, and the next one uses them."""
    blank = SetlistDocument().places
    kept, dropped = blank.copy(), blank.copy()
    for places, entry_id in ((dropped, "gone"), (kept, "stays")):
        theirs: Doc[Any] = Doc(client_id=7)
        theirs.get(ROOT, type=Map)[entry_id] = Map({"title": "A"})
        places.absorb(read_update(theirs.get_update()))
    assert {slot.entry_id for slot in kept.current} == {"stays"}
    assert {slot.entry_id for slot in dropped.current} == {"gone"}
    for slot, element in kept.current.items():
        assert kept.slot_of(element) == slot
    for slot, element in dropped.current.items():
        assert dropped.slot_of(element) == slot
