"""Phones and what they text. All created by SQL: see ``storage/migrations/m0017_phones.py``."""

from __future__ import annotations

from piccolo.columns import JSON, UUID, Bytea, Text, Timestamptz
from piccolo.table import Table

from storage.engine import ENGINE


class Phone(Table, db=ENGINE, tablename="phones"):
    """A number (E.164) on one channel. ``account_id``: whose it is, at first a guest of its own.

    ``number_hash`` is keyed; suppressions know the number by it alone.
    """

    id = UUID(primary_key=True, default=None)
    channel = Text(default=None)
    number = Text(default=None, secret=True)
    number_hash = Bytea(default=None, secret=True)
    account_id = UUID(default=None)
    language = Text(default=None)
    created_at = Timestamptz(default=None)


class PhoneAttendance(Table, db=ENGINE, tablename="phone_attendances"):
    """A phone at one show, as the attendee that it came as (``attendees.merged_into`` says who
    it turned out to be). Key: (phone_id, show_id). ``state``: DOMAIN "SMS"."""

    phone_id = UUID(primary_key=True, default=None)
    attendee_id = UUID(default=None)
    show_id = UUID(default=None)
    state = Text(default=None)
    joined_at = Timestamptz(default=None)
    confirmed_at = Timestamptz(default=None, null=True)


class Consent(Table, db=ENGINE, tablename="consents"):
    """What somebody agreed to or refused, by which wording. Only ever added to."""

    id = UUID(primary_key=True, default=None)
    phone_id = UUID(default=None)
    show_id = UUID(default=None, null=True)
    kind = Text(default=None)
    wording_version = Text(default=None)
    language = Text(default=None)
    source = Text(default=None)
    at = Timestamptz(default=None)


class Suppression(Table, db=ENGINE, tablename="suppressions"):
    """A number that a sender must not text. In force while ``lifted_at`` is null."""

    sender = Text(primary_key=True, default=None)
    channel = Text(default=None)
    number_hash = Bytea(default=None, secret=True)
    since = Timestamptz(default=None)
    source = Text(default=None)
    lifted_at = Timestamptz(default=None, null=True)


class SmsInbound(Table, db=ENGINE, tablename="sms_inbound"):
    """A text that came in, the route it took, and what it was answered."""

    message_sid = Text(primary_key=True, default=None)
    sender = Text(default=None)
    channel = Text(default=None)
    phone_id = UUID(default=None, null=True)
    show_id = UUID(default=None, null=True)
    participant_id = UUID(default=None, null=True)
    received_at = Timestamptz(default=None)
    body = Text(default=None, null=True, secret=True)
    opt_out_type = Text(default=None, null=True)
    route = JSON(default=None)
    twiml = Text(default=None, null=True)


class ConfirmCode(Table, db=ENGINE, tablename="confirm_codes"):
    """A code that an attendee of the app texts to prove its phone. One per attendee."""

    code_hash = Bytea(primary_key=True, default=None, secret=True)
    attendee_id = UUID(default=None)
    show_id = UUID(default=None)
    created_at = Timestamptz(default=None)
    expires_at = Timestamptz(default=None)
    used_at = Timestamptz(default=None, null=True)


class ConfirmLink(Table, db=ENGINE, tablename="confirm_links"):
    """The link in a text that confirms a phone's attendee, and says who it is."""

    token_hash = Bytea(primary_key=True, default=None, secret=True)
    phone_id = UUID(default=None)
    attendee_id = UUID(default=None)
    show_id = UUID(default=None)
    created_at = Timestamptz(default=None)
    expires_at = Timestamptz(default=None)
    used_at = Timestamptz(default=None, null=True)
