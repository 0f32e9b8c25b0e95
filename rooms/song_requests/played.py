"""What was played tonight already, read from the setlist and what was named as being played.

An entry was played when it was named as being played, when it has the time at which it began, or
when it stands before the entry named last: a set is played from the top. Sound check is not
tonight. A request that was marked as played counts even when its entry is gone from the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from crdt.schema import SECTION_RANKS, SetlistEntry
from rooms.catalogue.names import title_key
from rooms.song_requests.requests import RequestStatus, SongRequest

_TONIGHT = SECTION_RANKS["set1"]


class Played(Struct, frozen=True):
    """Songs that were played tonight, or are being played.

    Attributes:
        entry_ids: their entries.
        song_ids: of the catalogue.
        title_keys: `rooms.catalogue.names.title_key` of their titles.
        unnumbered: those of them that name no song of the catalogue.
    """

    entry_ids: frozenset[str] = frozenset()
    song_ids: frozenset[str] = frozenset()
    title_keys: frozenset[str] = frozenset()
    unnumbered: frozenset[str] = frozenset()

    def has(self, song_id: str | None, title: str) -> bool:
        """Whether this song was played. Two songs of one title are told apart by their ids."""
        if song_id is None:
            return title_key(title) in self.title_keys
        return song_id in self.song_ids or title_key(title) in self.unnumbered


def of_tonight(entries: Iterable[SetlistEntry]) -> list[SetlistEntry]:
    """Entries of the show itself."""
    return [entry for entry in entries if SECTION_RANKS[entry.section] >= _TONIGHT]


def played_tonight(
    entries: Iterable[SetlistEntry],
    was_playing: Sequence[str],
    requests: Iterable[SongRequest],
) -> Played:
    """What was played.

    Args:
        entries: the setlist in playing order.
        was_playing: entries that were named as being played, the latest last.
        requests: all requests of the show.
    """
    tonight = of_tonight(entries)
    named = set(was_playing)
    places = {entry.id: place for place, entry in enumerate(tonight)}
    latest = next((places[one] for one in reversed(was_playing) if one in places), -1)
    played = [
        entry
        for place, entry in enumerate(tonight)
        if place <= latest or entry.id in named or entry.started_at
    ]
    songs = [(entry.song_id, title_key(entry.title)) for entry in played]
    songs += [
        (one.song_id, title_key(one.title))
        for one in requests
        if one.status is RequestStatus.PLAYED
    ]
    return Played(
        entry_ids=frozenset(entry.id for entry in played),
        song_ids=frozenset(song_id for song_id, _ in songs if song_id),
        title_keys=frozenset(key for _, key in songs),
        unnumbered=frozenset(key for song_id, key in songs if not song_id),
    )
