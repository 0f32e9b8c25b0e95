"""Which setlist edits the server has called durable, over any number of sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from loadtests.wire.messages import SetlistRefused


@dataclass(frozen=True, slots=True)
class Saved:
    """An edit that is durable. ``refusal``: the server repaired some of its entries."""

    seq: int
    refusal: SetlistRefused | None = None


class EditLost(Exception):
    """The document that held the edit was given up (fresh sync, other epoch)."""


@dataclass(eq=False)
class Edit:
    """One local change of the setlist, on its way to being saved."""

    entry_ids: tuple[str, ...]
    ordinal: int | None = None
    """Its place among this socket's Yjs updates, from 1; ``None`` while not sent."""
    refusal: SetlistRefused | None = None
    _done: asyncio.Future[Saved] = field(default_factory=lambda: _future())

    @property
    def is_saved(self) -> bool:
        """Whether the server's word has come."""
        return self._done.done() and not self._done.cancelled() and self._done.exception() is None

    async def saved(self, timeout_s: float = 30.0) -> Saved:
        """Waits for the server's word.

        Raises:
            TimeoutError: it did not come in time.
            EditLost: the document was given up.
        """
        return await asyncio.wait_for(asyncio.shield(self._done), timeout_s)

    def settle(self, outcome: Saved | EditLost) -> None:
        """Ends the waiting; the first outcome stands."""
        if self._done.done():
            return
        if isinstance(outcome, Saved):
            self._done.set_result(outcome)
        else:
            self._done.set_exception(outcome)
            self._done.exception()  # Not awaited by everybody: no warning about it.


def _future() -> asyncio.Future[Saved]:
    return asyncio.get_running_loop().create_future()


class SaveLedger:
    """Counts the Yjs updates of the current socket and settles edits by ``setlist_saved``."""

    def __init__(self) -> None:
        self._sent = 0
        self._unsaved: list[Edit] = []

    @property
    def unsaved(self) -> int:
        """Edits that the server has not called durable."""
        return len(self._unsaved)

    def add(self, edit: Edit) -> None:
        """Takes a new local edit, not yet sent."""
        self._unsaved.append(edit)

    def drop(self, edit: Edit) -> None:
        """Forgets an edit that turned out to change nothing: it was never sent."""
        if edit in self._unsaved:
            self._unsaved.remove(edit)

    def new_socket(self) -> None:
        """A new socket counts from 0; whatever is unsaved goes with its first step 2."""
        self._sent = 0
        for edit in self._unsaved:
            edit.ordinal = None

    def sent_update(self, *edits: Edit) -> None:
        """An update frame with these edits alone went out."""
        self._sent += 1
        for edit in edits:
            edit.ordinal = self._sent

    def already_so(self, edits: Iterable[Edit], seq: int) -> None:
        """These changed nothing: the log holds them, up to ``seq``."""
        for edit in edits:
            self.drop(edit)
            edit.settle(Saved(seq))

    def sent_step2(self) -> None:
        """A step 2 went out: it carries everything that is unsaved and was not sent."""
        self._sent += 1
        for edit in self._unsaved:
            if edit.ordinal is None:
                edit.ordinal = self._sent

    def refused(self, refusal: SetlistRefused) -> None:
        """Notes a repair with the edits that touched its entries."""
        touched = set(refusal.entries)
        for edit in self._unsaved:
            if edit.ordinal is not None and touched.intersection(edit.entry_ids):
                edit.refusal = refusal

    def saved(self, seq: int, received: int) -> None:
        """The first ``received`` updates of this socket are durable."""
        waiting = []
        for edit in self._unsaved:
            if edit.ordinal is not None and edit.ordinal <= received:
                edit.settle(Saved(seq, edit.refusal))
            else:
                waiting.append(edit)
        self._unsaved = waiting

    def take_unsaved(self) -> list[Edit]:
        """Hands the unsaved edits over to whoever writes them anew."""
        waiting, self._unsaved = self._unsaved, []
        for edit in waiting:
            edit.ordinal = None
        return waiting

    def give_up(self) -> None:
        """The document is gone, and with it what was not saved."""
        for edit in self._unsaved:
            edit.settle(EditLost("the document was replaced by a fresh one"))
        self._unsaved = []
