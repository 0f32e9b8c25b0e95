"""Displays: screens at a show, each with its own token, and the tickets of their connections.

New tables alone, so nothing that runs is held up. A show takes its displays along, a display its
tickets; an account that goes leaves them and is forgotten as who made them.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from storage.engine import ENGINE

ID = "2026-11-21T20:52:00:000012"
VERSION = "1.38.0"
DESCRIPTION = "Displays"

TABLES = """
CREATE TABLE displays (
    id uuid PRIMARY KEY,
    show_id uuid NOT NULL REFERENCES shows (id) ON DELETE CASCADE,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('stage', 'big_screen')),
    name text NOT NULL CHECK (length(btrim(name)) BETWEEN 1 AND 60),
    token_hash bytea NOT NULL,
    made_by uuid REFERENCES accounts (id) ON DELETE SET NULL,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz,
    revoked_at timestamptz,
    revoked_by uuid REFERENCES accounts (id) ON DELETE SET NULL
) WITH (fillfactor = 80);
CREATE INDEX displays_show ON displays (show_id, id);
CREATE INDEX displays_made_by ON displays (made_by) WHERE made_by IS NOT NULL;
CREATE INDEX displays_revoked_by ON displays (revoked_by) WHERE revoked_by IS NOT NULL;

CREATE TABLE display_tickets (
    id uuid PRIMARY KEY,
    display_id uuid NOT NULL REFERENCES displays (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    first_use_by timestamptz NOT NULL,
    first_used_at timestamptz,
    expires_at timestamptz NOT NULL CHECK (expires_at >= first_use_by)
);
CREATE INDEX display_tickets_display ON display_tickets (display_id);
CREATE INDEX display_tickets_expiry ON display_tickets (expires_at);
"""


async def forwards() -> MigrationManager:
    """Creates the tables."""
    manager = MigrationManager(migration_id=ID, app_name="setroom", description=DESCRIPTION)

    async def run() -> None:
        await ENGINE.run_script(TABLES)

    manager.add_raw(run)
    return manager
