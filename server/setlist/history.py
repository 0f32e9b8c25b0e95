"""Who changed what in a setlist."""

from __future__ import annotations

from bisect import bisect_right

from rooms.events import EntryChanged
from rooms.participants import SYSTEM
from rooms.shows.records import HistoryFilter, SetlistChange
from server.security.identity import Identity
from server.setlist.history_schemas import (
    HistoryEntry,
    HistoryItem,
    HistoryKind,
    HistoryOrder,
    HistoryPage,
)
from server.setlist.past import Past
from server.shows.attendance import Attendance, sees_drafts
from storage.shows.setlist_history import SetlistHistory

Titles = dict[str, list[tuple[int, str]]]
"""By entry id, the titles that it was given: (seq, title), oldest first."""


class Histories:
    """Pages of history."""

    def __init__(self, attendance: Attendance, history: SetlistHistory, past: Past) -> None:
        self._attendance = attendance
        self._history = history
        self._past = past

    async def page(
        self,
        show_id: str,
        viewer: Identity | None,
        *,
        cursor: int | None,
        limit: int,
        order: HistoryOrder,
        entry_id: str | None,
        participant_id: str | None,
    ) -> HistoryPage:
        """Changes, each with who made it under the name that they have now.

        Args:
            cursor: the last change of the page before; ``None``: from the beginning of the order.
            participant_id: only changes of this participant, or of a guest who became them.

        Raises:
            ApiError: ``unknown_show``, ``join_code_required``.
        """
        standing = await self._attendance.read(show_id, viewer)
        begins = await self._past.begins(show_id, crew=sees_drafts(standing, viewer))
        oldest_first = order is HistoryOrder.OLDEST
        after = max(begins - 1, cursor or 0) if oldest_first else max(begins - 1, 0)
        wanted = HistoryFilter(
            after_seq=after,
            before_seq=None if oldest_first else cursor,
            entry_id=entry_id,
            participant_id=participant_id,
            oldest_first=oldest_first,
        )
        found = await self._history.changes(show_id, wanted, limit + 1)
        page = found[:limit]
        titles = await self._titles(show_id, page)
        return HistoryPage(
            items=[_item(change, titles) for change in page],
            next_cursor=str(page[-1].seq) if len(found) > limit else None,
        )

    async def _titles(self, show_id: str, page: list[SetlistChange]) -> Titles:
        """What entries were called that a change does not call by name."""
        nameless = {
            entry.entry_id
            for change in page
            for entry in change.data.entries
            if _told_title(entry) is None
        }
        if not nameless:
            return {}
        return await self._history.titles(show_id, max(one.seq for one in page), nameless)


def _item(change: SetlistChange, titles: Titles) -> HistoryItem:
    data = change.data
    return HistoryItem(
        seq=change.seq,
        at=change.at,
        participant_id=change.participant_id,
        display_name=change.display_name or data.display_name,
        kind=_kind(change),
        entries=[
            HistoryEntry(
                entry_id=entry.entry_id,
                kind=entry.kind,
                title=_told_title(entry) or _title_then(titles, entry.entry_id, change.seq),
                before=entry.before,
                after=entry.after,
            )
            for entry in data.entries
        ],
        to_seq=data.to_seq,
        of_seq=data.of_seq,
    )


def _kind(change: SetlistChange) -> HistoryKind:
    if change.data.cause is not None:
        return HistoryKind(change.data.cause)
    system = change.data.participant_id == SYSTEM.participant_id
    return HistoryKind.REBALANCE if system else HistoryKind.EDIT


def _told_title(entry: EntryChanged) -> str | None:
    for fields in (entry.after, entry.before):
        if fields is not None and fields.get("title"):
            return str(fields["title"])
    return None


def _title_then(titles: Titles, entry_id: str, seq: int) -> str:
    given = titles.get(entry_id, [])
    place = bisect_right(given, seq, key=lambda one: one[0])
    return given[place - 1][1] if place else ""
