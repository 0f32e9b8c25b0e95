"""What is kept about what was done: outbox, audit log, idempotency keys."""

from __future__ import annotations

from piccolo.columns import JSON, UUID, Bytea, Integer, SmallInt, Text, Timestamptz, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from storage.engine import ENGINE
from storage.tables.columns import created_now, primary_key


class OutboxEntry(Table, db=ENGINE, tablename="outbox"):
    """An effect that awaits delivery, written in the transaction of its cause.

    ``available_at``: when it is due; a worker that takes it pushes that forward as its lease.
    ``dead_at``: no try is left, and it is due at ``infinity``.
    """

    id = primary_key()
    show_id = UUID(default=None, null=True)
    kind = Varchar(length=64, default=None)
    dedupe_key = Text(default=None)
    payload = JSON(default=None)
    created_at = created_now()
    available_at = created_now()
    attempts = Integer(default=0)
    delivered_at = Timestamptz(default=None, null=True)
    dead_at = Timestamptz(default=None, null=True)
    last_error = Text(default=None, null=True)

    outbox_dedupe_key_unique = Unique(["dedupe_key"])


class AuditEntry(Table, db=ENGINE, tablename="audit_log"):
    """Who changed what, when, from what to what. Outlives what it tells of: no foreign keys."""

    id = primary_key()
    at = created_now()
    show_id = UUID(default=None, null=True)
    account_id = UUID(default=None, null=True)
    participant_id = UUID(default=None, null=True)
    action = Varchar(length=64, default=None)
    subject = Varchar(length=200, default=None)
    before = JSON(default=None, null=True)
    after = JSON(default=None, null=True)


class IdempotencyKey(Table, db=ENGINE, tablename="idempotency_keys"):
    """The answer to a POST that creates something, found again by its ``Idempotency-Key``.

    ``status`` and ``body`` are null while the first request is still at work.
    """

    id = primary_key()
    account_id = UUID(default=None)
    key = Varchar(length=255, default=None)
    operation = Varchar(length=300, default=None)
    request_hash = Bytea(default=None)
    status = SmallInt(default=None, null=True)
    content_type = Varchar(length=100, default=None, null=True)
    body = Bytea(default=None, null=True)
    created_at = created_now()
    completed_at = Timestamptz(default=None, null=True)

    idempotency_keys_key_unique = Unique(["account_id", "key"])
    answered_whole = Check("(status IS NULL) = (completed_at IS NULL)")


class Restore(Table, db=ENGINE, tablename="restores"):
    """This database was brought back from a backup. Until ``released_at`` nobody knows what went
    out between ``backup_at`` and ``restored_at``."""

    id = UUID(primary_key=True, default=None)
    backup_at = Timestamptz(default=None)
    restored_at = Timestamptz(default=None)
    released_at = Timestamptz(default=None, null=True)
