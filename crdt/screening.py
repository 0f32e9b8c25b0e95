"""The guard's first half: what an update contains, judged before anything is applied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from crdt.any_value import UNDEFINED
from crdt.causality import integration_order
from crdt.document import SetlistDocument
from crdt.document_limits import DocumentLimits
from crdt.errors import PendingError
from crdt.permissions import Editor
from crdt.places import Placed
from crdt.schema import FIELD_SET, ROOT, RefusalCode, field_fault, is_entry_id
from crdt.slots import Slot
from crdt.update_structs import ContentKind, Id, ParsedUpdate, TypeRef, UpdateStruct
from crdt.update_writer import neutralise
from crdt.verdicts import ClientBinding, FieldValue, Forbidden, ForbiddenReason, Refusal


class Screened(msgspec.Struct):
    """What is left to judge of an update.

    Attributes:
        update: the bytes to apply; refused content is neutralised in them already.
        faults: per entry the fields (None: the entry itself) whose content was refused.
        writes: the last well-formed value that the update wrote into a slot.
        replaced: entries that the update gives a new map.
    """

    update: bytes
    refusals: list[Refusal]
    faults: dict[str, dict[str | None, RefusalCode]]
    writes: dict[Slot, FieldValue]
    replaced: set[str]


class _Screen:
    """Sorts the structs of one update."""

    def __init__(self, limits: DocumentLimits) -> None:
        self._limits = limits
        self.collected: set[Id] = set()
        self.blanked: set[Id] = set()
        self.refusals: dict[tuple[str | None, str | None, RefusalCode], Refusal] = {}
        self.faults: dict[str, dict[str | None, RefusalCode]] = {}
        self.writes: dict[Slot, FieldValue] = {}
        self.replaced: set[str] = set()

    def sort(self, struct: UpdateStruct, slot: Slot | None) -> None:
        """Let a struct pass, or note how it is to be neutralised."""
        if struct.kind is ContentKind.GC:
            return
        if slot is None:
            self._without_place(struct)
        elif struct.kind is not ContentKind.DELETED:
            fault = self._fault(struct, slot)
            if fault is None:
                if slot.field is not None:
                    self.writes[slot] = _plain(struct.value)
                else:
                    self.replaced.add(slot.entry_id)
                return
            self.blanked.add(struct.id)
            self.writes.pop(slot, None)
            self.faults.setdefault(slot.entry_id, {})[slot.field] = fault
            self._refuse(slot.entry_id, slot.field, fault)

    def _without_place(self, struct: UpdateStruct) -> None:
        """Foreign content, or an edit of something that is gone and collected."""
        self.collected.add(struct.id)
        foreign = (
            (struct.parent_root is not None and struct.parent_root != ROOT)
            or (struct.parent_root == ROOT and struct.parent_sub is None)
            or struct.right_origin is not None
        )
        if foreign:
            self._refuse(None, None, RefusalCode.FOREIGN_CONTENT)

    def _fault(self, struct: UpdateStruct, slot: Slot) -> RefusalCode | None:
        if slot.field is None:
            if not is_entry_id(slot.entry_id, self._limits):
                return RefusalCode.INVALID_ENTRY_ID
            is_map = struct.kind is ContentKind.TYPE and struct.value == TypeRef.MAP
            return None if is_map else RefusalCode.INVALID_ENTRY
        if slot.field not in FIELD_SET:
            return RefusalCode.UNKNOWN_FIELD
        if struct.kind is not ContentKind.ANY or struct.length != 1:
            return RefusalCode.INVALID_TYPE
        return field_fault(slot.field, struct.value, self._limits)

    def _refuse(self, entry_id: str | None, field: str | None, code: RefusalCode) -> None:
        # What a client may name at will is cut before it is repeated to it.
        name = None if entry_id is None else entry_id[: self._limits.reference_characters_max]
        key = None if field is None else field[: self._limits.reference_characters_max]
        self.refusals[name, key, code] = Refusal(name, key, code)


def new_bindings(
    twin: SetlistDocument, update: ParsedUpdate, editor: Editor, bindings: Mapping[int, str]
) -> list[ClientBinding] | Forbidden:
    """Whether the editor may advance these client ids, and which become the editor's now."""
    fresh: list[ClientBinding] = []
    for section in update.sections:
        client = section.client
        known = twin.clocks.get(client, 0)
        if section.clock_end <= known:
            continue
        owner = bindings.get(client)
        if client == twin.client_id or (owner is None and known > 0):
            return Forbidden(ForbiddenReason.FORGED_CLIENT, "a client id that is not a browser's")
        if owner is None:
            fresh.append(ClientBinding(client, editor.participant_id))
        elif owner != editor.participant_id:
            return Forbidden(ForbiddenReason.FORGED_CLIENT, "another participant's client id")
    if len(fresh) > twin.limits.new_clients_per_update_max:
        return Forbidden(ForbiddenReason.TOO_LARGE, f"{len(fresh)} new client ids")
    return fresh


def find_place(twin: SetlistDocument, update: ParsedUpdate) -> Placed | Forbidden:
    """Where the new structs belong; forbidden if anything would stay pending."""
    try:
        placed = twin.places.resolve(integration_order(update, twin.clocks))
    except PendingError as error:
        return Forbidden(ForbiddenReason.PENDING, str(error))
    ends = {section.client: section.clock_end for section in update.sections}
    for client, clock, length in update.deletes:
        if clock + length > max(twin.clocks.get(client, 0), ends.get(client, 0)):
            return Forbidden(ForbiddenReason.FUTURE_DELETE, "deletes what does not exist yet")
    clocks = sum(
        max(0, section.clock_end - twin.clocks.get(section.client, 0))
        for section in update.sections
    )
    if clocks > twin.limits.clocks_per_update_max:
        return Forbidden(ForbiddenReason.TOO_LARGE, "advances too many clocks at once")
    return placed


def document_would_be_too_large(twin: SetlistDocument, update: bytes, placed: Placed) -> bool:
    """Whether the document would outgrow its limit. Deleting is always possible."""
    bound = twin.limits.document_bytes_max
    if not placed or twin.size_bound + len(update) <= bound:
        return False
    return twin.size + sum(struct.end - struct.start for struct, _ in placed) > bound


def screen(twin: SetlistDocument, update: ParsedUpdate, placed: Placed) -> Screened:
    """Check every new struct's content; neutralise what has no place or no valid value."""
    sorter = _Screen(twin.limits)
    for struct, slot in placed:
        sorter.sort(struct, slot)
    data = update.data
    if sorter.collected or sorter.blanked or len(placed) < update.struct_count:
        data = neutralise(update, twin.clocks, sorter.collected, sorter.blanked)
    refusals = list(sorter.refusals.values())
    return Screened(data, refusals, sorter.faults, sorter.writes, sorter.replaced)


def touched_entries(twin: SetlistDocument, update: ParsedUpdate, placed: Placed) -> set[str]:
    """The entries that an update writes to, or whose present values it deletes."""
    touched = {slot.entry_id for slot in _slots(placed)}
    touched.update(slot.entry_id for slot in twin.places.deleted_slots(update.deletes))
    return touched


def _slots(placed: Placed) -> Iterable[Slot]:
    return (slot for _, slot in placed if slot is not None)


def _plain(value: object) -> FieldValue:
    return value if value is not UNDEFINED and isinstance(value, str | bool) else None
