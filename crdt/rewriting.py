"""Bringing entries back to what they were: rollback, restore and undo.

Theory of operation. Nothing is taken out of a CRDT's past: what was is written again, as one new
update, field by field and only where it differs, so that it merges with whatever others write
meanwhile. A `Rewrite` is planned first, on the document as it stands, and carried out as one
transaction; in between its caller may take out what is not permitted.

- An entry that is gone comes back under its own id, as a new map: ratings, requests and links
  that name it find it again. What somebody wrote offline into its former map ended with that map.
- An undo touches only what is still as the undone edit made it. ``section`` and ``position`` are
  one place: they go back together or not at all.
- ``added_by`` comes back with an entry that is brought back; an undo leaves it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
from pycrdt import Map

from crdt.document import SetlistDocument
from crdt.edits import check_entry, write_fields
from crdt.errors import EditError
from crdt.frames import EMPTY_UPDATE
from crdt.permissions import EditAction
from crdt.schema import FIELDS, PLACE_FIELDS, RefusalCode, SetlistEntry, entry_fields, read_entry
from crdt.verdicts import EntryChange, FieldValue, entry_change

CHANGED_SINCE = "changed_since"
"""Why an undo leaves something: it is no longer as the edit made it."""

_OVERHEAD_BYTES = 40
"""Of one written field in the document: ids, clocks, the key."""

Fields = Mapping[str, Any]
"""Fields of an entry by name, as in exports and events; absent ones are missing or None."""


class Kept(msgspec.Struct, frozen=True):
    """Something that a rewrite leaves as it is.

    Attributes:
        code: ``changed_since`` or a ``RefusalCode`` value.
        fields: which fields; empty for the whole entry.
    """

    entry_id: str
    code: str
    fields: tuple[str, ...] = ()


class Rewrite(msgspec.Struct, frozen=True):
    """What is to be written, and what is left.

    Attributes:
        puts: entries that come back, whole.
        writes: fields of entries that are there; None removes an optional one.
        removals: entries that go.
    """

    puts: tuple[SetlistEntry, ...] = ()
    writes: Mapping[str, Mapping[str, FieldValue]] = {}
    removals: tuple[str, ...] = ()
    kept: tuple[Kept, ...] = ()

    @property
    def size(self) -> int:
        """About how many bytes the document will grow by."""
        written = [entry_fields(entry) for entry in self.puts] + list(self.writes.values())
        return sum(
            _OVERHEAD_BYTES + len(str(value).encode())
            for fields in written
            for value in fields.values()
        )

    def permitted(self, refusal: Callable[[EditAction, str], RefusalCode | None]) -> Rewrite:
        """The part of it that ``refusal`` gives no reason against."""
        kept = list(self.kept)

        def may(action: EditAction, entry_id: str) -> bool:
            code = refusal(action, entry_id)
            if code is not None:
                kept.append(Kept(entry_id, code.value))
            return code is None

        return Rewrite(
            puts=tuple(entry for entry in self.puts if may(EditAction.ADD, entry.id)),
            writes={
                entry_id: fields
                for entry_id, fields in self.writes.items()
                if may(_action(fields), entry_id)
            },
            removals=tuple(gone for gone in self.removals if may(EditAction.REMOVE, gone)),
            kept=tuple(kept),
        )


def back_to(
    document: SetlistDocument, wanted: Mapping[str, Fields | None], *, whole: bool
) -> Rewrite:
    """Plan to make entries what they were.

    Args:
        wanted: by entry id; None: absent.
        whole: the list shall hold nothing else (a rollback). What nobody has finished typing
            is no part of a list, and stays.
    """
    plan = _Plan(document)
    if whole:
        for entry in document.entries():
            if wanted.get(entry.id) is None:
                plan.removals.append(entry.id)
    for entry_id, fields in wanted.items():
        present = document.entry(entry_id)
        if fields is None:
            if not whole and present is not None and present.title:
                plan.removals.append(entry_id)
            continue
        target = read_entry(entry_id, fields)
        if present is None:
            plan.puts.append(target)
        else:
            author = target.added_by or present.added_by
            fields_then = {name: getattr(target, name) for name in FIELDS}
            plan.write(present, fields_then | {"added_by": author})
    return plan.finish()


def back_from(
    document: SetlistDocument,
    made: Mapping[str, Fields | None],
    before: Mapping[str, Fields | None],
) -> Rewrite:
    """Plan to undo an edit where nobody has changed since what it made.

    Args:
        made: by entry id what the edit left: all fields of an entry that it added, the changed
            ones of one that it changed, None for one that it removed.
        before: the same fields as they were; None for an entry that it added.
    """
    plan = _Plan(document)
    for entry_id, fields in before.items():
        present = document.entry(entry_id)
        if present is not None and not present.title:
            present = None
        after = made.get(entry_id)
        if fields is None:
            plan.unless_changed(present, after or {})
        elif after is None:
            if present is None:
                plan.puts.append(read_entry(entry_id, fields))
            else:
                plan.keep(entry_id, CHANGED_SINCE)
        elif present is None:
            plan.keep(entry_id, CHANGED_SINCE)
        else:
            plan.write_back(present, after, fields)
    return plan.finish()


def carry_out(document: SetlistDocument, rewrite: Rewrite) -> tuple[bytes, tuple[EntryChange, ...]]:
    """Write a plan as one transaction.

    Returns:
        the update (``EMPTY_UPDATE`` where nothing had to change), and what it changed.

    Raises:
        DocumentError: the library refused something; discard the document.
    """
    touched = [entry.id for entry in rewrite.puts] + [*rewrite.writes, *rewrite.removals]
    before = {entry_id: document.entry(entry_id) for entry_id in touched}

    def change(entries: Map[Any]) -> None:
        for entry_id in rewrite.removals:
            del entries[entry_id]
        for entry_id, fields in rewrite.writes.items():
            write_fields(entries[entry_id], fields)
        for entry in rewrite.puts:
            entries[entry.id] = Map(entry_fields(entry))

    update = document.write(change) if touched else EMPTY_UPDATE
    found = (
        entry_change(entry_id, former, document.entry(entry_id))
        for entry_id, former in before.items()
    )
    return update, tuple(one for one in found if one is not None)


class _Plan:
    """A rewrite that comes about."""

    def __init__(self, document: SetlistDocument) -> None:
        self._document = document
        self.puts: list[SetlistEntry] = []
        self.writes: dict[str, dict[str, FieldValue]] = {}
        self.removals: list[str] = []
        self.kept: list[Kept] = []

    def keep(self, entry_id: str, code: str, fields: Iterable[str] = ()) -> None:
        """Leave something."""
        self.kept.append(Kept(entry_id, code, tuple(fields)))

    def write(self, present: SetlistEntry, values: Mapping[str, FieldValue]) -> None:
        """Write what differs."""
        differing = {
            name: value for name, value in values.items() if getattr(present, name) != value
        }
        if differing:
            self.writes[present.id] = differing

    def unless_changed(self, present: SetlistEntry | None, made: Fields) -> None:
        """Remove an entry that is still as it was added."""
        if present is None:
            return
        added = read_entry(present.id, made)
        changed = [name for name in FIELDS if getattr(added, name) != getattr(present, name)]
        if changed:
            self.keep(present.id, CHANGED_SINCE, changed)
        else:
            self.removals.append(present.id)

    def write_back(self, present: SetlistEntry, made: Fields, before: Fields) -> None:
        """Write former values over those that are still what the edit made them."""
        left, earlier = read_entry(present.id, made), read_entry(present.id, before)
        changed = [name for name in made if name in FIELDS and name != "added_by"]
        lost = {name for name in changed if getattr(present, name) != getattr(left, name)}
        if not PLACE_FIELDS.isdisjoint(lost):
            lost |= PLACE_FIELDS.intersection(changed)
        if lost:
            self.keep(present.id, CHANGED_SINCE, [name for name in FIELDS if name in lost])
        self.write(present, {name: getattr(earlier, name) for name in changed if name not in lost})

    def finish(self) -> Rewrite:
        """The plan within the document's limits: entries that do not fit, or are none, stay."""
        room = self._document.limits.entries_max - self._document.entry_count + len(self.removals)
        puts: list[SetlistEntry] = []
        for entry in self.puts:
            if len(puts) >= room:
                self.keep(entry.id, RefusalCode.TOO_MANY_ENTRIES.value)
            elif self._is_valid(entry):
                puts.append(entry)
        return Rewrite(tuple(puts), self.writes, tuple(self.removals), tuple(self.kept))

    def _is_valid(self, entry: SetlistEntry) -> bool:
        try:
            check_entry(self._document, entry)
        except EditError as error:
            self.keep(entry.id, error.code)
            return False
        return True


def _action(fields: Mapping[str, FieldValue]) -> EditAction:
    return EditAction.MOVE if PLACE_FIELDS.issuperset(fields) else EditAction.EDIT
