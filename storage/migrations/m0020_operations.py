"""Jobs that ended badly, brands that a crew names, and the figures that brands were shown.

New tables, and two checks that only widen (the tables are small, the running version keeps
working). What a brand was shown is kept so that the next answer is not nearly the same one.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from storage.engine import ENGINE

ID = "2026-11-22T00:13:00:000020"
VERSION = "1.38.0"
DESCRIPTION = "Dead jobs, brands, released figures"

SCRIPT = """
CREATE TABLE dead_jobs (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    job_key text COLLATE "C" NOT NULL CHECK (length(job_key) BETWEEN 1 AND 200),
    task text COLLATE "C" NOT NULL,
    priority text COLLATE "C" NOT NULL CHECK (priority IN ('urgent', 'normal', 'bulk')),
    reason text COLLATE "C" NOT NULL
        CHECK (reason IN ('failed', 'lost', 'malformed', 'unknown')),
    message json,
    payload bytea,
    error text NOT NULL,
    attempts integer NOT NULL CHECK (attempts >= 0),
    first_failed_at timestamptz NOT NULL,
    last_failed_at timestamptz NOT NULL,
    state text COLLATE "C" NOT NULL DEFAULT 'dead'
        CHECK (state IN ('dead', 'retried', 'discarded')),
    settled_at timestamptz,
    CONSTRAINT dead_jobs_once UNIQUE (job_key),
    CONSTRAINT settled_with_time CHECK ((state = 'dead') = (settled_at IS NULL))
);
CREATE INDEX dead_jobs_waiting ON dead_jobs (last_failed_at DESC, id DESC) WHERE state = 'dead';
CREATE INDEX dead_jobs_age ON dead_jobs (last_failed_at);
CREATE INDEX outbox_dead ON outbox (dead_at DESC, id DESC)
    WHERE dead_at IS NOT NULL AND delivered_at IS NULL;

ALTER TABLE crew DROP CONSTRAINT role_known;
ALTER TABLE crew ADD CONSTRAINT role_known
    CHECK ("role" IN ('artist', 'moderator', 'admin', 'curator', 'brand'));

CREATE TABLE released_figures (
    show_id uuid PRIMARY KEY REFERENCES shows (id) ON DELETE CASCADE,
    released_at timestamptz NOT NULL,
    figures json NOT NULL
);
"""


async def forwards() -> MigrationManager:
    """Creates the tables and widens the checks."""
    manager = MigrationManager(migration_id=ID, app_name="setroom", description=DESCRIPTION)

    async def run() -> None:
        await ENGINE.run_script(SCRIPT)

    manager.add_raw(run)
    return manager
