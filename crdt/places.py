"""Where every element of the document belongs: which entry, which field.

The CRDT library cannot be asked. The index is kept from the updates themselves: what an
element is never changes, so it only grows with them: by some 30 bytes an edit, a document's limit
on its size being the bound. Like Yjs itself it keeps runs per client.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator

import msgspec

from crdt.causality import integration_order
from crdt.runs import Runs
from crdt.schema import ROOT
from crdt.slots import Slot, SlotNumbers
from crdt.update_structs import ContentKind, DeleteRange, Id, ParsedUpdate, UpdateStruct

Placed = list[tuple[UpdateStruct, Slot | None]]
"""New structs in integration order, each with where it belongs."""

_NOTHING = -1
_UNKNOWN = -2
"""In the place of a map's successor: the entry was removed; it is not known to have ended."""

_RENEWALS_MAX = 1_000
"""How many maps of one entry, each put in the place of the one before, are looked through."""


class Places:
    """The index of a whole document.

    Attributes:
        clocks: the document's state vector.
        current: the element that holds the present value of a slot.
    """

    def __init__(self) -> None:
        self.clocks: dict[int, int] = {}
        self.current: dict[Slot, Id] = {}
        self._numbers = SlotNumbers()
        self._runs: dict[int, Runs] = {}
        # Of what once held an entry, by its row: the row of what took its place in the same
        # update, _NOTHING if it was removed. At most one for every map that an entry ever had.
        self._successors = array("q")

    def copy(self) -> Places:
        """An independent copy."""
        other = Places()
        other.clocks = self.clocks.copy()
        other.current = self.current.copy()
        other._numbers = self._numbers
        other._runs = {client: runs.copy() for client, runs in self._runs.items()}
        other._successors = self._successors[:]
        return other

    @property
    def kept(self) -> tuple[int, int]:
        """How many runs of elements and how many maps and entries are kept track of: 16 bytes
        and some 200 each, and nothing else that grows with edits."""
        return sum(len(runs) for runs in self._runs.values()), len(self._numbers)

    def slot_of(self, element: Id) -> Slot | None:
        """Where an element belongs; None if nowhere (foreign, or collected)."""
        runs = self._runs.get(element.client)
        return None if runs is None else self._numbers.slot(runs.at(element.clock))

    def stands_for(self, holder: Id, owner: Id, renews: Callable[[int], bool]) -> bool:
        """Whether an entry's present map stands for another one of its maps.

        Args:
            holder: the map that holds the entry now.
            owner: a map that is gone, or that never came to hold the entry.
            renews: whether the maps of a client only take up the ones before them. Any other
                map replaces an entry, and what is written into the former ends with it.

        Returns:
            False also if the entry was removed in between. How a map came to an end is not
            known of what a stored document was loaded with; it is not held against it.
        """
        row = self._numbers.known_row(owner)
        for _ in range(_RENEWALS_MAX):
            successor = _UNKNOWN if row is None else self._successor(row)
            if successor == _UNKNOWN:
                return renews(holder.client)
            if successor == _NOTHING or not renews(self._numbers.owner(successor).client):
                return False
            row = successor
        return False

    def deleted_slots(self, deletes: Iterable[DeleteRange]) -> Iterator[Slot]:
        """The slots whose present value is in a delete set."""
        for client, clock, length in deletes:
            runs = self._runs.get(client)
            if runs is None:
                continue
            for number in runs.within(clock, clock + length):
                slot = self._numbers.slot(number)
                if slot is None:
                    continue
                holder = self.current.get(slot)
                if holder and holder.client == client and clock <= holder.clock < clock + length:
                    yield slot

    def resolve(self, structs: Iterable[UpdateStruct]) -> Placed:
        """Where the new elements of an update would belong.

        Args:
            structs: in integration order. What is known already is left out.
        """
        overlay: dict[int, _FreshRuns] = {}
        resolved: Placed = []
        for struct in structs:
            client = struct.client
            known = self.clocks.get(client, 0)
            if struct.clock_end <= known:
                continue
            slot = self._slot_for(struct, overlay)
            if struct.clock < known and not self._continues(struct, slot, known):
                slot = None
            runs = overlay.get(client)
            if runs is None:
                runs = overlay[client] = _FreshRuns(struct.clock)
            runs.append(slot, struct.clock_end)
            resolved.append((struct, slot))
        return resolved

    def resolve_outcome(self, outcome: ParsedUpdate, received: Placed) -> Placed:
        """Where the elements belong that a transaction made of an update.

        The library collects what is written into a map that is gone, and no longer says where
        it belonged; what its writer puts upon it next belongs there as well.

        Args:
            outcome: what the transaction changed.
            received: what :meth:`resolve` said of the update that it integrated.
        """
        known = {struct.id: (struct.length, slot) for struct, slot in received}
        placed: Placed = []
        for struct, slot in self.resolve(integration_order(outcome, self.clocks)):
            if struct.kind is not ContentKind.GC:
                placed.append((struct, slot))
                continue
            clock = struct.clock
            while clock < struct.clock_end:
                length, former = known.get(Id(struct.client, clock), (1, None))
                length = min(length, struct.clock_end - clock)
                piece = msgspec.structs.replace(struct, clock=clock, length=length)
                placed.append((piece, former))
                clock += length
        return placed

    def absorb(self, update: ParsedUpdate, placed: Placed | None = None) -> set[str]:
        """Take in an update that the document has integrated.

        Args:
            update: the update.
            placed: what :meth:`resolve` says of it, if the caller knows.

        Returns:
            the ids of the entries that it touched.

        Raises:
            PendingError: if the update does not follow what is known.
        """
        touched: set[str] = set()
        fresh: list[tuple[Slot, Id]] = []
        ended: dict[Slot, Id] = {}
        if placed is None:
            placed = self.resolve(integration_order(update, self.clocks))
        for struct, slot in placed:
            client = struct.client
            runs = self._runs.get(client)
            if runs is None:
                runs = self._runs[client] = Runs(0)
            runs.append(self._numbers.number(slot), struct.clock_end)
            self.clocks[client] = struct.clock_end
            if slot is not None:
                touched.add(slot.entry_id)
                if struct.kind not in (ContentKind.DELETED, ContentKind.GC):
                    fresh.append((slot, struct.id))
        for slot in list(self.deleted_slots(update.deletes)):
            touched.add(slot.entry_id)
            gone = self.current.pop(slot, None)
            if gone is not None and slot.field is None:
                ended[slot] = gone
        if fresh:
            deleted = _DeletedRanges(update.deletes)
            for slot, element in fresh:
                if element not in deleted:
                    self.current[slot] = element
        for slot, gone in ended.items():
            self._end(slot.entry_id, gone, self.current.get(slot))
        return touched

    def _end(self, entry_id: str, gone: Id, successor: Id | None) -> None:
        row = self._numbers.row(entry_id, gone)
        after = _NOTHING if successor is None else self._numbers.row(entry_id, successor)
        if len(self._successors) <= row:
            missing = len(self._numbers) - len(self._successors)
            self._successors.extend(array("q", [_UNKNOWN]) * missing)
        self._successors[row] = after

    def _successor(self, row: int) -> int:
        return self._successors[row] if row < len(self._successors) else _UNKNOWN

    def _slot_for(self, struct: UpdateStruct, overlay: dict[int, _FreshRuns]) -> Slot | None:
        if struct.kind is ContentKind.GC or struct.right_origin is not None:
            # Keys of maps never have a right origin: only sequences do.
            return None
        if struct.origin is not None:
            return self._lookup(struct.origin, overlay)
        if struct.parent_sub is None:
            return None
        if struct.parent_root is not None:
            return Slot(struct.parent_sub, None, None) if struct.parent_root == ROOT else None
        if struct.parent_id is None:
            return None
        parent = self._lookup(struct.parent_id, overlay)
        if parent is None or parent.field is not None:
            return None
        return Slot(parent.entry_id, struct.parent_sub, struct.parent_id)

    def _continues(self, struct: UpdateStruct, slot: Slot | None, known: int) -> bool:
        """Whether a struct that is known in part is the continuation of what is known.

        Only runs of deleted elements are longer than one clock in this schema. Anything else
        would hang on a left neighbour that is not the one it names.
        """
        before = self.slot_of(Id(struct.client, known - 1))
        return struct.kind is ContentKind.DELETED and slot == before

    def _lookup(self, element: Id, overlay: dict[int, _FreshRuns]) -> Slot | None:
        if element.clock < self.clocks.get(element.client, 0):
            return self.slot_of(element)
        runs = overlay.get(element.client)
        return None if runs is None else runs.at(element.clock)


