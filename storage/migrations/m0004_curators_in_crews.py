"""A show's owner may name curators, too: they edit its setlist with the crew's word behind them.

The table is small (a few rows a show), so checking it under the lock takes no time; the new
check only widens the old one, so the running version keeps working.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from storage.engine import ENGINE

ID = "2026-11-21T15:45:00:000004"
VERSION = "1.38.0"
DESCRIPTION = "Curators in crews"

WIDEN = """
ALTER TABLE crew DROP CONSTRAINT role_known;
ALTER TABLE crew ADD CONSTRAINT role_known
    CHECK ("role" IN ('artist', 'moderator', 'admin', 'curator'));
"""


async def forwards() -> MigrationManager:
    """Widens the check."""
    manager = MigrationManager(migration_id=ID, app_name="setroom", description=DESCRIPTION)

    async def run() -> None:
        await ENGINE.run_script(WIDEN)

    manager.add_raw(run)
    return manager
