"""Trains a model on an artist's past: walks through the shows as they happened.

Before each song the candidates and their features are taken from what was known at that moment,
then the song is added; after each show the repertoire learns from it. A training example thus
never knows more than an answer will.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rooms.suggestions.boosting import BoostingSettings, Examples, grow_forest
from rooms.suggestions.evening import Evening
from rooms.suggestions.features import Scene
from rooms.suggestions.history import PastShow, section_index
from rooms.suggestions.model import SuggestionModel
from rooms.suggestions.repertoire import Repertoire

MOMENTS_MAX = 20_000
"""Songs that are learnt from, the newest: bounds the time to train; older habits matter less."""
MOMENTS_MIN = 300
"""With fewer, the quick score answers: trees would learn the noise."""
WARM_UP_SHOWS = 5
"""Shows that only fill the statistics before the first moment is learnt from."""
_HARD = 10
"""Wrong candidates per moment: the likeliest ones …"""
_RANDOM = 6
"""… and some of the rest, so that the trees know what to rank low."""


def train(
    history: Sequence[PastShow],
    seed: int,
    settings: BoostingSettings | None = None,
    moments_max: int = MOMENTS_MAX,
) -> SuggestionModel:
    """Learns from an artist's shows; their order does not matter, their dates do.

    Takes under a minute on one core for the longest archive known (2,800 shows). Few or no shows
    give a model that answers by statistics alone.
    """
    shows = sorted((show for show in history if show.songs), key=lambda show: show.date)
    repertoire = Repertoire()
    examples = collect(shows, repertoire, np.random.default_rng(seed), moments_max)
    forest = None
    if len(examples.starts) >= MOMENTS_MIN:
        forest = grow_forest(examples, settings or BoostingSettings(), seed)
    return SuggestionModel(tuple(shows), forest, repertoire)


def collect(
    shows: Sequence[PastShow],
    repertoire: Repertoire,
    rng: np.random.Generator,
    moments_max: int,
) -> Examples:
    """Walks through ``shows``, oldest first, and takes the newest ``moments_max`` as examples.

    ``repertoire``, empty at first, has learnt from all of them afterwards.
    """
    first = _first_show(shows, moments_max)
    rows: list[np.ndarray[tuple[int, int], np.dtype[np.float32]]] = []
    sizes: list[int] = []
    hits: list[int] = []
    offsets: list[np.ndarray[tuple[int], np.dtype[np.float64]]] = []
    total = 0
    for number, show in enumerate(shows):
        if number >= first:
            evening = Evening(repertoire, show.date, show.venue, show.tour)
            for song in show.songs:
                played = repertoire.index.get(song.song_id, -1)
                if played >= 0:
                    scene = Scene(evening)
                    at = np.flatnonzero(scene.candidates == played)
                    if len(at):
                        chosen, offset = _chosen(int(at[0]), len(scene.candidates), rng)
                        offsets.append(offset)
                        rows.append(scene.rows[chosen])
                        sizes.append(len(chosen))
                        hits.append(total)
                        total += len(chosen)
                evening.add(played, section_index(song.section))
        repertoire.observe(show)
    starts = np.cumsum([0, *sizes[:-1]]) if sizes else np.zeros(0, np.int64)
    table = np.concatenate(rows) if rows else np.zeros((0, 0), np.float32)
    return Examples(
        table,
        starts.astype(np.int64),
        np.array(hits, np.int64),
        np.concatenate(offsets) if offsets else np.zeros(0),
    )


def _chosen(
    hit: int, count: int, rng: np.random.Generator
) -> tuple[
    np.ndarray[tuple[int], np.dtype[np.int64]], np.ndarray[tuple[int], np.dtype[np.float64]]
]:
    """The played candidate, then the wrong ones that are learnt from; and their offsets."""
    others = np.delete(np.arange(count), hit)
    rest = others[_HARD:]
    weight = 1.0
    if len(rest) > _RANDOM:
        weight = len(rest) / _RANDOM
        rest = rng.choice(rest, _RANDOM, replace=False)
    chosen = np.concatenate([[hit], others[:_HARD], rest]).astype(np.int64)
    offsets = np.zeros(len(chosen))
    offsets[len(chosen) - len(rest) :] = np.log(weight)
    return chosen, offsets


def _first_show(shows: Sequence[PastShow], moments_max: int) -> int:
    moments = 0
    for number in range(len(shows) - 1, WARM_UP_SHOWS - 1, -1):
        moments += len(shows[number].songs)
        if moments > moments_max:
            return number + 1
    return WARM_UP_SHOWS
