"""The setlist as it was: a log's updates, read without index, mirror or guard.

A log of ten thousand edits takes a few hundredths of a second this way; whoever judges edits
needs `crdt.document.SetlistDocument`, which costs ten times as much.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from pycrdt import Doc, Map

from crdt.recording import library_errors
from crdt.schema import ROOT, SetlistEntry, entry_order, read_entry


class PastSetlist:
    """A setlist that is brought forward update by update. Only for updates from the log."""

    def __init__(self) -> None:
        self._document: Doc[Any] = Doc()
        self._root: Map[Any] = self._document.get(ROOT, type=Map)

    def apply(self, updates: Iterable[bytes]) -> None:
        """Integrate stored updates, in the log's order.

        Raises:
            DocumentError: the library refused one; discard this instance.
        """
        with library_errors(), self._document.transaction():
            for update in updates:
                self._document.apply_update(update)

    def entries(self) -> tuple[SetlistEntry, ...]:
        """The finished entries in playing order."""
        found = []
        with library_errors(), self._document.transaction():
            for entry_id in self._root.keys():  # noqa: SIM118 (it is no mapping)
                value = self._root[entry_id]
                if isinstance(value, Map):
                    found.append(read_entry(entry_id, msgspec.json.decode(str(value))))
        return tuple(sorted((entry for entry in found if entry.title), key=entry_order))

    def encode(self) -> bytes:
        """Everything as one update."""
        with library_errors():
            return self._document.get_update()
