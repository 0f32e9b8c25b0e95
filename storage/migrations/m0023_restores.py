"""When this database was brought back from a backup, and what went out meanwhile is not known.

One small new table. Until crew of the deployment says so (``released_at``), texts are looked up
at their carrier before they go and mails wait: see ``storage/backup/adopting.py``.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from storage.engine import ENGINE

ID = "2026-11-22T03:11:00:000023"
VERSION = "1.38.0"
DESCRIPTION = "Restores"

SCRIPT = """
CREATE TABLE restores (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    backup_at timestamptz NOT NULL,
    restored_at timestamptz NOT NULL,
    released_at timestamptz,
    CONSTRAINT restores_in_order CHECK (backup_at <= restored_at)
);
"""


async def forwards() -> MigrationManager:
    """Creates the table."""
    manager = MigrationManager(migration_id=ID, app_name="setroom", description=DESCRIPTION)

    async def run() -> None:
        await ENGINE.run_script(SCRIPT)

    manager.add_raw(run)
    return manager
