"""The processes of a deployment, as they report themselves: which there are, and what each does."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

from msgspec import Struct

REPORT_EVERY_S: Final = 5.0

SILENT_AFTER_S: Final = 15.0
"""Three reports that did not come. A process that ends properly takes its row along."""

FORGOTTEN_AFTER_S: Final = 600.0
"""A silent one is listed for so long: it is what an operator looks for after a crash."""

ROOMS_REPORTED_MAX: Final = 500
"""Per node, those with most connections: 100 nodes are 50,000 rows, which one query sorts."""

NODES_LISTED_MAX: Final = 500


class Kind(StrEnum):
    """What a process is."""

    WEB = "web"
    WORKER = "worker"


class NodeState(StrEnum):
    """``silent``: it has not reported for `SILENT_AFTER_S`."""

    READY = "ready"
    DRAINING = "draining"
    SILENT = "silent"


Bus = Literal["ok", "away"]


class RoomReport(Struct, frozen=True):
    """One room of a node.

    Attributes:
        connections: sockets, streams and those who poll.
        seq: the newest event that the node shows.
        lag_events: events that the log has beyond it, as of the last comparison.
        queue_bytes: backlogs of its connections together.
        turn_ms_p99: of the newest minute; ``None``: there was no turn.
    """

    show_id: str
    connections: int
    seq: int
    lag_events: int
    queue_bytes: int
    turn_ms_p99: float | None


class NodeReport(Struct, frozen=True, kw_only=True):
    """What a process says of itself.

    Attributes:
        node_id: of this life of the process.
        name: ``SETROOM_NODE_NAME``.
        connections: to all its rooms; 0 for a worker.
        rooms: that are loaded; 0 for a worker.
        jobs: that it does now; 0 for a web node.
        rss_bytes: memory that is resident.
        loop_lag_ms: the latest that anything came on its event loop, in the newest ten seconds.
        queue_bytes: backlogs of its connections together.
        lag_events: of the room that is behind the log most.
        turn_ms_p50, turn_ms_p99: of the newest minute; ``None``: there was no turn.
        bus: whether other nodes can be heard.
        busiest: the rooms with most connections, `ROOMS_REPORTED_MAX` at most.
    """

    node_id: str
    name: str
    kind: Kind
    version: str
    started_at: datetime
    draining: bool = False
    connections: int = 0
    rooms: int = 0
    jobs: int = 0
    rss_bytes: int = 0
    loop_lag_ms: float = 0.0
    queue_bytes: int = 0
    lag_events: int = 0
    turn_ms_p50: float | None = None
    turn_ms_p99: float | None = None
    bus: Bus = "ok"
    busiest: tuple[RoomReport, ...] = ()


class ListedNode(Struct, frozen=True):
    """A process as it was heard of last; ``busiest`` is empty here."""

    report: NodeReport
    seen_at: datetime
    state: NodeState


class RoomPlace(Struct, frozen=True, array_like=True):
    """Where a page of rooms ends."""

    connections: int
    show_id: str
    node_id: str


class ListedRoom(Struct, frozen=True):
    """A room on a node. ``slug`` and ``title`` are empty for a show that is gone."""

    room: RoomReport
    node: str
    place: RoomPlace
    slug: str
    title: str
