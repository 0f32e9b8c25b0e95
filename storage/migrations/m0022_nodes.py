"""Which processes there are, and which rooms live where: what operators look at.

Two small tables that each process brings up to date every five seconds. They are unlogged: what
they say is void after fifteen seconds anyhow, and it must not reach the write-ahead log that turns
wait for. Nothing that is updated has an index, and half of each page is free, so that updates stay
on their page.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from storage.engine import ENGINE

ID = "2026-11-22T03:10:00:000022"
VERSION = "1.38.0"
DESCRIPTION = "Nodes and their rooms"

SCRIPT = """
CREATE UNLOGGED TABLE nodes (
    node_id uuid PRIMARY KEY,
    name text NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('web', 'worker')),
    version text NOT NULL,
    started_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    draining boolean NOT NULL,
    connections integer NOT NULL,
    rooms integer NOT NULL,
    jobs integer NOT NULL,
    rss_bytes bigint NOT NULL,
    loop_lag_ms double precision NOT NULL,
    queue_bytes bigint NOT NULL,
    lag_events bigint NOT NULL,
    turn_ms_p50 double precision,
    turn_ms_p99 double precision,
    bus text COLLATE "C" NOT NULL CHECK (bus IN ('ok', 'away'))
) WITH (fillfactor = 50);

CREATE UNLOGGED TABLE node_rooms (
    node_id uuid NOT NULL REFERENCES nodes (node_id) ON DELETE CASCADE,
    show_id uuid NOT NULL,
    connections integer NOT NULL,
    seq bigint NOT NULL,
    lag_events bigint NOT NULL,
    queue_bytes bigint NOT NULL,
    turn_ms_p99 double precision,
    PRIMARY KEY (node_id, show_id)
) WITH (fillfactor = 50);
"""


async def forwards() -> MigrationManager:
    """Creates the tables."""
    manager = MigrationManager(migration_id=ID, app_name="setroom", description=DESCRIPTION)

    async def run() -> None:
        await ENGINE.run_script(SCRIPT)

    manager.add_raw(run)
    return manager
