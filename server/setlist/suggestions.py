"""Which song comes next: the artist's model, asked with tonight's setlist so far."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

import structlog
from msgspec import Struct

from crdt.schema import SetlistEntry
from rooms.catalogue.names import normalised
from rooms.ports import Clock
from rooms.shows.records import Night
from rooms.suggestions.history import (
    CatalogueSong,
    PastShow,
    PlayedSong,
    Suggestion,
    SuggestionContext,
)
from rooms.suggestions.model import SuggestionModel
from rooms.suggestions.ports import ShowHistory, StoredModel, SuggestionModels
from rooms.suggestions.repertoire import Repertoire as Statistics
from storage.shows.repertoire import Repertoire

MODELS_KEPT: Final = 8
"""Models in memory, a few MB each: one web node serves few artists at a time."""

MODEL_CHECK_S: Final = 300.0
"""How old a model in memory may be before a newer one is looked for."""

ANSWERS_KEPT: Final = 256
"""Newest answers: a whole audience asks the same question after every song."""

log = structlog.get_logger(__name__)


class _Kept(Struct):
    """An artist's model and songs in memory. ``for_day``: the model for one past night."""

    model: SuggestionModel
    catalogue: tuple[CatalogueSong, ...]
    by_title: dict[str, str]
    newest: date | None
    trained_at: datetime | None
    checked_at: float
    for_day: tuple[date, SuggestionModel] | None = None


class Suggestions:
    """Answers from models that a worker has trained, or from plain statistics until then."""

    def __init__(
        self, models: SuggestionModels, history: ShowHistory, repertoire: Repertoire, clock: Clock
    ) -> None:
        self._models = models
        self._history = history
        self._repertoire = repertoire
        self._clock = clock
        self._kept: OrderedDict[UUID, _Kept] = OrderedDict()
        self._loading: dict[UUID, asyncio.Task[_Kept]] = {}
        self._answers: OrderedDict[str, tuple[object, list[Suggestion]]] = OrderedDict()

    async def next_songs(
        self, show_id: str, entries: tuple[SetlistEntry, ...], limit: int
    ) -> list[Suggestion]:
        """At most ``limit`` songs, likeliest first; none for a show without artists."""
        night = await self._repertoire.night(show_id)
        if night is None:
            return []
        kept = await self._artist(night.artist_id)
        context = _context(night, entries, kept)
        question = (context.date, context.songs, limit, kept.trained_at)
        answered = self._answers.get(show_id)
        if answered is not None and answered[0] == question:
            return answered[1]
        answer = await asyncio.to_thread(_ask, kept, context, limit)
        self._answers[show_id] = (question, answer)
        self._answers.move_to_end(show_id)
        if len(self._answers) > ANSWERS_KEPT:
            self._answers.popitem(last=False)
        return answer

    async def _artist(self, artist_id: UUID) -> _Kept:
        """The artist's model, loaded once however many ask."""
        kept = self._kept.get(artist_id)
        now = self._clock.monotonic()
        if kept is not None and now - kept.checked_at < MODEL_CHECK_S:
            self._kept.move_to_end(artist_id)
            return kept
        task = self._loading.get(artist_id)
        if task is None:
            task = asyncio.create_task(self._load(artist_id))
            self._loading[artist_id] = task
            task.add_done_callback(lambda _: self._loading.pop(artist_id, None))
        # An old model answers while a newer one is being read.
        return kept if kept is not None else await asyncio.shield(task)

    async def _load(self, artist_id: UUID) -> _Kept:
        catalogue = await self._repertoire.catalogue(artist_id)
        stored = await self._models.find(artist_id)
        shows = await self._history.past_shows(artist_id)
        model = await _read(stored, shows) if stored else None
        if model is None:
            model = await asyncio.to_thread(_untrained, shows)
        kept = _Kept(
            model=model,
            catalogue=catalogue,
            by_title={normalised(song.title): song.song_id for song in catalogue},
            newest=max((show.date for show in shows), default=None),
            trained_at=stored.trained_at if stored else None,
            checked_at=self._clock.monotonic(),
        )
        self._kept[artist_id] = kept
        if len(self._kept) > MODELS_KEPT:
            self._kept.popitem(last=False)
        return kept


async def _read(stored: StoredModel, shows: Sequence[PastShow]) -> SuggestionModel | None:
    """The stored model, knowing every show of today: archived since it was trained, corrected."""

    def read() -> SuggestionModel:
        return SuggestionModel.from_bytes(stored.payload).caught_up(shows)

    try:
        return await asyncio.to_thread(read)
    except ValueError as error:
        log.warning("suggestion_model_unreadable", error=type(error).__name__)
        return None


def _untrained(shows: Sequence[PastShow]) -> SuggestionModel:
    model = SuggestionModel((), None, Statistics())
    for show in sorted(shows, key=lambda show: show.date):
        model.observe(show)
    return model


def _context(night: Night, entries: tuple[SetlistEntry, ...], kept: _Kept) -> SuggestionContext:
    """What is known tonight. A song typed by its title counts as the artist's song."""
    songs = (
        PlayedSong(
            entry.song_id or kept.by_title.get(normalised(entry.title)) or f"entry:{entry.id}",
            entry.title,
            entry.section,
        )
        for entry in entries
    )
    return SuggestionContext(
        date=night.date,
        songs=tuple(songs),
        venue=night.venue_id,
        tour=night.tour_id,
        catalogue=kept.catalogue,
    )


def _ask(kept: _Kept, context: SuggestionContext, limit: int) -> list[Suggestion]:
    model = kept.model
    if kept.newest is not None and context.date <= kept.newest:
        # A night of the past is answered by what was known then.
        if kept.for_day is None or kept.for_day[0] != context.date:
            kept.for_day = (context.date, kept.model.before(context.date))
        model = kept.for_day[1]
    return model.suggest(context, limit)
