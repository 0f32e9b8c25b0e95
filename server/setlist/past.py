"""What a setlist was: places in its log, and the list at each of them."""

from __future__ import annotations

from datetime import datetime

from crdt.past import PastSetlist
from crdt.schema import SetlistEntry
from server.field_problems import FieldProblem
from server.moments import in_utc
from server.problems import invalid
from storage.shows.setlist_history import SetlistHistory


class Past:
    """Reads a setlist as it was."""

    def __init__(self, history: SetlistHistory) -> None:
        self._history = history

    async def seq_of(self, show_id: str, seq: int | None, at: datetime | None, field: str) -> int:
        """The event that is meant by its number or by a moment: the newest one then.

        Args:
            field: what the number is called in the call.

        Raises:
            ApiError: ``validation_failed``: both or neither is given, or there is no such event.
        """
        if (seq is None) == (at is None):
            detail = f"Give either {field} or at."
            raise invalid(FieldProblem(field, "invalid", detail))
        if at is not None:
            return await self._history.seq_at(show_id, in_utc(at, "at"))
        assert seq is not None  # one of both is given
        if seq > await self._history.head(show_id):
            raise invalid(FieldProblem(field, "out_of_range", "The log is not that long yet."))
        return seq

    async def entries(self, show_id: str, seq: int) -> tuple[SetlistEntry, ...]:
        """The list after an event, in playing order."""
        past = PastSetlist()
        async for updates in self._history.updates_until(show_id, seq):
            past.apply(updates)
        return past.entries()

    async def locked(self, show_id: str, seq: int) -> bool:
        """Whether the list was locked after an event."""
        return await self._history.was_locked(show_id, seq)

    async def begins(self, show_id: str, *, crew: bool) -> int:
        """The first event that a viewer may know of. What crew wrote into a draft and took out
        again before it was published is theirs alone."""
        if crew:
            return 0
        published = await self._history.published_seq(show_id)
        return published if published is not None else await self._history.head(show_id) + 1
