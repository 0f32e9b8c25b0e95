"""Screens at a show. All created by SQL: see ``storage/migrations``."""

from __future__ import annotations

from piccolo.columns import UUID, Bytea, Text, Timestamptz
from piccolo.table import Table

from storage.engine import ENGINE


class Display(Table, db=ENGINE, tablename="displays"):
    """A tablet on an amp (``stage``) or the venue's projector (``big_screen``)."""

    id = UUID(primary_key=True, default=None)
    show_id = UUID(default=None)
    kind = Text(default=None)
    name = Text(default=None)
    token_hash = Bytea(default=None, secret=True)
    made_by = UUID(default=None, null=True)
    created_at = Timestamptz(default=None)
    last_seen_at = Timestamptz(default=None, null=True)
    revoked_at = Timestamptz(default=None, null=True)
    revoked_by = UUID(default=None, null=True)


class DisplayTicket(Table, db=ENGINE, tablename="display_tickets"):
    """Opens a display's connection: first within a minute, then until ``expires_at``."""

    id = UUID(primary_key=True, default=None)
    display_id = UUID(default=None)
    created_at = Timestamptz(default=None)
    first_use_by = Timestamptz(default=None)
    first_used_at = Timestamptz(default=None, null=True)
    expires_at = Timestamptz(default=None)
