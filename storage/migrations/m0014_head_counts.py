"""How many people were in a room, by the minute: one row per show and minute.

A new table alone, so nothing that runs is held up. A show takes its rows along.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from storage.engine import ENGINE

ID = "2026-11-21T20:54:00:000014"
VERSION = "1.38.0"
DESCRIPTION = "Head counts by the minute"

TABLES = """
CREATE TABLE head_counts (
    show_id uuid NOT NULL REFERENCES shows (id) ON DELETE CASCADE,
    minute timestamptz NOT NULL CHECK (minute = date_trunc('minute', minute, 'UTC')),
    participants integer NOT NULL CHECK (participants >= 0),
    PRIMARY KEY (show_id, minute)
);
"""


async def forwards() -> MigrationManager:
    """Creates the table."""
    manager = MigrationManager(migration_id=ID, app_name="setroom", description=DESCRIPTION)

    async def run() -> None:
        await ENGINE.run_script(TABLES)

    manager.add_raw(run)
    return manager