class _FreshRuns:
    """Slots of one client's clocks in an update that nobody has taken in yet."""

    __slots__ = ("_end", "_slots", "_starts")

    def __init__(self, start: int) -> None:
        self._starts: list[int] = []
        self._slots: list[Slot | None] = []
        self._end = start

    def append(self, slot: Slot | None, clock_end: int) -> None:
        """The next clocks up to ``clock_end`` belong to ``slot``."""
        self._starts.append(self._end)
        self._slots.append(slot)
        self._end = clock_end

    def at(self, clock: int) -> Slot | None:
        """The slot of a clock; None if it has none or is not in these runs."""
        index = bisect_right(self._starts, clock) - 1
        return self._slots[index] if index >= 0 and clock < self._end else None


class _DeletedRanges:
    """Membership in a delete set."""

    def __init__(self, deletes: Iterable[DeleteRange]) -> None:
        ranges: dict[int, list[tuple[int, int]]] = {}
        for client, clock, length in deletes:
            ranges.setdefault(client, []).append((clock, clock + length))
        for listed in ranges.values():
            listed.sort()
        self._ranges = ranges

    def __contains__(self, element: object) -> bool:
        if not isinstance(element, Id):
            return False
        listed = self._ranges.get(element.client)
        if not listed:
            return False
        index = bisect_right(listed, (element.clock, 2**53)) - 1
        return index >= 0 and element.clock < listed[index][1]
