"""Who vouched for what: crew for an entry, the artist for the whole list."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from rooms.events import EntryConfirmed, SetlistChanged


class Vouched(Struct, frozen=True):
    """Who said when that an entry, or the list of these entries, is right."""

    participant_id: str
    at: datetime
    entry_ids: tuple[str, ...] = ()


def confirmed_after(
    confirmed: dict[str, Vouched], data: EntryConfirmed | SetlistChanged, at: datetime
) -> dict[str, Vouched]:
    """The entries that are vouched for after an event, by id.

    Who vouched for an entry vouched for its song: another song in it, and nobody does.
    """
    if isinstance(data, EntryConfirmed):
        others = {key: by for key, by in confirmed.items() if key != data.entry_id}
        return others | (
            {data.entry_id: Vouched(data.participant_id, at)} if data.confirmed else {}
        )
    gone = {
        change.entry_id
        for change in data.entries
        if change.kind == "removed" or {"title", "song_id"} & (change.after or {}).keys()
    }
    if gone.isdisjoint(confirmed):
        return confirmed
    return {key: by for key, by in confirmed.items() if key not in gone}
