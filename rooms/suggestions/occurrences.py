"""Where one song was played: the newest performances, and what stood around them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

KEPT = 512
"""Performances of a song that are looked at; the most played song of any archive has 1,800."""

SHOW, PREVIOUS, SECTION, NEXT = range(4)
"""Columns; ``NEXT`` and the three after it are the four songs that followed."""


class Occurrences:
    """Rows of (show, previous song, section, the four songs that followed), oldest first."""

    def __init__(self) -> None:
        self._rows = np.zeros((8, NEXT + 4), np.int32)
        self._count = 0

    @property
    def rows(self) -> NDArray[np.int32]:
        """At most ``KEPT`` rows, the newest last; a view."""
        return self._rows[max(0, self._count - KEPT) : self._count]

    def add(self, show: int, previous: int, section: int, following: Sequence[int]) -> None:
        """Adds a performance; ``following`` holds four songs, padded with the boundary."""
        if self._count == len(self._rows):
            rows = self.rows
            size = min(2 * len(self._rows), 2 * KEPT)
            bigger = np.zeros((size, NEXT + 4), np.int32)
            bigger[: len(rows)] = rows
            self._rows, self._count = bigger, len(rows)
        self._rows[self._count, :NEXT] = show, previous, section
        self._rows[self._count, NEXT:] = following
        self._count += 1
