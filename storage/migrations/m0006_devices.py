"""A session knows the device that it was opened on, and so do the attendees that it makes."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import UUID

from storage.added_columns import add_column

ID = "2026-11-21T17:51:00:000006"
VERSION = "1.38.0"
DESCRIPTION = "Devices of sessions"


async def forwards() -> MigrationManager:
    """Adds a column without a default: no row is touched."""
    manager = MigrationManager(migration_id=ID, app_name="setroom", description=DESCRIPTION)
    add_column(manager, "Session", "sessions", "device_id", UUID)
    return manager
