"""Who somebody is: accounts (guests too) and their sessions."""

from __future__ import annotations

from piccolo.columns import (
    JSON,
    UUID,
    Boolean,
    Bytea,
    ForeignKey,
    Integer,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from storage.engine import ENGINE
from storage.tables.columns import created_now, one_of, primary_key

ROLES = ("fan", "artist", "moderator", "curator", "brand", "admin", "developer")


class Account(Table, db=ENGINE, tablename="accounts"):
    """A person. A guest has no e-mail address and no password until it is upgraded.

    The e-mail address is unique without regard to case (an index on ``lower(email)``).
    """

    id = primary_key()
    kind = Varchar(length=8, default="user")
    role = Varchar(length=16, default="fan")
    email = Varchar(length=254, default=None, null=True)
    password_hash = Text(default=None, null=True, secret=True)
    display_name = Varchar(length=60, default=None)
    created_at = created_now()
    updated_at = created_now()
    upgraded_at = Timestamptz(default=None, null=True)
    disabled_at = Timestamptz(default=None, null=True)
    language = Varchar(length=16, default=None, null=True)
    home_city = JSON(default=None, null=True)
    show_name = Boolean(default=True)
    show_presence = Boolean(default=True)
    remember_rooms = Boolean(default=True)
    deleted_at = Timestamptz(default=None, null=True)

    kind_known = one_of("kind", ("user", "guest"))
    role_known = one_of("role", ROLES)
    user_has_credentials = Check(
        "CASE kind WHEN 'user' THEN email IS NOT NULL AND password_hash IS NOT NULL "
        "ELSE email IS NULL AND password_hash IS NULL END"
    )
    display_name_present = Check("length(btrim(display_name)) > 0")


class Session(Table, db=ENGINE, tablename="sessions"):
    """One family of refresh tokens, rotated at each use.

    ``previous_hash`` is the token before the current one: whoever presents it uses a token
    twice. Only hashes are kept.
    """

    id = primary_key()
    account_id = ForeignKey(Account, default=None, null=False, on_delete=OnDelete.cascade)
    token_hash = Bytea(default=None, secret=True)
    previous_hash = Bytea(default=None, null=True, secret=True)
    generation = Integer(default=1)
    device_label = Varchar(length=120, default=None, null=True)
    device_id = UUID(default=None, null=True)
    created_at = created_now()
    last_used_at = created_now()
    rotated_at = Timestamptz(default=None, null=True)
    expires_at = Timestamptz(default=None)
    revoked_at = Timestamptz(default=None, null=True)
    revoked_reason = Varchar(length=32, default=None, null=True)

    sessions_token_hash_unique = Unique(["token_hash"])
    generation_from_one = Check("generation >= 1")
    expires_after_creation = Check("expires_at > created_at")
    revoked_with_reason = Check("(revoked_at IS NULL) = (revoked_reason IS NULL)")
