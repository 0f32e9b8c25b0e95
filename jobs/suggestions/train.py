"""Trains an artist's model from what is stored and stores it."""

from __future__ import annotations

import asyncio
from datetime import datetime
from uuid import UUID

import structlog

from rooms.suggestions.ports import ShowHistory, StoredModel, SuggestionModels
from rooms.suggestions.stored import FORMAT_VERSION
from rooms.suggestions.training import train

log = structlog.get_logger(__name__)

SEED = 1
"""Of every training: the same history gives the same model."""


async def train_artist(
    artist_id: UUID, history: ShowHistory, models: SuggestionModels, trained_at: datetime
) -> StoredModel:
    """Learns from all of the artist's shows and keeps the model.

    Takes up to a minute of one core, in a thread: a worker's job, never a web node's.

    Args:
        trained_at: now, as the caller's clock says; a model trained later is never overwritten.
    """
    shows = await history.past_shows(artist_id)
    model = await asyncio.to_thread(train, shows, SEED)
    stored = StoredModel(artist_id, FORMAT_VERSION, trained_at, model.shows, model.to_bytes())
    await models.save(stored)
    log.info(
        "suggestion_model_trained",
        artist_id=str(artist_id),
        shows=model.shows,
        forest=model.trained,
        payload_bytes=len(stored.payload),
    )
    return stored
