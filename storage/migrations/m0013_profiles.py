"""What people say about themselves, and their choices of what is shown.

Constant defaults or none: no row is touched. An address that was deleted is free again, because
a deleted account has none.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import JSON, Boolean, Timestamptz, Varchar

from storage.added_columns import add_column

ID = "2026-11-21T20:53:00:000013"
VERSION = "1.38.0"
DESCRIPTION = "Profiles and privacy"


async def forwards() -> MigrationManager:
    """Adds the columns."""
    manager = MigrationManager(migration_id=ID, app_name="setroom", description=DESCRIPTION)
    account = ("Account", "accounts")
    add_column(manager, *account, "language", Varchar, length=16)
    add_column(manager, *account, "home_city", JSON)
    for choice in ("show_name", "show_presence", "remember_rooms"):
        add_column(manager, *account, choice, Boolean, default=True, null=False)
    add_column(manager, *account, "deleted_at", Timestamptz)
    return manager
