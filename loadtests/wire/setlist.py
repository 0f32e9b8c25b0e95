"""The setlist as this client holds it: a Yjs document with one map of entries.

Order is (section, position, entry_id); sections are soundcheck, set1…set9, encore1…encore9.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pycrdt import Doc, Map, TransactionEvent

from loadtests.wire.ids import uuid7
from loadtests.wire.positions import between

SECTIONS = ("soundcheck", *(f"set{n}" for n in range(1, 10)), *(f"encore{n}" for n in range(1, 10)))
_SECTION_ORDER = {section: place for place, section in enumerate(SECTIONS)}


@dataclass(frozen=True, slots=True)
class Entry:
    """One setlist entry as it stands now."""

    entry_id: str
    title: str
    section: str
    position: str
    added_by: str
    segue: bool
    fields: dict[str, Any]

    @property
    def order(self) -> tuple[int, str, str]:
        """The key that sorts entries into playing order."""
        return (_SECTION_ORDER.get(self.section, len(SECTIONS)), self.position, self.entry_id)


class SetlistDocument:
    """A Yjs document that one participant edits. One client id for as long as it lives.

    Args:
        rng: source of ids and positions.
        client_id: only for runs that are to be compared byte by byte; by default random.
    """

    def __init__(self, rng: random.Random, client_id: int | None = None) -> None:
        self._doc: Doc[Any] = Doc() if client_id is None else Doc(client_id=client_id)
        self._entries: Map[Any] = self._doc.get("entries", type=Map)
        self._rng = rng
        self._updates: list[bytes] | None = None
        self._subscription = self._doc.observe(self._observed)

    def close(self) -> None:
        """Lets the document go: one that is observed is never collected."""
        self._doc.unobserve(self._subscription)

    @property
    def doc(self) -> Doc[Any]:
        """The Yjs document itself."""
        return self._doc

    def state_vector(self) -> bytes:
        """What this document has seen, for a sync step 1."""
        return self._doc.get_state()

    @property
    def client_id(self) -> int:
        """This document's Yjs client id."""
        return int(self._doc.client_id)

    def whole(self) -> bytes:
        """The whole document as one update."""
        return self._doc.get_update()

    @contextmanager
    def clone(self) -> Iterator[SetlistDocument]:
        """A copy under a client id of its own, let go afterwards."""
        copy = SetlistDocument(self._rng)
        try:
            copy.apply(self.whole())
            yield copy
        finally:
            copy.close()

    def missing_in(self, state_vector: bytes) -> bytes:
        """What another document lacks, for a sync step 2."""
        return self._doc.get_update(state_vector)

    def apply(self, update: bytes) -> None:
        """Takes in what others did."""
        self._doc.apply_update(update)

    def entries(self) -> list[Entry]:
        """All well-formed entries in playing order."""
        return sorted(self._read(), key=lambda entry: entry.order)

    def entry(self, entry_id: str) -> Entry | None:
        """One entry, or ``None`` where there is none (any more)."""
        value = self._entries.get(entry_id)
        return _entry(entry_id, value) if isinstance(value, Map) else None

    @contextmanager
    def local(self) -> Iterator[list[bytes]]:
        """Collects the updates of the edits made inside; do not await inside."""
        updates: list[bytes] = []
        self._updates = updates
        try:
            with self._doc.transaction():
                yield updates
        finally:
            self._updates = None

    def add(
        self,
        title: str,
        section: str,
        added_by: str,
        *,
        after: str | None = None,
        entry_id: str | None = None,
        **fields: Any,
    ) -> str:
        """Adds an entry behind ``after``, or at the end of its section; returns its id."""
        entry_id = entry_id or uuid7(self._rng)
        values: dict[str, Any] = {
            "title": title,
            "section": section,
            "position": self._position(section, after),
            "segue": False,
            "added_by": added_by,
            **fields,
        }
        self._entries[entry_id] = Map(values)
        return entry_id

    def change(self, entry_id: str, **fields: Any) -> bool:
        """Writes fields of an entry; false where the entry is gone."""
        value = self._entries.get(entry_id)
        if not isinstance(value, Map):
            return False
        for name, content in fields.items():
            value[name] = content
        return True

    def move(self, entry_id: str, section: str, after: str | None) -> bool:
        """Moves an entry behind ``after`` (``None``: to the start of the section)."""
        siblings = [e for e in self.entries() if e.section == section and e.entry_id != entry_id]
        index = next((i + 1 for i, e in enumerate(siblings) if e.entry_id == after), 0)
        low = siblings[index - 1].position if index else None
        high = siblings[index].position if index < len(siblings) else None
        position = between(low, high if high != low else None, self._rng)
        current = self.entry(entry_id)
        if current is not None and current.section == section:
            return self.change(entry_id, position=position)
        return self.change(entry_id, section=section, position=position)

    def remove(self, entry_id: str) -> bool:
        """Removes an entry; false where it is gone already."""
        if entry_id not in self._entries:
            return False
        del self._entries[entry_id]
        return True

    def add_as(self, entry_id: str, fields: dict[str, Any]) -> None:
        """Adds an entry as it was in another document."""
        self._entries[entry_id] = Map(fields)

    def add_raw(self, fields: dict[str, Any]) -> str:
        """Adds an entry as it is, against any schema."""
        entry_id = uuid7(self._rng)
        self._entries[entry_id] = Map(fields)
        return entry_id

    def put_raw(self, key: str, value: Any) -> None:
        """Puts anything into the map of entries."""
        self._entries[key] = value

    def _position(self, section: str, after: str | None) -> str:
        siblings = [entry for entry in self.entries() if entry.section == section]
        if after is None:
            return between(siblings[-1].position if siblings else None, None, self._rng)
        index = next((i for i, e in enumerate(siblings) if e.entry_id == after), len(siblings) - 1)
        low = siblings[index].position if siblings else None
        high = siblings[index + 1].position if index + 1 < len(siblings) else None
        return between(low, high if high != low else None, self._rng)

    def _read(self) -> Iterator[Entry]:
        for entry_id in list(self._entries.keys()):
            value = self._entries.get(entry_id)
            if isinstance(value, Map) and (entry := _entry(entry_id, value)) is not None:
                yield entry

    def _observed(self, event: TransactionEvent) -> None:
        if self._updates is not None:
            self._updates.append(bytes(event.update))


def _entry(entry_id: str, value: Map[Any]) -> Entry | None:
    fields = value.to_py()
    if not isinstance(fields, dict):
        return None
    texts = [fields.get(name) for name in ("title", "section", "position")]
    if not all(isinstance(text, str) for text in texts):
        return None
    return Entry(
        entry_id=entry_id,
        title=str(texts[0]),
        section=str(texts[1]),
        position=str(texts[2]),
        added_by=str(fields.get("added_by", "")),
        segue=bool(fields.get("segue", False)),
        fields=fields,
    )
