"""Who is admitted to a show's room, and the tickets that open its socket."""

from __future__ import annotations

from piccolo.columns import UUID, Boolean, ForeignKey, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from storage.engine import ENGINE
from storage.tables.accounts import ROLES, Account, Session
from storage.tables.columns import created_now, one_of, primary_key
from storage.tables.shows import Show


class Attendee(Table, db=ENGINE, tablename="attendees"):
    """One account in one show's room: its participant, crew included.

    ``id`` is the participant's id. ``admitted`` is false for who watches a hybrid show freely.
    ``merged_into``: the attendee of the account that this guest signed in to, where that account
    was in the room already; what the guest did is the account's.
    """

    id = primary_key()
    show_id = ForeignKey(Show, default=None, null=False, on_delete=OnDelete.cascade)
    account_id = ForeignKey(Account, default=None, null=False, on_delete=OnDelete.cascade)
    role = Varchar(length=16, default="fan")
    display_name = Varchar(length=60, default=None)
    admitted = Boolean(default=True)
    joined_at = created_now()
    removed_at = Timestamptz(default=None, null=True)
    device_id = UUID(default=None, null=True)
    checked_in_at = Timestamptz(default=None, null=True)
    phone_confirmed_at = Timestamptz(default=None, null=True)
    merged_into = UUID(default=None, null=True)

    attendees_account_once = Unique(["show_id", "account_id"])
    role_known = one_of("role", ROLES)
    display_name_present = Check("length(btrim(display_name)) > 0")


class Ticket(Table, db=ENGINE, tablename="tickets"):
    """Opens a socket: first within a minute, then for its participant until ``expires_at``.

    ``first_use_by`` bounds the first use; ``revoked_at`` or a revoked session end it at once.
    """

    id = primary_key()
    show_id = ForeignKey(Show, default=None, null=False, on_delete=OnDelete.cascade)
    participant_id = ForeignKey(Attendee, default=None, null=False, on_delete=OnDelete.cascade)
    account_id = ForeignKey(Account, default=None, null=False, on_delete=OnDelete.cascade)
    session_id = ForeignKey(Session, default=None, null=True, on_delete=OnDelete.cascade)
    created_at = created_now()
    first_use_by = Timestamptz(default=None)
    first_used_at = Timestamptz(default=None, null=True)
    expires_at = Timestamptz(default=None)
    revoked_at = Timestamptz(default=None, null=True)

    expires_after_first_use = Check("expires_at >= first_use_by")
