"""How reliable people's ratings were. All created by SQL: see ``storage/migrations``."""

from __future__ import annotations

from piccolo.columns import (
    UUID,
    BigInt,
    Boolean,
    DoublePrecision,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
)
from piccolo.table import Table

from storage.engine import ENGINE


class Reputation(Table, db=ENGINE, tablename="reputations"):
    """Agreements and disagreements of one account, decayed until ``as_of``."""

    account_id = UUID(primary_key=True, default=None)
    agreements = DoublePrecision(default=None)
    disagreements = DoublePrecision(default=None)
    as_of = Timestamptz(default=None)
    rule_version = Integer(default=None)


class Settlement(Table, db=ENGINE, tablename="settlements"):
    """One settled rating. Key: (account_id, show_id, entry_id). ``source``: who settled it."""

    account_id = UUID(primary_key=True, default=None)
    show_id = UUID(default=None)
    entry_id = Text(default=None)
    title = Text(default=None)
    value = SmallInt(default=None)
    agreed = Boolean(default=None)
    rated_at = Timestamptz(default=None)
    settled_at = Timestamptz(default=None)
    source = Text(default=None)
    rule_version = Integer(default=None)


class AccountCluster(Table, db=ENGINE, tablename="account_clusters"):
    """The correlated cluster that an account was found in last, and in which show."""

    account_id = UUID(primary_key=True, default=None)
    cluster = Text(default=None)
    found_in = UUID(default=None)
    found_at = Timestamptz(default=None)


class EntryVerdict(Table, db=ENGINE, tablename="entry_verdicts"):
    """What a source says of one entry. Key: (show_id, account_id, command_id).

    ``title`` and ``song_id``: of what stood in the entry when it was said.
    """

    show_id = UUID(primary_key=True, default=None)
    account_id = UUID(default=None)
    command_id = Text(default=None)
    entry_id = Text(default=None)
    title = Text(default=None)
    song_id = Text(default=None, null=True)
    played = Boolean(default=None)
    source = Text(default=None)
    at = Timestamptz(default=None)


class RatingRefresh(Table, db=ENGINE, tablename="rating_refreshes"):
    """When the weights in a show's ratings were computed last, from which state of its room."""

    show_id = UUID(primary_key=True, default=None)
    refreshed_at = Timestamptz(default=None)
    state_version = BigInt(default=None)
    rule_version = Integer(default=None)
