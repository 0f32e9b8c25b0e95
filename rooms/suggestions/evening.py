"""Tonight, as far as it went: what was played, kept in step song by song."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from rooms.suggestions.repertoire import BOUNDARY, NEIGHBOUR_SHOWS, Floats, Repertoire

UNKNOWN = -1
"""A song that the artist was never heard to play."""


class Evening:
    """The state of a show under way, against a repertoire that must not change meanwhile."""

    def __init__(
        self, repertoire: Repertoire, day: date, venue: str | None, tour: str | None
    ) -> None:
        self.repertoire = repertoire
        self.day = day
        self.in_run = repertoire.continues_run(day, venue)
        self.tour = repertoire.tours.get(tour) if tour is not None else None
        self.songs: list[int] = []
        self.sections: list[int] = []
        self.in_section = 0
        self.played_at = np.full(repertoire.songs, -1, np.int32)
        first = max(0, repertoire.present - NEIGHBOUR_SHOWS)
        self.neighbours = slice(first, repertoire.present)
        self.first_neighbour = repertoire.shows - (repertoire.present - first)
        self.overlap = np.zeros(repertoire.present - first, np.float32)
        self.ages: NDArray[np.float32] = np.arange(len(self.overlap), 0, -1).astype(np.float32)
        self.missed: Floats = np.zeros(repertoire.songs, np.float32)

    def add(self, song: int, section: int) -> None:
        """Adds the song that was just played; ``UNKNOWN`` if it has no number."""
        repertoire = self.repertoire
        if song != UNKNOWN:
            self.overlap += repertoire.presence[self.neighbours, song]
            self.played_at[song] = len(self.songs)
        if self.songs and self.songs[-1] != UNKNOWN:
            # Songs that used to follow the one before, and did not.
            self.missed += repertoire.before[: repertoire.songs, self.songs[-1]]
        same = bool(self.sections) and self.sections[-1] == section
        self.in_section = self.in_section + 1 if same else 1
        self.songs.append(song)
        self.sections.append(section)

    def song_before(self, steps: int) -> int:
        """The song played ``steps`` songs ago (1: the last); ``BOUNDARY`` before the first."""
        if steps > len(self.songs):
            return BOUNDARY if steps == len(self.songs) + 1 else UNKNOWN
        return self.songs[-steps]
