"""What archiving needs from the store."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from crdt.schema import SetlistEntry
from rooms.performances.records import Derived


class Nights(Protocol):
    """Keeps what was played."""

    async def archive(
        self, show_id: str, seq: int, entries: Sequence[SetlistEntry], struck: Collection[str]
    ) -> Derived | None:
        """Derives and writes what was played; replaces what was derived before.

        Args:
            seq: the newest event that the setlist holds.
            entries: the final setlist in playing order.
            struck: entries that were not played.

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
