"""The recurring jobs of upkeep, as taskiq knows them. Each bears being done twice at once."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from jobs.broker import JOB_TIMEOUT_S, JobsBroker, Priority, daily, every
from jobs.upkeep.compaction import compact_rooms
from jobs.upkeep.expiry import delete_expired
from jobs.upkeep.ports import ExpiredRows, GrownRooms, UntrainedArtists
from rooms.ports import Clock, RoomLog
from rooms.suggestions.ports import ShowHistory, SuggestionModels

COMPACT_EVERY_S = 30
DELETE_EVERY_S = 600
TRAIN_AT = (4, 17)
"""Hour and minute, UTC: when few shows are on."""

ARTISTS_PER_RUN = 3
"""Training takes up to a minute of one core for each."""


class Upkeep(Struct, frozen=True):
    """What the jobs work on."""

    room_log: RoomLog
    rooms: GrownRooms
    expired: ExpiredRows
    artists: UntrainedArtists
    history: ShowHistory
    models: SuggestionModels
    clock: Clock


def register(broker: JobsBroker, upkeep: Callable[[], Upkeep]) -> None:
    """Adds the jobs to a broker. ``upkeep`` is asked when one runs, after the worker's start."""

    async def compact() -> None:
        parts = upkeep()
        await compact_rooms(parts.rooms, parts.room_log)

    async def expire() -> None:
        parts = upkeep()
        await delete_expired(parts.expired, parts.clock.now())

    async def train() -> None:
        # scikit-learn takes seconds to import; most workers never get here.
        from jobs.suggestions.train import train_artist

        parts = upkeep()
        for artist_id in await parts.artists.untrained(ARTISTS_PER_RUN):
            await train_artist(artist_id, parts.history, parts.models, parts.clock.now())

    for name, priority, schedule, job in (
        ("upkeep.compact_rooms", Priority.NORMAL, every(COMPACT_EVERY_S), compact),
        ("upkeep.delete_expired", Priority.BULK, every(DELETE_EVERY_S), expire),
        ("upkeep.train_suggestions", Priority.BULK, daily(*TRAIN_AT), train),
    ):
        broker.register_task(
            job, task_name=name, priority=priority, schedule=schedule, timeout=JOB_TIMEOUT_S
        )
