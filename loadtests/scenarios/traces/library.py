"""The packed traces that come with the load kit, and how an edit of theirs is carried out.

They are derived from josephg/editing-traces by Joseph Gentle, CC BY 4.0 (``NOTICE.md``).
"""

from __future__ import annotations

from importlib import resources
from typing import Final

from loadtests.scenarios.traces.mapping import Packed, TraceEdit, unpack
from loadtests.wire import SetlistDocument
from loadtests.wire.positions import NoRoom

TRACES: Final = ("friendsforever", "sveltecomponent")
ENTRIES_MAX = 250
"""Entries up to which a trace may add; the contract ends at 300, and several add at once."""

SECTION = "set1"


def packed(name: str) -> Packed:
    """One of `TRACES`."""
    source = resources.files(__package__).joinpath(f"{name}.edits.json.gz")
    return unpack(source.read_bytes())


def carry_out(setlist: SetlistDocument, edit: TraceEdit, me: str) -> bool:
    """Does what an edit says in this list as it is now; false where there is nothing to do."""
    entries = setlist.entries()
    place = edit.line % len(entries) if entries else 0
    if not entries or (edit.kind == "add" and len(entries) < ENTRIES_MAX):
        after = entries[place] if entries else None
        try:
            setlist.add(
                edit.title,
                after.section if after else SECTION,
                me,
                after=after.entry_id if after else None,
            )
        except NoRoom:
            return False  # Two neighbours with one key, until the room has rebalanced them.
        return True
    if edit.kind == "remove":
        return len(entries) > 1 and setlist.remove(entries[place].entry_id)
    return setlist.change(entries[place].entry_id, title=edit.title)
