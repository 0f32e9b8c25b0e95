"""Leases in the outbox, and what becomes of a night that is over.

A performance may now be without a song: an archived show has its whole list, also while somebody
looks for the song of a title. Columns are nullable and without defaults, and a check on some
90,000 performances takes milliseconds: no table is rewritten. What needs these columns (indices,
the trigger) is the next migration, because Piccolo adds columns last.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import UUID, ForeignKey, Text, Timestamptz, Varchar
from piccolo.constraints import Check

from storage.added_columns import add_column
from storage.engine import ENGINE

ID = "2026-11-21T17:52:00:000007"
VERSION = "1.38.0"
DESCRIPTION = "Leases in the outbox, song reviews and statistics"

TABLES = """
CREATE TABLE archived_nights (
    show_id uuid PRIMARY KEY REFERENCES shows (id) ON DELETE CASCADE,
    seq bigint NOT NULL,
    derived_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE song_reviews (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    show_id uuid NOT NULL REFERENCES shows (id) ON DELETE CASCADE,
    entry_id text NOT NULL CHECK (length(entry_id) BETWEEN 1 AND 64),
    artist_id uuid REFERENCES artists (id) ON DELETE RESTRICT,
    title text NOT NULL,
    original_artist text,
    reason text NOT NULL,
    candidates json NOT NULL,
    status text NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'matched', 'created', 'dismissed', 'withdrawn')),
    song_id uuid REFERENCES songs (id) ON DELETE RESTRICT,
    note text,
    created_at timestamptz NOT NULL DEFAULT now(),
    decided_at timestamptz,
    decided_by uuid REFERENCES accounts (id) ON DELETE SET NULL,
    CONSTRAINT one_review_per_entry UNIQUE (show_id, entry_id),
    CONSTRAINT decided_with_song CHECK ((status IN ('matched', 'created')) = (song_id IS NOT NULL)),
    CONSTRAINT decided_with_time CHECK (
        (status IN ('pending', 'withdrawn')) = (decided_at IS NULL))
);
CREATE INDEX song_reviews_status ON song_reviews (status, id);
CREATE INDEX song_reviews_artist ON song_reviews (artist_id) WHERE artist_id IS NOT NULL;
CREATE INDEX song_reviews_song ON song_reviews (song_id) WHERE song_id IS NOT NULL;
CREATE INDEX song_reviews_decided_by ON song_reviews (decided_by) WHERE decided_by IS NOT NULL;

CREATE TABLE song_statistics (
    artist_id uuid NOT NULL REFERENCES artists (id) ON DELETE CASCADE,
    song_id uuid NOT NULL REFERENCES songs (id) ON DELETE CASCADE,
    times_played integer NOT NULL CHECK (times_played >= 1),
    shows_played integer NOT NULL,
    first_show_id uuid NOT NULL,
    first_played_at timestamptz NOT NULL,
    last_show_id uuid NOT NULL,
    last_played_at timestamptz NOT NULL,
    last_place text NOT NULL CHECK (last_place IN ('opener', 'closer', 'encore', 'set')),
    times_opened integer NOT NULL,
    times_closed integer NOT NULL,
    times_encored integer NOT NULL,
    gap_shows integer NOT NULL CHECK (gap_shows >= 0),
    PRIMARY KEY (artist_id, song_id)
) WITH (fillfactor = 80);
CREATE INDEX song_statistics_song ON song_statistics (song_id);
"""


async def forwards() -> MigrationManager:
    """Adds tables and columns."""
    manager = MigrationManager(migration_id=ID, app_name="setroom", description=DESCRIPTION)

    add_column(manager, "OutboxEntry", "outbox", "dead_at", Timestamptz)
    add_column(manager, "Performance", "performances", "performer_id", UUID)
    add_column(manager, "Performance", "performances", "original_artist", Varchar, length=200)
    for name in ("guests", "note"):
        add_column(manager, "Performance", "performances", name, Text)
    add_column(manager, "Performance", "performances", "started_at", Timestamptz)
    manager.alter_column(
        table_class_name="Performance",
        tablename="performances",
        column_name="song_id",
        db_column_name="song_id",
        params={"null": True},
        old_params={"null": False},
        column_class=ForeignKey,
        old_column_class=ForeignKey,
        schema=None,
    )
    manager.add_constraint(
        table_class_name="Performance",
        tablename="performances",
        constraint_name="performances_named",
        constraint_class=Check,
        params={"condition": "song_id IS NOT NULL OR printed_title IS NOT NULL"},
        schema=None,
    )

    async def run() -> None:
        await ENGINE.run_script(TABLES)

    manager.add_raw(run)
    return manager
