"""The sandbox carrier's tables. All created by SQL: see ``storage/migrations``."""

from __future__ import annotations

from piccolo.columns import UUID, BigInt, Boolean, Bytea, Integer, Text, Timestamptz
from piccolo.table import Table

from storage.engine import ENGINE


class SandboxPhone(Table, db=ENGINE, tablename="sandbox_phones"):
    """A simulated phone of one account, with a number that is kept for fiction."""

    id = UUID(primary_key=True, default=None)
    account_id = UUID(default=None)
    channel = Text(default=None)
    number = Text(default=None)
    country = Text(default=None)
    name = Text(default=None)
    crowd = Boolean(default=False)
    switched_off = Boolean(default=False)
    carrier_opt_out = Boolean(default=False)
    opted_out_at = Timestamptz(default=None, null=True)
    created_at = Timestamptz(default=None)


class SandboxMessage(Table, db=ENGINE, tablename="sandbox_messages"):
    """A text that the sandbox carried. ``due_at``: when its status changes next."""

    sid = Text(primary_key=True, default=None)
    phone_id = UUID(default=None, null=True)
    direction = Text(default=None)
    sender = Text(default=None)
    recipient = Text(default=None)
    body = Text(default=None)
    segments = Integer(default=None)
    status = Text(default=None)
    error_code = Integer(default=None, null=True)
    status_callback = Text(default=None, null=True)
    answers = Text(default=None, null=True)
    created_at = Timestamptz(default=None)
    updated_at = Timestamptz(default=None)
    sent_at = Timestamptz(default=None, null=True)
    due_at = Timestamptz(default=None, null=True)
    version = BigInt(default=None)


class SandboxMail(Table, db=ENGINE, tablename="sandbox_mail"):
    """A mail that nobody sent. ``content``: as it would have gone out (RFC 5322)."""

    id = UUID(primary_key=True, default=None)
    sender = Text(default=None)
    recipient = Text(default=None)
    subject = Text(default=None)
    content = Bytea(default=None)
    show_id = UUID(default=None, null=True)
    created_at = Timestamptz(default=None)
