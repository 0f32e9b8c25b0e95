"""Where trained models are kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from rooms.suggestions.history import PastShow


class StoredModel(Struct, frozen=True):
    """A trained model as bytes (``SuggestionModel.to_bytes``), one per artist."""

    artist_id: UUID
    version: int
    trained_at: datetime
    shows: int
    payload: bytes


class SuggestionModels(Protocol):
    """Keeps one model per artist."""

    async def save(self, model: StoredModel) -> None:
        """Replaces the artist's model, unless a newer one (``trained_at``) is there."""
        ...

    async def find(self, artist_id: UUID) -> StoredModel | None:
        """The artist's model, or None if there is none yet."""
        ...


class ShowHistory(Protocol):
    """What an artist has played, as far as Setroom knows."""

    async def past_shows(self, artist_id: UUID) -> Sequence[PastShow]:
        """All shows with performances, in any order; songs, venue and tour by Setroom's ids."""
        ...
