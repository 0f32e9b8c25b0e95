"""A night by the minute. Created by SQL: see ``storage/migrations``."""

from __future__ import annotations

from piccolo.columns import UUID, Integer, Timestamptz
from piccolo.table import Table

from storage.engine import ENGINE


class HeadCount(Table, db=ENGINE, tablename="head_counts"):
    """The most people who were in a room within a minute. Key: (show_id, minute)."""

    show_id = UUID(primary_key=True, default=None)
    minute = Timestamptz(default=None)
    participants = Integer(default=None)
