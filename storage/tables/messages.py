"""Messages and broadcasts. All created by SQL: see ``storage/migrations/m0018_messages.py``."""

from __future__ import annotations

from piccolo.columns import (
    JSON,
    UUID,
    Array,
    BigInt,
    Boolean,
    Date,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
)
from piccolo.table import Table

from storage.engine import ENGINE


class Broadcast(Table, db=ENGINE, tablename="broadcasts"):
    """One message to many. ``expanded_channel`` (place in ``channels``) and ``expanded_through``
    (the last attendee) say how far it has been turned into messages; ``expires_at``: what has not
    gone by then does not go."""

    id = UUID(primary_key=True, default=None)
    show_id = UUID(default=None)
    round_id = UUID(default=None, null=True)
    kind = Text(default=None)
    state = Text(default=None)
    channels = Array(base_column=Text(), default=None)
    texts = JSON(default=None)
    audience = JSON(default=None)
    dedupe_key = Text(default=None)
    created_by = UUID(default=None, null=True)
    created_at = Timestamptz(default=None)
    send_at = Timestamptz(default=None)
    expires_at = Timestamptz(default=None, null=True)
    recipients = Integer(default=0)
    segments = Integer(default=0)
    cost_micros = BigInt(default=0)
    cost_currency = Text(default=None)
    expanded_channel = SmallInt(default=0)
    expanded_through = UUID(default=None, null=True)
    expanded_at = Timestamptz(default=None, null=True)
    due_at = Timestamptz(default=None)
    finished_at = Timestamptz(default=None, null=True)


class Message(Table, db=ENGINE, tablename="messages"):
    """One text or mail to one person. Its address is the phone's or the account's; ``address`` is
    given only where it is another one. ``lease`` tells leases apart; ``handed_at``: the carrier
    may have it; ``held``: its broadcast is paused."""

    id = UUID(primary_key=True, default=None)
    show_id = UUID(default=None, null=True)
    broadcast_id = UUID(default=None, null=True)
    round_id = UUID(default=None, null=True)
    attendee_id = UUID(default=None, null=True)
    phone_id = UUID(default=None, null=True)
    account_id = UUID(default=None, null=True)
    kind = Text(default=None)
    channel = Text(default=None)
    sender = Text(default=None)
    address = Text(default=None, null=True, secret=True)
    language = Text(default=None)
    body = Text(default=None, null=True, secret=True)
    payload = JSON(default=None, null=True, secret=True)
    segments = SmallInt(default=0)
    dedupe_key = Text(default=None)
    priority = SmallInt(default=None)
    state = Text(default="queued")
    reason = Text(default=None, null=True)
    error_code = Text(default=None, null=True)
    carrier_id = Text(default=None, null=True)
    held = Boolean(default=False)
    created_at = Timestamptz(default=None)
    due_at = Timestamptz(default=None)
    expires_at = Timestamptz(default=None, null=True)
    lease = Integer(default=0)
    attempts = SmallInt(default=0)
    handed_at = Timestamptz(default=None, null=True)
    sent_at = Timestamptz(default=None, null=True)
    delivered_at = Timestamptz(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)


class MessageStep(Table, db=ENGINE, tablename="message_history"):
    """One step of a message's life. Key: (message_id, step)."""

    message_id = UUID(primary_key=True, default=None)
    step = SmallInt(default=None)
    state = Text(default=None)
    reason = Text(default=None, null=True)
    error_code = Text(default=None, null=True)
    attempt = SmallInt(default=None)
    at = Timestamptz(default=None)


class CarrierCallback(Table, db=ENGINE, tablename="carrier_callbacks"):
    """What a carrier said of a message that nobody here knows yet. Key: (carrier_id, status)."""

    carrier_id = Text(primary_key=True, default=None)
    status = Text(default=None)
    error_code = Text(default=None, null=True)
    received_at = Timestamptz(default=None)


class CarrierReconciliation(Table, db=ENGINE, tablename="carrier_reconciliations"):
    """The comparison of one day's messages with the carrier's list of them."""

    id = UUID(primary_key=True, default=None)
    sender = Text(default=None)
    day = Date(default=None)
    ran_at = Timestamptz(default=None)
    listed = Integer(default=None)
    matched = Integer(default=None)
    mended = Integer(default=None)
    absent = Integer(default=None)
    foreign_ones = Integer(default=None)
    complete = Boolean(default=None)
    differences = JSON(default=None)
