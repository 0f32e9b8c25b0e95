"""Venues know where they are.

Nullable columns without defaults: no row is touched. They are filled in portions by
`storage.catalogue.located_venues`, after the migration and once a day.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import DoublePrecision

from storage.added_columns import add_column

ID = "2026-11-21T20:50:00:000010"
VERSION = "1.38.0"
DESCRIPTION = "Coordinates of venues"


async def forwards() -> MigrationManager:
    """Adds the columns."""
    manager = MigrationManager(migration_id=ID, app_name="setroom", description=DESCRIPTION)
    for name in ("lat", "lon"):
        add_column(manager, "Venue", "venues", name, DoublePrecision)
    return manager
