"""What archiving needs from the store."""

from __future__ import annotations

from typing import Protocol

from rooms.performances.records import Derived, FinalSetlist


class Nights(Protocol):
    """Keeps what was played."""

    async def archive(self, show_id: str, final: FinalSetlist) -> Derived | None:
        """Derives and writes what was played; replaces what was derived before.

        Returns:
            ``None`` if a later state of the setlist has been written already.

        Raises:
            NotArchived: there is nothing to derive.
        """
        ...


class SongStatistics(Protocol):
    """Keeps how often songs were played."""

    async def recount(self) -> int:
        """Counts everything anew; how many rows were wrong."""
        ...
