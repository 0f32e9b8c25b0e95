"""The registry of nodes: each process brings its own row up to date, everybody may read all.

In PostgreSQL, because operators look when Redis is away.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import asyncpg

from rooms.operations.nodes import (
    FORGOTTEN_AFTER_S,
    NODES_LISTED_MAX,
    SILENT_AFTER_S,
    Kind,
    ListedNode,
    ListedRoom,
    NodeReport,
    NodeState,
    RoomPlace,
    RoomReport,
)

_FIGURES: Final = (
    "draining", "connections", "rooms", "jobs", "rss_bytes", "loop_lag_ms", "queue_bytes",
    "lag_events", "turn_ms_p50", "turn_ms_p99", "bus",
)  # fmt: skip

_SAY: Final = f"""
INSERT INTO nodes (node_id, name, kind, version, started_at, seen_at, {", ".join(_FIGURES)})
VALUES ($1, $2, $3, $4, $5, clock_timestamp(),
        {", ".join(f"${6 + place}" for place in range(len(_FIGURES)))})
ON CONFLICT (node_id) DO UPDATE SET seen_at = excluded.seen_at,
    {", ".join(f"{name} = excluded.{name}" for name in _FIGURES)}
"""

# What did not change is not written again: most rooms are quiet.
_SAY_ROOMS: Final = """
WITH gone AS (
    DELETE FROM node_rooms WHERE node_id = $1 AND show_id <> ALL ($2::uuid[])
)
INSERT INTO node_rooms AS old
       (node_id, show_id, connections, seq, lag_events, queue_bytes, turn_ms_p99)
SELECT $1, * FROM unnest($2::uuid[], $3::int[], $4::bigint[], $5::bigint[], $6::bigint[],
                         $7::float8[])
ON CONFLICT (node_id, show_id) DO UPDATE
   SET connections = excluded.connections, seq = excluded.seq,
       lag_events = excluded.lag_events, queue_bytes = excluded.queue_bytes,
       turn_ms_p99 = excluded.turn_ms_p99
 WHERE (old.connections, old.seq, old.lag_events, old.queue_bytes, old.turn_ms_p99)
       IS DISTINCT FROM (excluded.connections, excluded.seq, excluded.lag_events,
                         excluded.queue_bytes, excluded.turn_ms_p99)
"""

# The predecessor of a process that was killed has its name, and is silent.
_SWEEP: Final = """
DELETE FROM nodes
 WHERE seen_at < clock_timestamp() - make_interval(secs => $1)
    OR (name = $2 AND kind = $3 AND node_id <> $4
        AND seen_at < clock_timestamp() - make_interval(secs => $5))
"""

_STATE: Final = """
CASE WHEN seen_at < clock_timestamp() - make_interval(secs => $1) THEN 'silent'
     WHEN draining THEN 'draining' ELSE 'ready' END
"""

_NODES: Final = f"""
SELECT node_id, name, kind, version, started_at, seen_at, {", ".join(_FIGURES)},
       {_STATE} AS state
  FROM nodes ORDER BY kind, name, started_at LIMIT $2
"""

_COUNTS: Final = f"SELECT kind, {_STATE} AS state, count(*) AS n FROM nodes GROUP BY 1, 2"

_ROOMS: Final = """
SELECT r.node_id, r.show_id, r.connections, r.seq, r.lag_events, r.queue_bytes, r.turn_ms_p99,
       n.name, coalesce(s.slug, '') AS slug, coalesce(s.title, '') AS title
  FROM node_rooms r JOIN nodes n USING (node_id) LEFT JOIN shows s ON s.id = r.show_id
 WHERE ($1::text IS NULL OR n.name = $1)
   AND ($2::int IS NULL OR (-r.connections, r.show_id, r.node_id) > (-$2::int, $3::uuid, $4::uuid))
 ORDER BY r.connections DESC, r.show_id, r.node_id LIMIT $5
"""


class PostgresNodes:
    """Writes one process's row, and reads everybody's."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def say(self, report: NodeReport) -> None:
        """Brings the row, and those of the busiest rooms, up to date; forgets the long silent."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(
                _SAY,
                report.node_id,
                report.name,
                report.kind.value,
                report.version,
                report.started_at,
                *(getattr(report, name) for name in _FIGURES),
            )
            rooms = report.busiest
            if report.kind is Kind.WEB:
                await connection.execute(
                    _SAY_ROOMS,
                    report.node_id,
                    [room.show_id for room in rooms],
                    [room.connections for room in rooms],
                    [room.seq for room in rooms],
                    [room.lag_events for room in rooms],
                    [room.queue_bytes for room in rooms],
                    [room.turn_ms_p99 for room in rooms],
                )
        await self._pool.execute(
            _SWEEP,
            FORGOTTEN_AFTER_S,
            report.name,
            report.kind.value,
            report.node_id,
            SILENT_AFTER_S,
        )

    async def leave(self, node_id: str) -> None:
        """It ends properly, and is not listed any longer."""
        await self._pool.execute("DELETE FROM nodes WHERE node_id = $1", node_id)

    async def nodes(self) -> list[ListedNode]:
        """All that were heard of lately, `NODES_LISTED_MAX` at most, by kind and name."""
        rows = await self._pool.fetch(_NODES, SILENT_AFTER_S, NODES_LISTED_MAX)
        return [_node(row) for row in rows]

    async def counts(self) -> Counter[tuple[Kind, NodeState]]:
        """How many there are."""
        rows = await self._pool.fetch(_COUNTS, SILENT_AFTER_S)
        return Counter({(Kind(row["kind"]), NodeState(row["state"])): row["n"] for row in rows})

    async def rooms(
        self, node: str | None, after: RoomPlace | None, limit: int
    ) -> list[ListedRoom]:
        """Rooms and where they live, those with most connections first.

        Args:
            node: name of the only node that is asked about.
            after: where the page before ended.
        """
        rows = await self._pool.fetch(
            _ROOMS,
            node,
            after.connections if after else None,
            after.show_id if after else None,
            after.node_id if after else None,
            limit,
        )
        return [_room(row) for row in rows]


def _node(row: Any) -> ListedNode:
    report = NodeReport(
        node_id=str(row["node_id"]),
        name=row["name"],
        kind=Kind(row["kind"]),
        version=row["version"],
        started_at=row["started_at"],
        **{name: row[name] for name in _FIGURES},
    )
    return ListedNode(report, row["seen_at"], NodeState(row["state"]))


def _room(row: Any) -> ListedRoom:
    room = RoomReport(
        show_id=str(row["show_id"]),
        connections=row["connections"],
        seq=row["seq"],
        lag_events=row["lag_events"],
        queue_bytes=row["queue_bytes"],
        turn_ms_p99=row["turn_ms_p99"],
    )
    place = RoomPlace(room.connections, room.show_id, str(row["node_id"]))
    return ListedRoom(room, row["name"], place, row["slug"], row["title"])
