"""Timed votes: rounds, ballots, tallies."""

from __future__ import annotations

from piccolo.columns import (
    JSON,
    JSONB,
    UUID,
    BigInt,
    ForeignKey,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete
from piccolo.constraints import Check
from piccolo.table import Table

from storage.engine import ENGINE
from storage.tables.columns import created_now, one_of, primary_key
from storage.tables.shows import Show

ROUND_STATUSES = ("draft", "open", "grace", "closed", "revealed", "superseded", "cancelled")


class Round(Table, db=ENGINE, tablename="rounds"):
    """A timed vote. ``version`` is the room's ``state_version`` at its last change."""

    id = primary_key()
    show_id = ForeignKey(Show, default=None, null=False, on_delete=OnDelete.cascade)
    config = JSON(default=None)
    config_hash = Varchar(length=64, default=None)
    status = Varchar(length=10, default="draft")
    position = Integer(default=0)
    opened_at = Timestamptz(default=None, null=True)
    closes_at = Timestamptz(default=None, null=True)
    closed_at = Timestamptz(default=None, null=True)
    result = JSON(default=None, null=True)
    seed = Text(default=None, null=True, secret=True)
    runoff_of = UUID(default=None, null=True)
    stage_of = UUID(default=None, null=True)
    stage = Integer(default=1)
    supersedes = UUID(default=None, null=True)
    superseded_by = UUID(default=None, null=True)
    held_until = Timestamptz(default=None, null=True)
    version = BigInt(default=0)
    created_at = created_now()

    status_known = one_of("status", ROUND_STATUSES)
    open_has_time = Check("status NOT IN ('open', 'grace') OR opened_at IS NOT NULL")


class Ballot(Table, db=ENGINE, tablename="ballots"):
    """One participant's current choice in a round. Key: (round_id, participant_id)."""

    round_id = UUID(primary_key=True, default=None)
    participant_id = UUID(default=None)
    picks = JSONB(default=None)
    pattern = Text(default=None)
    voter_class = Text(default=None)
    cast_at = Timestamptz(default=None)
    version = BigInt(default=None)


class BallotDevice(Table, db=ENGINE, tablename="ballot_devices"):
    """Whose ballot a device cast, in rounds of one ballot a device. Key: (round_id, device_id)."""

    round_id = UUID(primary_key=True, default=None)
    device_id = UUID(default=None)
    participant_id = UUID(default=None)


class Stance(Table, db=ENGINE, tablename="stances"):
    """A participant's upvote or rating. Key: (show_id, participant_id, kind, subject)."""

    show_id = UUID(primary_key=True, default=None)
    participant_id = UUID(default=None)
    kind = Text(default=None)
    subject = Text(default=None)
    value = SmallInt(default=None)
    voter_class = Text(default=None)
    cast_at = Timestamptz(default=None)
    version = BigInt(default=None)


class StanceCount(Table, db=ENGINE, tablename="stance_counts"):
    """How many people have one stance. Key: (show_id, kind, subject, value, voter_class)."""

    show_id = UUID(primary_key=True, default=None)
    kind = Text(default=None)
    subject = Text(default=None)
    value = SmallInt(default=None)
    voter_class = Text(default=None)
    people = Integer(default=None)
    version = BigInt(default=None)


class Tally(Table, db=ENGINE, tablename="tallies"):
    """How many ballots show one pattern of picks. Key: (round_id, pattern, voter_class)."""

    round_id = UUID(primary_key=True, default=None)
    pattern = Text(default=None)
    voter_class = Text(default=None)
    ballots = Integer(default=None)
    version = BigInt(default=None)
