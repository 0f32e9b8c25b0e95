"""A draft that is cancelled becomes private and loses its code: nobody was told of it.

Everything that leaves out private shows leaves it out then (`show_is_public`), and without a code
nobody but its crew gets in. By a trigger, so that nodes of the version before do it as well. The
few drafts that were cancelled before are set right; ``shows`` is small.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from storage.engine import ENGINE

ID = "2026-11-21T20:56:00:000016"
VERSION = "1.38.0"
DESCRIPTION = "Cancelled drafts"

SCRIPT = """
CREATE FUNCTION hide_cancelled_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.access := 'private';
    NEW.join_code := NULL;
    RETURN NEW;
END $$;
CREATE TRIGGER cancelled_draft BEFORE UPDATE OF status ON shows
    FOR EACH ROW WHEN (OLD.status = 'draft' AND NEW.status = 'cancelled')
    EXECUTE FUNCTION hide_cancelled_draft();
UPDATE shows s SET access = 'private', join_code = NULL
 WHERE s.status = 'cancelled' AND s.owner_id IS NOT NULL
   AND NOT EXISTS (SELECT FROM room_events e
                    WHERE e.show_id = s.id AND e.name = 'show_status_changed'
                      AND e.data ->> 'status' = 'published');
"""


async def forwards() -> MigrationManager:
    """Creates the trigger."""
    manager = MigrationManager(migration_id=ID, app_name="setroom", description=DESCRIPTION)

    async def run() -> None:
        await ENGINE.run_script(SCRIPT)

    manager.add_raw(run)
    return manager
