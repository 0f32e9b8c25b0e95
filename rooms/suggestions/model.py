"""The model of one artist: answers what may come next, learns from each show that ends."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np

from rooms.limits import SUGGESTIONS_MAX
from rooms.suggestions.evening import UNKNOWN, Evening
from rooms.suggestions.features import Scene
from rooms.suggestions.forest import Forest
from rooms.suggestions.history import (
    PastShow,
    Suggestion,
    SuggestionContext,
    section_index,
)
from rooms.suggestions.repertoire import Repertoire
from rooms.suggestions.stored import pack_model, unpack_model


class SuggestionModel:
    """Statistics of an artist's shows and the forest that ranks by them.

    The statistics follow from the shows, so only the shows and the forest are stored.
    """

    def __init__(
        self, shows: tuple[PastShow, ...], forest: Forest | None, repertoire: Repertoire
    ) -> None:
        self._shows = list(shows)
        self._forest = forest
        self._repertoire = repertoire

    @property
    def shows(self) -> int:
        """Shows that the statistics know; ``observe`` adds to them."""
        return len(self._shows)

    @property
    def trained(self) -> bool:
        """Whether a forest ranks; otherwise the quick score of the statistics does."""
        return self._forest is not None

    def observe(self, show: PastShow) -> None:
        """Learns from a show that has ended: the statistics, not the forest, so at once.

        Call it once per show, in order of their dates. Shows without songs are ignored.
        """
        if show.songs:
            self._repertoire.observe(show)
            self._shows.append(show)

    def caught_up(self, shows: Iterable[PastShow]) -> SuggestionModel:
        """This model's forest over the statistics of these shows, which it was trained before.

        Shows that came after those it knows are observed; if others changed (archived late,
        corrected) the statistics are made anew, half a millisecond for each show.
        """
        ordered = sorted((show for show in shows if show.songs), key=lambda show: show.date)
        known = len(self._shows)
        if ordered[:known] != self._shows:
            return SuggestionModel(tuple(ordered), self._forest, _learnt(ordered))
        for show in ordered[known:]:
            self.observe(show)
        return self

    def before(self, day: date) -> SuggestionModel:
        """The model with the statistics of the evening before ``day``, for a night of the past.

        A replayed show is answered by what was played then, not by the habits of later years.
        Takes as long as observing those shows (half a millisecond each); the forest is shared.
        """
        shows = tuple(show for show in self._shows if show.date < day)
        return SuggestionModel(shows, self._forest, _learnt(shows))

    def without_forest(self) -> SuggestionModel:
        """The same statistics, ranked by the quick score: what an untrained model says."""
        return SuggestionModel(tuple(self._shows), None, self._repertoire)

    def suggest(self, context: SuggestionContext, limit: int = 5) -> list[Suggestion]:
        """At most ``limit`` songs, likeliest next first.

        What was played tonight is not suggested, unless the artist is known to reprise it.
        Songs of the catalogue that history does not know follow, by title.

        Raises:
            ValueError: ``limit`` is not between 1 and ``SUGGESTIONS_MAX``.
        """
        if not 1 <= limit <= SUGGESTIONS_MAX:
            raise ValueError(f"limit must be between 1 and {SUGGESTIONS_MAX}, not {limit}")
        repertoire = self._repertoire
        evening = Evening(repertoire, context.date, context.venue, context.tour)
        for song in context.songs:
            evening.add(repertoire.index.get(song.song_id, UNKNOWN), section_index(song.section))
        ranked = self._ranked(evening, limit)
        return ranked + self._from_catalogue(context, limit - len(ranked))

    def _ranked(self, evening: Evening, limit: int) -> list[Suggestion]:
        scene = Scene(evening)
        if not len(scene.candidates):
            return []
        if self._forest is None:
            scores = np.log(np.maximum(scene.quick.astype(np.float64), 1e-6))
        else:
            scores = self._forest.scores(scene.rows)
        weights = np.exp(scores - scores.max())
        belief = weights / weights.sum()
        best = np.argsort(-scores, kind="stable")[:limit]
        repertoire = self._repertoire
        return [
            Suggestion(
                repertoire.song_ids[scene.candidates[at]],
                repertoire.titles[scene.candidates[at]],
                float(belief[at]),
            )
            for at in best
        ]

    def _from_catalogue(self, context: SuggestionContext, limit: int) -> list[Suggestion]:
        if limit <= 0:
            return []
        known = self._repertoire.index
        tonight = {song.song_id for song in context.songs}
        fresh = [
            song
            for song in context.catalogue
            if song.song_id not in known and song.song_id not in tonight
        ]
        fresh.sort(key=lambda song: (song.title.casefold(), song.song_id))
        return [Suggestion(song.song_id, song.title, 0.0) for song in fresh[:limit]]

    def to_bytes(self) -> bytes:
        """The model as bytes: msgpack and plain numpy arrays, compressed; no pickles."""
        return pack_model(self._shows, self._forest)

    @classmethod
    def from_bytes(cls, payload: bytes) -> SuggestionModel:
        """Reads what ``to_bytes`` wrote; replays its shows, about a second for 2,800.

        Raises:
            UnreadableModelError: broken, too large, or of another version.
        """
        shows, forest = unpack_model(payload)
        return cls(shows, forest, _learnt(shows))


def _learnt(shows: Iterable[PastShow]) -> Repertoire:
    repertoire = Repertoire()
    for show in shows:
        repertoire.observe(show)
    return repertoire
