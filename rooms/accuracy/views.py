"""Confidence as everybody sees it: the ``confidence`` state and the snapshot's list."""

from __future__ import annotations

from crdt.document import SetlistDocument
from rooms.accuracy.confidence import EntryState, judge
from rooms.events import EntryConfirmed, SetlistChanged, SetlistSealed, SetlistUnsealed
from rooms.ports import StanceKind
from rooms.replica import Moved
from rooms.state import RoomState
from rooms.states import Confidence


def confidence_of(state: RoomState, document: SetlistDocument, entry_id: str) -> Confidence | None:
    """How sure an entry is; ``None`` where there is no such entry now.

    The ratings of an entry that was removed are kept: they count again if it is restored.
    """
    entry = document.entry(entry_id)
    if entry is None or not entry.title:
        return None
    found = judge(state.stances.get((StanceKind.RATING, entry_id), {}))
    sealed = state.memory.sealed is not None and entry_id in state.memory.sealed.entry_ids
    return Confidence(
        entry_id=entry_id,
        confidence=round(found.confidence, 3),
        state=EntryState.CONFIRMED.value if sealed else found.state.value,
        up=found.up,
        down=found.down,
        weight=round(found.weight, 2),
        confirmed_by_crew=entry_id in state.memory.confirmed,
        sealed=sealed,
    )


def spoken_of(state: RoomState) -> list[str]:
    """Entries that somebody rated or vouched for, in order of their ids; removed ones too."""
    rated = {subject for kind, subject in state.stances if kind is StanceKind.RATING}
    sealed = state.memory.sealed.entry_ids if state.memory.sealed else ()
    return sorted(rated | state.memory.confirmed.keys() | set(sealed))


def confidences(state: RoomState, document: SetlistDocument) -> list[Confidence]:
    """Of all entries of the list that somebody spoke of, in playing order."""
    spoken = set(spoken_of(state))
    found = (
        confidence_of(state, document, entry.id)
        for entry in document.entries()
        if entry.id in spoken
    )
    return [one for one in found if one is not None]


def touched(moved: Moved, state: RoomState, document: SetlistDocument) -> set[str]:
    """Entries whose confidence is to be shown again after a change."""
    entries = {subject for kind, subject in moved.stances if kind is StanceKind.RATING}
    for event in moved.events:
        match event.data:
            case EntryConfirmed() as data:
                entries.add(data.entry_id)
            case SetlistSealed() as data:
                entries.update(data.entry_ids)
            case SetlistUnsealed():
                entries.update(entry.id for entry in document.entries())
            case SetlistChanged() as data:
                changed = {change.entry_id for change in data.entries}
                entries.update(changed.intersection(spoken_of(state)))
            case _:
                pass
    return entries
