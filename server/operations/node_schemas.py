"""Bodies of ``/api/operations/nodes`` and ``/rooms``."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from rooms.operations.nodes import Kind, NodeState


class NodeView(Struct, frozen=True):
    """A web node or a worker, as it reported itself last.

    Attributes:
        id: of this life of the process.
        node: its name.
        state: ``silent``: nothing was heard of it for 15 s.
        connections: of a web node, to all its rooms.
        jobs: of a worker, that it does now.
        rss_bytes: resident memory.
        loop_lag_ms: the latest that anything came on its event loop in the newest ten seconds.
        queue_bytes: what its receivers have not taken yet, all together.
        turn_ms_p50: of the newest minute; ``null``: there was no turn.
        turn_ms_p99: the same.
        bus: whether other nodes can be heard; a worker needs none.
        lag_events: events that the room that is behind most lacks.
    """

    id: str
    node: str
    kind: Kind
    started_at: datetime
    seen_at: datetime
    state: NodeState
    version: str
    connections: int
    rooms: int
    jobs: int
    rss_bytes: int
    loop_lag_ms: float
    queue_bytes: int
    turn_ms_p50: float | None
    turn_ms_p99: float | None
    bus: Literal["ok", "away"]
    lag_events: int


class NodesBody(Struct, frozen=True):
    """All processes, web nodes first. ``asked_at``: what ``seen_at`` is to be compared with."""

    items: list[NodeView]
    asked_at: datetime


class RoomView(Struct, frozen=True):
    """A room on a node that holds it.

    Attributes:
        connections: to this node alone.
        seq: the newest event that the node shows.
        lag_events: events that the log has beyond it.
        queue_bytes: what the room's receivers have not taken yet, all together.
        turn_ms_p99: of the newest minute; ``null``: there was no turn.
    """

    show_id: str
    slug: str
    title: str
    node: str
    connections: int
    seq: int
    lag_events: int
    queue_bytes: int
    turn_ms_p99: float | None


class RoomPage(Struct, frozen=True):
    """Rooms, those with most connections first."""

    items: list[RoomView]
    next_cursor: str | None
