"""Snapshots of rooms that have grown, so that they load fast. Events are never deleted."""

from __future__ import annotations

import asyncio

import structlog

from jobs.upkeep.ports import GrownRooms
from rooms.compaction import EVENTS_BETWEEN_SNAPSHOTS, is_due, snapshot_of
from rooms.ports import RoomLog

ROOMS_PER_RUN = 50
"""A snapshot takes some ms to some hundred ms; the next run takes up the rest."""

log = structlog.get_logger(__name__)


async def compact_rooms(rooms: GrownRooms, room_log: RoomLog) -> int:
    """Stores a snapshot of every room that needs one; how many were stored.

    A room that cannot be read does not keep the others from being compacted.
    """
    stored = 0
    for show_id in await rooms.grown(EVENTS_BETWEEN_SNAPSHOTS, ROOMS_PER_RUN):
        try:
            stored += await _compact(show_id, room_log)
        except Exception:
            log.exception("room_not_compacted", show_id=show_id)
    return stored


async def _compact(show_id: str, room_log: RoomLog) -> bool:
    record = await room_log.load(show_id)
    if record is None or not is_due(record):
        return False
    # Reading hundreds of updates holds the interpreter: not in the event loop's thread.
    snapshot = await asyncio.to_thread(snapshot_of, record)
    await room_log.save_snapshot(show_id, snapshot)
    log.info("room_compacted", show_id=show_id, seq=snapshot.seq)
    return True
