"""Made-up artists with known habits."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from rooms.suggestions.history import PastShow, PlayedSong

OPENERS = ["opener a", "opener b"]
PAIRS = [(f"first {n}", f"second {n}") for n in range(8)]
ENCORES = ["encore a", "encore b", "encore c"]


def night(day: date, titles: list[str], venue: str = "hall") -> PastShow:
    """A show whose last song is the encore; a song's id is its title in capitals."""
    songs = [
        PlayedSong(title.upper(), title, "encore1" if at == len(titles) - 1 else "set1")
        for at, title in enumerate(titles)
    ]
    return PastShow(day, tuple(songs), venue, "a tour")


def habitual_artist(shows: int, seed: int) -> list[PastShow]:
    """An opener, four of eight pairs always played together, the encores in turn."""
    rng = np.random.default_rng(seed)
    history = []
    for number in range(shows):
        titles = [OPENERS[int(rng.integers(2))]]
        for pair in rng.choice(len(PAIRS), 4, replace=False):
            titles += PAIRS[int(pair)]
        titles.append(ENCORES[number % 3])
        history.append(night(date(2000, 1, 1) + timedelta(days=2 * number), titles))
    return history
