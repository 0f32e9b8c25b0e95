"""Jobs that ended badly, what brands were shown, which processes run. Created by SQL."""

from __future__ import annotations

from piccolo.columns import (
    JSON,
    UUID,
    BigInt,
    Boolean,
    Bytea,
    DoublePrecision,
    Integer,
    Text,
    Timestamptz,
)
from piccolo.table import Table

from storage.engine import ENGINE
from storage.tables.columns import primary_key


class DeadJob(Table, db=ENGINE, tablename="dead_jobs"):
    """A job that no worker will take again by itself.

    ``job_key`` is the job's id; of a recurring one its name, so that it has one row however
    often it fails. ``message`` is what would be sent again; of a malformed job there is only
    its ``payload``.
    """

    id = primary_key()
    job_key = Text(default=None)
    task = Text(default=None)
    priority = Text(default=None)
    reason = Text(default=None)
    message = JSON(default=None, null=True)
    payload = Bytea(default=None, null=True)
    error = Text(default=None)
    attempts = Integer(default=None)
    first_failed_at = Timestamptz(default=None)
    last_failed_at = Timestamptz(default=None)
    state = Text(default="dead")
    settled_at = Timestamptz(default=None, null=True)


class ReleasedFigures(Table, db=ENGINE, tablename="released_figures"):
    """The figures of a show that its brands were shown last (docs/decisions/reports.md)."""

    show_id = UUID(primary_key=True, default=None)
    released_at = Timestamptz(default=None)
    figures = JSON(default=None)


class NodeRow(Table, db=ENGINE, tablename="nodes"):
    """A web node or worker as it reported itself last (`rooms.operations.nodes`)."""

    node_id = UUID(primary_key=True, default=None)
    name = Text(default=None)
    kind = Text(default=None)
    version = Text(default=None)
    started_at = Timestamptz(default=None)
    seen_at = Timestamptz(default=None)
    draining = Boolean(default=None)
    connections = Integer(default=None)
    rooms = Integer(default=None)
    jobs = Integer(default=None)
    rss_bytes = BigInt(default=None)
    loop_lag_ms = DoublePrecision(default=None)
    queue_bytes = BigInt(default=None)
    lag_events = BigInt(default=None)
    turn_ms_p50 = DoublePrecision(default=None, null=True)
    turn_ms_p99 = DoublePrecision(default=None, null=True)
    bus = Text(default=None)


class NodeRoom(Table, db=ENGINE, tablename="node_rooms"):
    """One of the busiest rooms of a web node. Key: (node_id, show_id)."""

    node_id = UUID(primary_key=True, default=None)
    show_id = UUID(default=None)
    connections = Integer(default=None)
    seq = BigInt(default=None)
    lag_events = BigInt(default=None)
    queue_bytes = BigInt(default=None)
    turn_ms_p99 = DoublePrecision(default=None, null=True)
