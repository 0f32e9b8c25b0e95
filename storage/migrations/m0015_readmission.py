"""Whoever crew lets in again is an attendee again, in the commit of the event that says so.

A trigger of one kind of event: the log is written in every turn, and a function for each of its
rows would cost; a ``WHEN`` costs next to nothing. Nothing is rewritten; creating it waits for a
moment without a turn, under the migrations' lock timeout.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from storage.engine import ENGINE

ID = "2026-11-21T20:55:00:000015"
VERSION = "1.38.0"
DESCRIPTION = "Readmission"

TRIGGER = """
CREATE FUNCTION events_readmit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE attendees SET removed_at = NULL
     WHERE show_id = NEW.show_id AND id = (NEW.data ->> 'participant_id')::uuid;
    RETURN NULL;
END $$;
CREATE TRIGGER events_readmit AFTER INSERT ON room_events
    FOR EACH ROW WHEN (NEW.name = 'participant_readmitted') EXECUTE FUNCTION events_readmit();
"""


async def forwards() -> MigrationManager:
    """Creates the trigger."""
    manager = MigrationManager(migration_id=ID, app_name="setroom", description=DESCRIPTION)

    async def run() -> None:
        await ENGINE.run_script(TRIGGER)

    manager.add_raw(run)
    return manager
