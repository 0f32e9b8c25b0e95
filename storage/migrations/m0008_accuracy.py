"""Reputations, settled ratings, clusters, and what sources say of single entries.

Everything here can be computed anew from the log, the ratings and ``entry_verdicts``; so rows
carry the version of the rule that made them. An account takes its rows along; a show's rows go
with the show. The index on devices holds devices only: at the time of this migration there are
next to none.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from storage.engine import ENGINE

ID = "2026-11-21T17:53:01:000008"
VERSION = "1.38.0"
DESCRIPTION = "Reputations, settled ratings and clusters"

TABLES = """
CREATE TABLE reputations (
    account_id uuid PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    agreements double precision NOT NULL CHECK (agreements >= 0),
    disagreements double precision NOT NULL CHECK (disagreements >= 0),
    as_of timestamptz NOT NULL,
    rule_version integer NOT NULL
);
CREATE INDEX reputations_rule ON reputations (rule_version, account_id);

CREATE TABLE settlements (
    account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    show_id uuid NOT NULL REFERENCES shows (id) ON DELETE CASCADE,
    entry_id text COLLATE "C" NOT NULL CHECK (length(entry_id) BETWEEN 1 AND 64),
    title text NOT NULL,
    value smallint NOT NULL CHECK (value IN (-1, 1)),
    agreed boolean NOT NULL,
    rated_at timestamptz NOT NULL,
    settled_at timestamptz NOT NULL,
    source text COLLATE "C" NOT NULL CHECK (source IN ('seal', 'source', 'curator')),
    rule_version integer NOT NULL,
    CONSTRAINT one_settlement_per_account_and_entry PRIMARY KEY (account_id, show_id, entry_id)
);
CREATE INDEX settlements_show ON settlements (show_id);
CREATE INDEX settlements_history
    ON settlements (account_id, settled_at DESC, show_id DESC, entry_id DESC);

CREATE TABLE account_clusters (
    account_id uuid PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    cluster text COLLATE "C" NOT NULL CHECK (length(cluster) BETWEEN 1 AND 32),
    found_in uuid NOT NULL,
    found_at timestamptz NOT NULL
);

CREATE TABLE entry_verdicts (
    show_id uuid NOT NULL REFERENCES shows (id) ON DELETE CASCADE,
    account_id uuid NOT NULL,
    command_id text COLLATE "C" NOT NULL,
    entry_id text COLLATE "C" NOT NULL CHECK (length(entry_id) BETWEEN 1 AND 64),
    title text NOT NULL,
    song_id text,
    played boolean NOT NULL,
    source text NOT NULL CHECK (length(btrim(source)) > 0),
    at timestamptz NOT NULL,
    CONSTRAINT one_verdict_per_command PRIMARY KEY (show_id, account_id, command_id)
);
CREATE INDEX entry_verdicts_entry ON entry_verdicts (show_id, entry_id, at DESC);

CREATE TABLE rating_refreshes (
    show_id uuid PRIMARY KEY REFERENCES shows (id) ON DELETE CASCADE,
    refreshed_at timestamptz NOT NULL,
    state_version bigint NOT NULL,
    rule_version integer NOT NULL
);

CREATE INDEX attendees_device ON attendees (show_id, device_id) WHERE device_id IS NOT NULL;
"""


async def forwards() -> MigrationManager:
    """Creates the tables."""
    manager = MigrationManager(migration_id=ID, app_name="setroom", description=DESCRIPTION)

    async def run() -> None:
        await ENGINE.run_script(TABLES)

    manager.add_raw(run)
    return manager
