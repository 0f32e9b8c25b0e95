"""Keys of the document's maps, each under a small number.

An index over every element that a document ever had is kept for as long as its room is loaded,
twice (document and twin). A number in an array takes a tenth of what an object would.
"""

from __future__ import annotations

from array import array
from typing import NamedTuple

from crdt.update_structs import Id

_FIELD_BITS = 32
"""Of a number, for the field. A document within its limit cannot name more."""

_FIELD_MASK = (1 << _FIELD_BITS) - 1
NOWHERE = -1
"""The number of what belongs to no slot."""


class Slot(NamedTuple):
    """A key of a map: ``entries[entry_id]`` itself, or one field of an entry's map.

    Attributes:
        field: None for the entry itself.
        owner: the element that holds the entry's map; None for the entry itself. An entry
            that was replaced as a whole has the same id under another owner.
    """

    entry_id: str
    field: str | None
    owner: Id | None


class SlotNumbers:
    """A number for every slot, which never comes to mean another one.

    It only grows: with maps that entries ever had, not with what is written into them. Documents
    that are copies of each other share one.
    """

    __slots__ = ("_clients", "_clocks", "_entry_ids", "_field_of", "_fields", "_rows")

    def __init__(self) -> None:
        # Row by row: an entry's own slot (the client is -1), or a map that held the entry.
        self._entry_ids: list[str] = []
        self._clients = array("q")
        self._clocks = array("q")
        self._rows: dict[str | Id, int] = {}
        self._fields: list[str | None] = [None]
        self._field_of: dict[str | None, int] = {None: 0}

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self._entry_ids)

    def number(self, slot: Slot | None) -> int:
        """The number of a slot; ``NOWHERE`` for None."""
        if slot is None:
            return NOWHERE
        field = self._field_of.get(slot.field)
        if field is None:
            field = self._field_of[slot.field] = len(self._fields)
            self._fields.append(slot.field)
        return self.row(slot.entry_id, slot.owner) << _FIELD_BITS | field

    def slot(self, number: int) -> Slot | None:
        """The slot of a number."""
        if number == NOWHERE:
            return None
        row = number >> _FIELD_BITS
        owner = None if self._clients[row] < 0 else self.owner(row)
        return Slot(self._entry_ids[row], self._fields[number & _FIELD_MASK], owner)

    def row(self, entry_id: str, owner: Id | None) -> int:
        """The row of an entry's own slot, or of one of the maps that hold or held it."""
        row = self._rows.get(entry_id if owner is None else owner)
        # What was written and not kept may come again, and be another entry's then.
        if row is None or self._entry_ids[row] != entry_id:
            row = self._add(entry_id, owner)
        return row

    def known_row(self, owner: Id) -> int | None:
        """The row of a map, if it has one."""
        return self._rows.get(owner)

    def owner(self, row: int) -> Id:
        """The element that a map's row is about."""
        return Id(self._clients[row], self._clocks[row])

    def _add(self, entry_id: str, owner: Id | None) -> int:
        row = len(self._entry_ids)
        if owner is not None:
            # One text for an entry and its maps, however many updates it was read from.
            known = self._rows.get(entry_id)
            entry_id = entry_id if known is None else self._entry_ids[known]
        self._rows[entry_id if owner is None else owner] = row
        self._entry_ids.append(entry_id)
        self._clients.append(-1 if owner is None else owner.client)
        self._clocks.append(0 if owner is None else owner.clock)
        return row
