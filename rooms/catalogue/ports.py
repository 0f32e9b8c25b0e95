"""What a store of the catalogue must be able to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from rooms.catalogue.archive import Archive

Progress = Callable[[int, int], None]
"""Called with (shows done, shows in all); must return at once."""


class LoadReport(Struct, frozen=True):
    """What one load wrote. ``*_new`` rows were inserted, the others had been there before."""

    shows: int
    shows_new: int
    performances: int
    performances_new: int
    songs_new: int
    venues_new: int
    tours_new: int
    artists_new: int


class Venues(Protocol):
    """Knows where venues are."""

    async def locate(self) -> int:
        """Gives every venue its city's coordinates where those are known; how many were new."""
        ...


class ArchiveStore(Protocol):
    """Keeps archives. A second load of the same archive inserts nothing."""

    async def load(self, archive: Archive, progress: Progress) -> LoadReport:
        """Writes artist, songs, venues, tours, shows and performances; idempotent by their ids.

        Interrupted at any point, a later call completes it.
        """
        ...
