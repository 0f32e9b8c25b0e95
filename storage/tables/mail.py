"""Mail. All created by SQL: see ``storage/migrations/m0019_mail.py``."""

from __future__ import annotations

from piccolo.columns import JSON, UUID, Bytea, SmallInt, Text, Timestamptz
from piccolo.table import Table

from storage.engine import ENGINE


class MailRecipient(Table, db=ENGINE, tablename="mail_recipients"):
    """What is known of an account's address. ``daily_at``, ``weekly_at``: the next digests; none:
    nothing is wanted so."""

    account_id = UUID(primary_key=True, default=None)
    language = Text(default=None, null=True)
    verified_address = Text(default=None, null=True)
    verified_at = Timestamptz(default=None, null=True)
    daily_at = Timestamptz(default=None, null=True)
    weekly_at = Timestamptz(default=None, null=True)


class MailPreference(Table, db=ENGINE, tablename="mail_preferences"):
    """How often somebody wants a type. Key: (account_id, kind)."""

    account_id = UUID(primary_key=True, default=None)
    kind = Text(default=None)
    frequency = Text(default=None)
    source = Text(default=None)
    changed_at = Timestamptz(default=None)


class MailSequence(Table, db=ENGINE, tablename="mail_sequence"):
    """Which welcome comes next, and when."""

    account_id = UUID(primary_key=True, default=None)
    next_step = SmallInt(default=None)
    due_at = Timestamptz(default=None)


class MailCollected(Table, db=ENGINE, tablename="mail_collected"):
    """What waits for a digest, or went out with one (``digest_id``: that message)."""

    id = UUID(primary_key=True, default=None)
    account_id = UUID(default=None)
    frequency = Text(default=None)
    kind = Text(default=None)
    show_id = UUID(default=None)
    payload = JSON(default=None)
    created_at = Timestamptz(default=None)
    digest_id = UUID(default=None, null=True)


class MailSuppression(Table, db=ENGINE, tablename="mail_suppressions"):
    """An address that nothing goes to, until it is proven again (``lifted_at``)."""

    address_hash = Bytea(primary_key=True, default=None)
    reason = Text(default=None)
    source = Text(default=None)
    since = Timestamptz(default=None)
    lifted_at = Timestamptz(default=None, null=True)


class MailBounce(Table, db=ENGINE, tablename="mail_bounces"):
    """What somebody reported of a mail. ``report``: the report's own name."""

    report = Text(primary_key=True, default=None)
    address_hash = Bytea(default=None)
    verdict = Text(default=None)
    status = Text(default=None, null=True)
    message_id = UUID(default=None, null=True)
    received_at = Timestamptz(default=None)


class MailHanded(Table, db=ENGINE, tablename="mail_handed"):
    """A mail whose last byte was about to be sent."""

    message_id = UUID(primary_key=True, default=None)
    at = Timestamptz(default=None)
