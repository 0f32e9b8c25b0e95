"""The model of one artist: answers what may come next, learns from each show that ends."""

from __future__ import annotations

import lzma
from collections.abc import Iterable
from datetime import date
from io import BytesIO

import msgspec
import numpy as np
from msgspec import Struct

from rooms.limits import SUGGESTION_MODEL_BYTES_MAX, SUGGESTIONS_MAX
from rooms.suggestions.evening import UNKNOWN, Evening
from rooms.suggestions.features import Scene
from rooms.suggestions.forest import Forest
from rooms.suggestions.history import (
    PastShow,
    PlayedSong,
    Suggestion,
    SuggestionContext,
    section_index,
)
from rooms.suggestions.repertoire import Repertoire

FORMAT_VERSION = 1
"""Version of the bytes and of the features together: another one must be trained anew."""

_FOREST_ARRAYS = ("roots", "feature", "threshold", "left", "right", "value")


class UnreadableModelError(ValueError):
    """The bytes are no model of this version; train a new one."""


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

    def before(self, day: date) -> SuggestionModel:
        """The model with the statistics of the evening before ``day``, for a night of the past.

        A replayed show is answered by what was played then, not by the habits of later years.
        Takes as long as observing those shows (half a millisecond each); the forest is shared.
        """
        shows = tuple(show for show in self._shows if show.date < day)
        return SuggestionModel(shows, self._forest, _learnt(shows))

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
        arrays = b""
        depth = features = 0
        if self._forest is not None:
            forest = self._forest
            buffer = BytesIO()
            np.savez(
                buffer,
                allow_pickle=False,
                **{name: getattr(forest, name) for name in _FOREST_ARRAYS},
            )
            arrays, depth, features = buffer.getvalue(), forest.depth, forest.features
        songs: dict[str, int] = {}
        titles: list[str] = []
        rows = []
        for show in self._shows:
            played = []
            for song in show.songs:
                number = songs.setdefault(song.song_id, len(songs))
                if number == len(titles):
                    titles.append(song.title)
                elif song.title:
                    titles[number] = song.title
                played.append((number, song.section))
            rows.append(_StoredShow(show.date, show.venue, show.tour, played))
        stored = _StoredModel(
            FORMAT_VERSION, list(zip(songs, titles, strict=True)), rows, arrays, depth, features
        )
        return lzma.compress(msgspec.msgpack.encode(stored), preset=6)

    @classmethod
    def from_bytes(cls, payload: bytes) -> SuggestionModel:
        """Reads what ``to_bytes`` wrote; replays its shows, about a second for 2,800.

        Raises:
            UnreadableModelError: broken, too large, or of another version.
        """
        try:
            plain = lzma.LZMADecompressor(memlimit=256 * 1024 * 1024).decompress(
                payload, max_length=SUGGESTION_MODEL_BYTES_MAX
            )
            stored = _decoder.decode(plain)
            if stored.version != FORMAT_VERSION:
                raise UnreadableModelError(f"version {stored.version} of the model is not known")
            forest = _forest(stored)
            shows = tuple(_unpacked(row, stored.songs) for row in stored.shows)
        except UnreadableModelError:
            raise
        except (
            lzma.LZMAError,
            EOFError,
            msgspec.DecodeError,
            ValueError,
            KeyError,
            IndexError,
            OSError,
        ) as error:
            raise UnreadableModelError(f"the model cannot be read: {error}") from error
        return cls(shows, forest, _learnt(shows))


def _learnt(shows: Iterable[PastShow]) -> Repertoire:
    repertoire = Repertoire()
    for show in shows:
        repertoire.observe(show)
    return repertoire


class _StoredShow(Struct, array_like=True):
    date: date
    venue: str | None
    tour: str | None
    songs: list[tuple[int, str]]


class _StoredModel(Struct, array_like=True):
    version: int
    songs: list[tuple[str, str]]
    shows: list[_StoredShow]
    forest: bytes
    depth: int
    features: int


_decoder = msgspec.msgpack.Decoder(_StoredModel)


def _unpacked(row: _StoredShow, songs: list[tuple[str, str]]) -> PastShow:
    played = tuple(PlayedSong(*songs[number], section) for number, section in row.songs)
    return PastShow(row.date, played, row.venue, row.tour)


def _forest(stored: _StoredModel) -> Forest | None:
    if not stored.forest:
        return None
    with np.load(BytesIO(stored.forest), allow_pickle=False) as arrays:
        kinds = {"threshold": np.float32, "value": np.float32}
        forest = Forest(
            **{name: arrays[name].astype(kinds.get(name, np.int32)) for name in _FOREST_ARRAYS},
            depth=stored.depth,
            features=stored.features,
        )
    forest.check()
    return forest
