"""Shows and who stands behind them: line-up, crew, invitations."""

from __future__ import annotations

from piccolo.columns import (
    Boolean,
    Bytea,
    Date,
    ForeignKey,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from rooms.show import Access, ShowStatus
from storage.engine import ENGINE
from storage.tables.accounts import ROLES, Account
from storage.tables.catalogue import Artist, Tour, Venue
from storage.tables.columns import created_now, one_of, primary_key

CREW_ROLES = ("artist", "moderator", "admin", "curator", "brand")


class Show(Table, db=ENGINE, tablename="shows"):
    """A concert. One from an archive has a source and no owner.

    A trigger lets ``status`` make only the legal transitions, and sets ``status_changed_at``.
    """

    id = primary_key()
    owner_id = ForeignKey(Account, default=None, null=True, on_delete=OnDelete.restrict)
    slug = Varchar(length=120, default=None)
    title = Varchar(length=300, default=None)
    status = Varchar(length=10, default="draft")
    access = Varchar(length=8, default="public")
    starts_at = Timestamptz(default=None)
    ends_at = Timestamptz(default=None, null=True)
    date = Date(default=None, null=True)
    date_precision = Varchar(length=5, default="day")
    join_code = Varchar(length=12, default=None, null=True)
    venue_id = ForeignKey(Venue, default=None, null=True, on_delete=OnDelete.restrict)
    tour_id = ForeignKey(Tour, default=None, null=True, on_delete=OnDelete.set_null)
    source = Varchar(length=40, default=None, null=True)
    source_id = Text(default=None, null=True)
    takes_sms = Boolean(default=False)
    check_in_secret = Bytea(default=None, null=True, secret=True)
    version = Integer(default=1)
    created_at = created_now()
    updated_at = created_now()
    status_changed_at = created_now()

    shows_slug_unique = Unique(["slug"])
    shows_join_code_unique = Unique(["join_code"])
    shows_source_id_unique = Unique(["source_id"])
    status_known = one_of("status", (status.value for status in ShowStatus))
    access_known = one_of("access", (access.value for access in Access))
    date_precision_known = one_of("date_precision", ("day", "month"))
    ends_after_start = Check("ends_at > starts_at")
    has_origin = Check("owner_id IS NOT NULL OR source_id IS NOT NULL")
    slug_readable = Check("slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'")


class LineUp(Table, db=ENGINE, tablename="line_up"):
    """An artist at a show. ``status`` is that of the invitation to perform."""

    id = primary_key()
    show_id = ForeignKey(Show, default=None, null=False, on_delete=OnDelete.cascade)
    artist_id = ForeignKey(Artist, default=None, null=False, on_delete=OnDelete.restrict)
    billing = Varchar(length=10, default="headliner")
    position = SmallInt(default=1)
    status = Varchar(length=10, default="proposed")
    created_at = created_now()

    line_up_artist_once = Unique(["show_id", "artist_id"])
    billing_known = one_of("billing", ("headliner", "support", "guest"))
    status_known = one_of("status", ("proposed", "invited", "accepted", "declined"))


class Crew(Table, db=ENGINE, tablename="crew"):
    """Who drives a show besides its owner."""

    id = primary_key()
    show_id = ForeignKey(Show, default=None, null=False, on_delete=OnDelete.cascade)
    account_id = ForeignKey(Account, default=None, null=False, on_delete=OnDelete.cascade)
    role = Varchar(length=16, default="moderator")
    created_at = created_now()

    crew_account_once = Unique(["show_id", "account_id"])
    role_known = one_of("role", CREW_ROLES)


class Invitation(Table, db=ENGINE, tablename="invitations"):
    """A token that lets whoever holds it join a line-up, a crew or an audience, once."""

    id = primary_key()
    show_id = ForeignKey(Show, default=None, null=False, on_delete=OnDelete.cascade)
    line_up_id = ForeignKey(LineUp, default=None, null=True, on_delete=OnDelete.cascade)
    kind = Varchar(length=10, default=None)
    role = Varchar(length=16, default=None, null=True)
    email = Varchar(length=254, default=None, null=True)
    token_hash = Bytea(default=None, secret=True)
    status = Varchar(length=10, default="pending")
    invited_by = ForeignKey(Account, default=None, null=True, on_delete=OnDelete.set_null)
    created_at = created_now()
    expires_at = Timestamptz(default=None)
    answered_at = Timestamptz(default=None, null=True)
    answered_by = ForeignKey(Account, default=None, null=True, on_delete=OnDelete.set_null)

    invitations_token_hash_unique = Unique(["token_hash"])
    kind_known = one_of("kind", ("artist", "crew", "attendee"))
    role_known = one_of("role", ROLES)
    status_known = one_of("status", ("pending", "accepted", "declined", "withdrawn"))
    artist_has_place = Check("(kind = 'artist') = (line_up_id IS NOT NULL)")
    answered_with_time = Check("(status IN ('accepted', 'declined')) <= (answered_at IS NOT NULL)")
    expires_after_creation = Check("expires_at > created_at")
