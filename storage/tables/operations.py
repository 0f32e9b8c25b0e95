"""Jobs that ended badly, and what brands were shown. Created by SQL: ``storage/migrations``."""

from __future__ import annotations

from piccolo.columns import JSON, UUID, Bytea, Integer, Text, Timestamptz
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
