"""The guard's second half: put right, inside the transaction, what was not permitted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pycrdt import Map

from crdt.document import SetlistDocument
from crdt.edits import position_at_end
from crdt.ordering import HashedDigits
from crdt.permissions import SERVER_PARTICIPANT_ID, EditAction, Editor, EditRules
from crdt.schema import (
    DEFAULT_SECTION,
    FIELDS,
    PLACE_FIELDS,
    RefusalCode,
    SetlistEntry,
)
from crdt.screening import Screened
from crdt.slots import Slot
from crdt.verdicts import FieldValue, Refusal

_REQUIRED = {
    "title": RefusalCode.TITLE_MISSING,
    "position": RefusalCode.INVALID_POSITION,
}


class Settlement:
    """Compares touched entries with how they stood before, and writes back what must not be.

    Args:
        twin: the document, inside its transaction, with the update applied.
        screened: what screening left to judge.
        late: values that were written while the server was repairing the same place, and that
            would be lost although they are newer than what was refused.
    """

    def __init__(
        self,
        twin: SetlistDocument,
        editor: Editor,
        rules: EditRules,
        screened: Screened,
        late: Mapping[str, Mapping[str, FieldValue]],
    ) -> None:
        self._twin = twin
        self._editor = editor
        self._rules = rules
        self._faults = screened.faults
        self._replaced = screened.replaced
        self._late = late
        self._count = twin.entry_count
        self.refusals: list[Refusal] = []

    def settle(self, after: Mapping[str, SetlistEntry | None]) -> dict[str, SetlistEntry | None]:
        """Settle all touched entries.

        Args:
            after: how each stands with the update applied.

        Returns:
            how each stands in the end.
        """
        settled: dict[str, SetlistEntry | None] = {}
        added: list[SetlistEntry] = []
        for entry_id in sorted(after):
            before, now = self._twin.entry(entry_id), after[entry_id]
            if before is None:
                if now is not None:
                    added.append(now)
            elif now is None:
                settled[entry_id] = self._removed(before)
            else:
                settled[entry_id] = self._changed(before, now)
        for entry in added:
            settled[entry.id] = self._added(entry)
        return settled

    def _added(self, entry: SetlistEntry) -> SetlistEntry | None:
        code = self._rules.refusal(self._editor, EditAction.ADD, entry.id)
        if code is None and self._count >= self._twin.limits.entries_max:
            code = RefusalCode.TOO_MANY_ENTRIES
        if code is not None:
            self._refuse(entry.id, None, code)
        faults = self._faults.get(entry.id, {})
        if code is not None or "title" in faults:
            del self._twin.root[entry.id]
            return None
        self._count += 1
        values: dict[str, FieldValue] = {}
        author = self._author(entry)
        if author != entry.added_by:
            values["added_by"] = author
            if entry.added_by is not None:
                self._refuse(entry.id, "added_by", RefusalCode.FORGED_AUTHOR)
        if "section" in faults:
            values["section"] = DEFAULT_SECTION
        if "position" in faults:
            digits = HashedDigits(entry.id)
            values["position"] = position_at_end(self._twin, entry.section, digits)
        return self._write(entry, values)

    def _author(self, entry: SetlistEntry) -> str:
        """The editor, unless an entry that was removed comes back with its own author."""
        former = self._twin.authors.get(entry.id)
        if former is not None and entry.added_by == former:
            return former
        return self._editor.participant_id

    def _removed(self, before: SetlistEntry) -> SetlistEntry | None:
        refused = None in self._faults.get(before.id, {})
        if not refused:
            code = self._rules.refusal(self._editor, EditAction.REMOVE, before.id)
            if code is not None:
                refused = True
                self._refuse(before.id, None, code)
        if not refused:
            self._count -= 1
            return None
        self._twin.put_entry(before)
        return self._twin.read(before.id)

    def _changed(self, before: SetlistEntry, after: SetlistEntry) -> SetlistEntry:
        values: dict[str, FieldValue] = {}
        late = self._late.get(before.id, {})
        for field in FIELDS:
            old, new = getattr(before, field), getattr(after, field)
            wanted = new
            if new == old and field in late:
                wanted = late[field] if late[field] is not None else _ABSENT.get(field)
            if wanted == old:
                continue
            if self._is_refused(before, field, wanted):
                if new != old:
                    values[field] = old
            elif wanted != new:
                values[field] = wanted
        if before.id in self._replaced and not self._may_write(before):
            # Not field by field into their map: what others wrote into the former one just
            # now would end with it, although it was not for them to replace it.
            self._twin.put_entry(before)
            return self._twin.read(before.id) or before
        if "section" not in self._twin.root[before.id]:
            # Reads as the default, so it may be the same as before; but whoever reads the
            # document itself would no longer find the entry in any section.
            values.setdefault("section", after.section)
        return self._write(after, values)

    def _may_write(self, before: SetlistEntry) -> bool:
        actions = {EditAction.EDIT, EditAction.MOVE}
        if self._is_own_unfinished(before):
            actions = {EditAction.ADD}
        return any(self._rules.refusal(self._editor, a, before.id) is None for a in actions)

    def _is_own_unfinished(self, before: SetlistEntry) -> bool:
        return not before.title and before.added_by == self._editor.participant_id

    def _is_refused(self, before: SetlistEntry, field: str, wanted: FieldValue) -> bool:
        """Whether a field may not become ``wanted``; says so, unless that has been said."""
        if field in self._faults.get(before.id, {}):
            return True
        code: RefusalCode | None
        if field == "added_by":
            if wanted is None:
                return True
            unknown = before.added_by is None and wanted == self._editor.participant_id
            code = None if unknown else RefusalCode.FORGED_AUTHOR
        elif not wanted and field in _REQUIRED:
            code = _REQUIRED[field]
        else:
            action = EditAction.MOVE if field in PLACE_FIELDS else EditAction.EDIT
            if self._is_own_unfinished(before):
                action = EditAction.ADD
            code = self._rules.refusal(self._editor, action, before.id)
        if code is None:
            return False
        self._refuse(before.id, field, code)
        return True

    def _write(self, entry: SetlistEntry, values: Mapping[str, FieldValue]) -> SetlistEntry:
        if not values:
            return entry
        target: Map[Any] = self._twin.root[entry.id]
        for field, value in values.items():
            if value is not None and value != "":
                target[field] = value
            elif field in target:
                del target[field]
        settled = self._twin.read(entry.id)
        return entry if settled is None else settled

    def _refuse(self, entry_id: str, field: str | None, code: RefusalCode) -> None:
        self.refusals.append(Refusal(entry_id, field, code))


def late_values(
    twin: SetlistDocument, writes: Mapping[Slot, FieldValue], bindings: Mapping[int, str]
) -> dict[str, dict[str, FieldValue]]:
    """Values that meet something the server wrote at the same time.

    A repair and the sender's next edit are concurrent, and Yjs lets the higher client id win.
    The newer intention is the participant's: if the present value (or the present map of the
    entry) is the server's and the write was not made upon it, the write is made again. What is
    written into a map that somebody removed or replaced, as they may, ends with that map, even
    if the server puts the entry there again later.
    """

    def ours(client: int) -> bool:
        # Who is in the document without being bound to a participant is one of our own.
        return bindings.get(client, SERVER_PARTICIPANT_ID) == SERVER_PARTICIPANT_ID

    late: dict[str, dict[str, FieldValue]] = {}
    for slot, value in writes.items():
        if slot.field is None:
            continue
        holder = twin.places.current.get(Slot(slot.entry_id, None, None))
        if holder is None:
            continue
        if holder != slot.owner:
            conflicts = (
                slot.owner is not None
                and ours(holder.client)
                and twin.places.stands_for(holder, slot.owner, ours)
            )
        else:
            present = twin.places.current.get(slot)
            conflicts = present is not None and ours(present.client)
        if conflicts:
            late.setdefault(slot.entry_id, {})[slot.field] = value
    return late


_ABSENT: Mapping[str, FieldValue] = {
    "title": "",
    "position": "",
    "section": DEFAULT_SECTION,
    "segue": False,
}
"""How a field that is not there reads; None for all others."""
