"""Rules of training from what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from jobs.suggestions.train import train_artist
from rooms.suggestions.history import PastShow, SuggestionContext
from rooms.suggestions.model import SuggestionModel
from rooms.suggestions.ports import StoredModel
from tests.rooms.suggestions.artists import habitual_artist

ARTIST = UUID("00000000-0000-7000-8000-000000000001")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class History:
    async def past_shows(self, artist_id: UUID) -> Sequence[PastShow]:
        return habitual_artist(30, seed=1) if artist_id == ARTIST else []


class Models:
    def __init__(self) -> None:
        self.saved: dict[UUID, StoredModel] = {}

    async def save(self, model: StoredModel) -> None:
        self.saved[model.artist_id] = model

    async def find(self, artist_id: UUID) -> StoredModel | None:
        return self.saved.get(artist_id)


async def test_a_trained_model_is_stored_and_answers() -> None:
    models = Models()
    stored = await train_artist(ARTIST, History(), models, NOW)
    assert models.saved == {ARTIST: stored}
    assert (stored.shows, stored.trained_at) == (30, NOW)
    model = SuggestionModel.from_bytes(stored.payload)
    first = model.suggest(SuggestionContext(NOW.date()))[0]
    assert first.title.startswith("opener")


async def test_an_artist_without_shows_gets_a_model_that_answers_nothing() -> None:
    other = UUID(int=2)
    stored = await train_artist(other, History(), Models(), NOW)
    assert stored.shows == 0
    assert SuggestionModel.from_bytes(stored.payload).suggest(SuggestionContext(NOW.date())) == []
