"""Snapshots only speed up loading; the events are kept. Pure: a loaded room becomes a snapshot."""

from __future__ import annotations

from rooms.ports import RoomRecord, SnapshotRecord
from rooms.replica import Replica

EVENTS_BETWEEN_SNAPSHOTS = 200
"""A room with fewer events after its newest snapshot loads fast enough without another."""


def is_due(record: RoomRecord) -> bool:
    """Whether a new snapshot would make loading faster."""
    return record.head.seq - record.snapshot_seq >= EVENTS_BETWEEN_SNAPSHOTS


def snapshot_of(record: RoomRecord) -> SnapshotRecord:
    """The snapshot at the record's head. It includes exactly the events up to ``head.seq``."""
    replica = Replica(record)
    return SnapshotRecord(
        seq=replica.head.seq,
        state=replica.state.snapshot(),
        document=replica.document.encode(),
    )
