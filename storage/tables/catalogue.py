"""What there is to play, by whom and where, and what was learnt from it."""

from __future__ import annotations

from piccolo.columns import (
    Bytea,
    DoublePrecision,
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
from storage.tables.accounts import Account
from storage.tables.columns import created_now, one_of, primary_key


class Artist(Table, db=ENGINE, tablename="artists"):
    """Who performs. Two artists may share a name; ``source_id`` is what a source calls one."""

    id = primary_key()
    name = Varchar(length=200, default=None)
    normalised_name = Varchar(length=200, default=None)
    source_id = Text(default=None, null=True)
    claimed_by = ForeignKey(Account, default=None, null=True, on_delete=OnDelete.set_null)
    created_at = created_now()

    artists_source_id_unique = Unique(["source_id"])


class Claim(Table, db=ENGINE, tablename="claims"):
    """An account says that it is this artist. At most one open claim for each pair."""

    id = primary_key()
    artist_id = ForeignKey(Artist, default=None, null=False, on_delete=OnDelete.cascade)
    account_id = ForeignKey(Account, default=None, null=False, on_delete=OnDelete.cascade)
    status = Varchar(length=10, default="pending")
    evidence = Varchar(length=2000, default=None, null=True)
    created_at = created_now()
    decided_at = Timestamptz(default=None, null=True)
    decided_by = ForeignKey(Account, default=None, null=True, on_delete=OnDelete.set_null)

    status_known = one_of("status", ("pending", "approved", "rejected"))
    decided_with_time = Check("(status = 'pending') = (decided_at IS NULL)")


class Venue(Table, db=ENGINE, tablename="venues"):
    """Where. ``country`` is ISO 3166-1 alpha-2; ``lat``, ``lon``: its city's, in degrees."""

    id = primary_key()
    name = Varchar(length=200, default=None)
    city = Varchar(length=200, default=None, null=True)
    state = Varchar(length=100, default=None, null=True)
    country = Varchar(length=2, default=None, null=True)
    source_id = Text(default=None, null=True)
    created_at = created_now()
    lat = DoublePrecision(default=None, null=True)
    lon = DoublePrecision(default=None, null=True)

    venues_source_id_unique = Unique(["source_id"])


class Tour(Table, db=ENGINE, tablename="tours"):
    """A grouping of one artist's shows."""

    id = primary_key()
    artist_id = ForeignKey(Artist, default=None, null=False, on_delete=OnDelete.cascade)
    name = Varchar(length=200, default=None)
    source_id = Text(default=None, null=True)
    created_at = created_now()

    tours_source_id_unique = Unique(["source_id"])


class Song(Table, db=ENGINE, tablename="songs"):
    """A song of one artist's catalogue. ``reference`` is a source's own key of it."""

    id = primary_key()
    artist_id = ForeignKey(Artist, default=None, null=False, on_delete=OnDelete.cascade)
    title = Varchar(length=300, default=None)
    normalised_title = Varchar(length=300, default=None)
    album = Varchar(length=300, default=None, null=True)
    reference = Text(default=None, null=True)
    source_id = Text(default=None, null=True)
    created_at = created_now()

    songs_source_id_unique = Unique(["source_id"])


class SuggestionModel(Table, db=ENGINE, tablename="suggestion_models"):
    """The model trained on an artist's past shows. ``version`` is that of its format."""

    id = primary_key()
    artist_id = ForeignKey(Artist, default=None, null=False, on_delete=OnDelete.cascade)
    version = Integer(default=None)
    trained_at = created_now()
    shows = Integer(default=None)
    payload = Bytea(default=None)

    suggestion_models_artist_once = Unique(["artist_id"])
