"""A guest who signs in to an account that is in the same room already is the same person.

A nullable column without a default: no row is touched. No foreign key and no index: it is only
ever looked at from the guest's own row, and both rows go with their show.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import UUID

from storage.added_columns import add_column

ID = "2026-11-21T17:54:00:000009"
VERSION = "1.38.0"
DESCRIPTION = "Guests that turned out to be an account's"


async def forwards() -> MigrationManager:
    """Adds the column."""
    manager = MigrationManager(migration_id=ID, app_name="setroom", description=DESCRIPTION)
    add_column(manager, "Attendee", "attendees", "merged_into", UUID)
    return manager
