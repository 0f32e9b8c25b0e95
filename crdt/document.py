"""The setlist document: a Yjs document with an index of what its elements are.

One instance belongs to one task; nothing here awaits. Stored bytes go in, update bytes come
out. Every change goes through :meth:`SetlistDocument.record`, which hands back exactly what
was changed, with the deletions of this change only (a diff against a state vector would carry
all deletions that the document has ever seen to every receiver of every edit).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from pycrdt import Doc, Map

from crdt.document_limits import DEFAULT_LIMITS, DocumentLimits
from crdt.errors import DocumentError
from crdt.frames import EMPTY_UPDATE
from crdt.places import Placed, Places
from crdt.recording import Recording, library_errors, raise_if_panic
from crdt.schema import ROOT, SetlistEntry, entry_fields, entry_order, read_entry
from crdt.state_vector import EMPTY_STATE_VECTOR, decode_state_vector, encode_state_vector
from crdt.update_reader import read_update
from crdt.update_structs import ParsedUpdate

_STEP2_CACHE_MAX = 32
"""Distinct state vectors answered from memory per generation; a join burst has few."""


class SetlistDocument:
    """A Yjs document that holds one setlist.

    Attributes:
        limits: the bounds that edits and the guard keep to.
        generation: grows at every change; two equal generations mean equal bytes.
        authors: who added entries that are gone, so that an undo keeps their author.
    """

    def __init__(self, limits: DocumentLimits = DEFAULT_LIMITS) -> None:
        self.limits = limits
        self.generation = 0
        self.authors: dict[str, str] = {}
        self._document: Doc[Any] = Doc()
        self._root: Map[Any] = self._document.get(ROOT, type=Map)
        self._places = Places()
        self._entries: dict[str, SetlistEntry] = {}
        self._ordered: tuple[int, tuple[SetlistEntry, ...]] | None = None
        self._step2: dict[bytes, bytes] = {}
        self._size = len(EMPTY_UPDATE)
        self._size_is_exact = True

    @classmethod
    def from_update(cls, data: bytes, limits: DocumentLimits = DEFAULT_LIMITS) -> SetlistDocument:
        """Load what :meth:`encode` wrote (or any stored update that is complete).

        Raises:
            DecodeError: the bytes are not an update.
            PendingError: the update depends on others.
            DocumentError: the library refused it.
        """
        document = cls(limits)
        document.apply(data)
        return document

    # --- reading --------------------------------------------------------------------------

    @property
    def client_id(self) -> int:
        """The Yjs client id under which this instance writes: random, never reused."""
        return int(self._document.client_id)

    @property
    def clocks(self) -> Mapping[int, int]:
        """The state vector, client id to clock. State vectors ignore deletions."""
        return self._places.clocks

    @property
    def places(self) -> Places:
        """The index of elements, for the guard."""
        return self._places

    def entries(self) -> tuple[SetlistEntry, ...]:
        """The finished entries in playing order, whatever the document holds."""
        if self._ordered is None or self._ordered[0] != self.generation:
            finished = [entry for entry in self._entries.values() if entry.title]
            finished.sort(key=entry_order)
            self._ordered = (self.generation, tuple(finished))
        return self._ordered[1]

    def entry(self, entry_id: str) -> SetlistEntry | None:
        """One entry, unfinished ones included."""
        return self._entries.get(entry_id)

    @property
    def entry_count(self) -> int:
        """Entries, unfinished ones included: what the limit counts."""
        return len(self._entries)

    def state_vector(self) -> bytes:
        """The encoded state vector: the body of a sync step 1."""
        return encode_state_vector(self._places.clocks)

    def encode(self, state_vector: bytes | None = None) -> bytes:
        """Everything that somebody with ``state_vector`` lacks: the body of a sync step 2.

        Answers are kept until the next change, because joins come in bursts.

        Raises:
            DecodeError: the state vector is malformed.
        """
        wanted = EMPTY_STATE_VECTOR if state_vector is None else state_vector
        cached = self._step2.get(wanted)
        if cached is not None:
            return cached
        if wanted != EMPTY_STATE_VECTOR:
            decode_state_vector(wanted)
        with library_errors():
            update = self._document.get_update(wanted)
        if len(self._step2) >= _STEP2_CACHE_MAX:
            self._step2.clear()
        self._step2[wanted] = update
        if wanted == EMPTY_STATE_VECTOR:
            self._size, self._size_is_exact = len(update), True
        return update

    @property
    def size(self) -> int:
        """Bytes of the encoded document."""
        if not self._size_is_exact:
            self.encode()
        return self._size

    @property
    def size_bound(self) -> int:
        """An upper bound of ``size`` in bytes that costs nothing to know."""
        return self._size

    # --- changing -------------------------------------------------------------------------

    def apply(self, update: bytes) -> frozenset[str]:
        """Integrate a trusted update: one from the log, or one that the guard let through.

        Returns:
            the ids of the entries that it touched.

        Raises:
            DecodeError, PendingError: nothing was changed.
            DocumentError: the library refused it; discard this instance.
        """
        parsed = read_update(update)
        if parsed.is_empty:
            return frozenset()
        touched = self._places.absorb(parsed)
        with library_errors():
            self._document.apply_update(update)
        self._changed(len(update))
        self.refresh(touched)
        return frozenset(touched)

    def record(self) -> Recording:
        """One transaction on the document whose outcome is wanted as update bytes.

        Used as a context manager; the caller passes the bytes to :meth:`absorb` afterwards.
        """
        return Recording(self._document)

    def apply_raw(self, update: bytes) -> None:
        """Hand bytes to the library, inside :meth:`record`.

        Raises:
            DocumentError: it refused them; discard this instance.
        """
        try:
            self._document.apply_update(update)
        except Exception as error:
            raise DocumentError(f"{type(error).__name__}: {error}") from error
        except BaseException as error:
            raise_if_panic(error)
            raise

    def absorb(
        self,
        recorded: bytes,
        parsed: ParsedUpdate | None = None,
        placed: Placed | None = None,
    ) -> None:
        """Take the outcome of a recorded transaction into the index.

        Args:
            recorded: ``Recording.update``.
            parsed, placed: what the same bytes parse to, if the caller knows.
        """
        if recorded == EMPTY_UPDATE:
            return
        self._places.absorb(parsed or read_update(recorded), placed)
        self._changed(len(recorded))

    def write(self, change: Callable[[Map[Any]], None]) -> bytes:
        """Run ``change`` on the entries map as one transaction of this instance.

        Returns:
            the update; ``EMPTY_UPDATE`` if nothing changed.

        Raises:
            DocumentError: the library refused something; discard this instance.
        """
        with self.record() as recording:
            change(self._root)
        update = recording.update
        if update == EMPTY_UPDATE:
            return update
        parsed = read_update(update)
        touched = {slot.entry_id for slot in self._places.deleted_slots(parsed.deletes)}
        touched.update(
            slot.entry_id
            for section in parsed.sections
            for _, slot in self._places.resolve(section.structs)
            if slot is not None
        )
        self.absorb(update, parsed)
        self.refresh(touched)
        return update

    @property
    def root(self) -> Map[Any]:
        """The entries map, for writing inside :meth:`record`."""
        return self._root

    def read(self, entry_id: str) -> SetlistEntry | None:
        """One entry as the document holds it now, past the mirror."""
        try:
            value = self._root[entry_id]
        except KeyError:
            return None
        if not isinstance(value, Map):
            return None
        return read_entry(entry_id, msgspec.json.decode(str(value)))

    def refresh(self, entry_ids: set[str] | frozenset[str]) -> None:
        """Read these entries again from the document."""
        with library_errors(), self._document.transaction():
            for entry_id in entry_ids:
                self.mirror(entry_id, self.read(entry_id))

    def mirror(self, entry_id: str, entry: SetlistEntry | None) -> None:
        """Remember how an entry stands now."""
        if entry is not None:
            self._entries[entry_id] = entry
            return
        gone = self._entries.pop(entry_id, None)
        if gone is not None and gone.added_by is not None:
            self.authors[entry_id] = gone.added_by

    def put_entry(self, entry: SetlistEntry) -> None:
        """Write a whole entry as a new map under its id, inside :meth:`record`."""
        self._root[entry.id] = Map(entry_fields(entry))

    def clone(self) -> SetlistDocument:
        """The same content under a new random client id."""
        other = SetlistDocument(self.limits)
        update = self.encode()
        if update != EMPTY_UPDATE:
            with library_errors():
                other._document.apply_update(update)
        other.generation = self.generation
        other.authors = self.authors.copy()
        other._places = self._places.copy()
        other._entries = self._entries.copy()
        other._ordered = self._ordered
        other._step2 = {EMPTY_STATE_VECTOR: update}
        other._size, other._size_is_exact = len(update), True
        return other

    def _changed(self, bytes_added: int) -> None:
        self.generation += 1
        self._step2.clear()
        self._size += bytes_added
        self._size_is_exact = False
