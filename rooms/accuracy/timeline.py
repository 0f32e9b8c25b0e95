"""Which song stood in which entry, when: read from the log's ``setlist_changed`` events."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from rooms.events import EntryChanged, SetlistChanged


class Song(Struct, frozen=True):
    """What stood in an entry."""

    title: str
    song_id: str | None = None


class Timeline:
    """Which song stood in which entry, when.

    Args:
        changes: entry → (moment, song or ``None`` when it was removed), in order of time.
    """

    def __init__(self, changes: Mapping[str, Sequence[tuple[datetime, Song | None]]]) -> None:
        self._changes = changes

    def song_at(self, entry_id: str, moment: datetime) -> Song | None:
        """The song at ``moment``. A rating may bear an earlier time than the entry's making,
        because events never go back in time: then the first one."""
        changes = self._changes.get(entry_id, ())
        at = bisect_right(changes, moment, key=lambda change: change[0])
        for _, song in reversed(changes[:at]):
            if song is not None:
                return song
        return next((song for _, song in changes if song is not None), None)

    def last_song(self, entry_id: str) -> Song | None:
        """The newest song that stood in an entry, also if it was removed since."""
        songs = (song for _, song in reversed(self._changes.get(entry_id, ())))
        return next((song for song in songs if song is not None), None)


def timeline_of(changes: Iterable[tuple[datetime, SetlistChanged]]) -> Timeline:
    """The timeline of a list, from all its changes in the order of the log."""
    songs: dict[str, list[tuple[datetime, Song | None]]] = {}
    for at, data in changes:
        for change in data.entries:
            of_entry = songs.setdefault(change.entry_id, [])
            now = of_entry[-1][1] if of_entry else None
            song = _after(change, now)
            if song != now:
                of_entry.append((at, song))
    return Timeline(songs)


def _after(change: EntryChanged, song: Song | None) -> Song | None:
    if change.kind == "removed":
        return None
    after = change.after or {}
    title = after.get("title", song.title if song else "")
    song_id = after.get("song_id", song.song_id if song else None)
    return Song(title, song_id) if title else None
