"""What the cast knows together: which entry is which song, what is locked, who is a newcomer."""

from __future__ import annotations

from dataclasses import dataclass, field

from loadtests.demo.night import PlayedSong
from loadtests.wire import Entry, RoomClient
from loadtests.wire.signal import Signal


@dataclass(slots=True)
class Stage:
    """The cast's shared memory of one night."""

    songs: tuple[PlayedSong, ...]
    entries: dict[int, str] = field(default_factory=dict)
    """Song number → the entry that stands for it; it may be a newcomer's."""
    doubles: dict[tuple[int, int], str] = field(default_factory=dict)
    """(fan, song) → a second entry of a song, written down by that fan."""
    misheard: dict[tuple[int, int], str] = field(default_factory=dict)
    """(fan, song) → the entry of a song that this fan thought to hear meanwhile."""
    playing: int | None = None
    on_stage: str | None = None
    """The entry that the room says is being played."""
    locked: bool = False
    live: bool = True
    _changed: Signal = field(default_factory=Signal)

    def begin(self) -> None:
        """A new night: nothing is on the list."""
        self.entries.clear()
        self.doubles.clear()
        self.misheard.clear()
        self.playing = None

    def wrote(self, song: int, entry_id: str) -> None:
        """The song is on the list: this entry stands for it."""
        self.entries[song] = entry_id
        self._changed.changed()

    async def written(self, song: int, timeout_s: float) -> str:
        """The entry that stands for the song, once somebody wrote it down.

        Raises:
            TimeoutError: nobody did.
        """
        await self._changed.until(lambda: song in self.entries, timeout_s)
        return self.entries[song]

    def already_there(self, room: RoomClient, song: PlayedSong) -> Entry | None:
        """An entry of this song that somebody else, a newcomer say, wrote down already."""
        taken = set(self.entries.values()) | set(self.doubles.values())
        wanted = title_key(song.title)
        for entry in room.setlist.entries():
            if entry.entry_id in taken or entry.section != song.section:
                continue
            if title_key(entry.title) == wanted:
                return entry
        return None

    def ours(self, room: RoomClient, song: int, cast: set[str]) -> Entry | None:
        """The song's entry, if the cast wrote it: a newcomer's is left alone."""
        entry_id = self.entries.get(song)
        entry = room.setlist.entry(entry_id) if entry_id is not None else None
        return entry if entry is not None and entry.added_by in cast else None


def title_key(title: str) -> str:
    """What two ways to write one title have in common."""
    return "".join(letter for letter in title.casefold() if letter.isalnum())
