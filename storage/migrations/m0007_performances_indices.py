"""Indices on the columns of the migration before, and the outbox's nudge.

``outbox`` and ``performances`` are small enough to index under a lock: some rows a show, and
some 90,000 (30 ms).

Effects that are undelivered are found by kind, because kinds that nobody delivers yet stay in
the outbox. A dead one is due at ``infinity``, so that it lies behind all that wait.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from storage.engine import ENGINE

ID = "2026-11-21T17:52:01:000007"
VERSION = "1.38.0"
DESCRIPTION = "Indices for performances and the outbox, and its nudge"

INDICES = """
CREATE INDEX performances_performer ON performances (performer_id) WHERE performer_id IS NOT NULL;
CREATE INDEX performances_printed ON performances (song_id, printed_title)
    WHERE printed_title IS NOT NULL AND song_id IS NOT NULL;
DROP INDEX outbox_waiting;
CREATE INDEX outbox_undelivered ON outbox (kind, available_at, id) WHERE delivered_at IS NULL;
"""

NUDGE = """
CREATE FUNCTION nudge_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('outbox', '');
    RETURN NULL;
END $$;
CREATE TRIGGER outbox_nudge AFTER INSERT ON outbox
    FOR EACH STATEMENT EXECUTE FUNCTION nudge_outbox();
"""


async def forwards() -> MigrationManager:
    """Creates indices and the trigger."""
    manager = MigrationManager(migration_id=ID, app_name="setroom", description=DESCRIPTION)

    async def run() -> None:
        for script in (INDICES, NUDGE):
            await ENGINE.run_script(script)

    manager.add_raw(run)
    return manager
