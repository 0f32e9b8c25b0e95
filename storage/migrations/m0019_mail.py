"""Mail: which address is whose, who wants what, what waits for a digest, and where nothing goes.

New tables alone: nothing that runs is held up for longer than a moment without a turn. What says
something of an address holds a keyed hash of it, so that it outlives the account and tells nobody
whose it was. An account takes along what was chosen in it.

- ``mail_recipients.verified_address``: the address that was proven; another one is not.
- ``mail_handed``: written just before a mail's last byte is sent. A worker that died and left no
  such row has sent nothing.
- ``mail_bounces.report``: a report's own name, so that it counts once however often it is posted.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from storage.engine import ENGINE

ID = "2026-11-22T00:12:00:000019"
VERSION = "1.38.0"
DESCRIPTION = "Mail"

TABLES = """
CREATE TABLE mail_recipients (
    account_id uuid PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    language text COLLATE "C",
    verified_address text COLLATE "C",
    verified_at timestamptz,
    daily_at timestamptz,
    weekly_at timestamptz,
    CHECK ((verified_address IS NULL) = (verified_at IS NULL))
) WITH (fillfactor = 80);
CREATE INDEX mail_recipients_daily ON mail_recipients (daily_at) WHERE daily_at IS NOT NULL;
CREATE INDEX mail_recipients_weekly ON mail_recipients (weekly_at) WHERE weekly_at IS NOT NULL;

CREATE TABLE mail_preferences (
    account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind text COLLATE "C" NOT NULL CHECK (kind IN (
        'WELCOME', 'NEW_SHOW', 'REMINDER', 'DIGEST', 'RESULTS', 'RECAP', 'BROADCAST')),
    frequency text COLLATE "C" NOT NULL
        CHECK (frequency IN ('immediate', 'daily', 'weekly', 'never')),
    source text COLLATE "C" NOT NULL CHECK (source IN ('account', 'link', 'one_click')),
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, kind)
);

CREATE TABLE mail_sequence (
    account_id uuid PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    next_step smallint NOT NULL CHECK (next_step BETWEEN 1 AND 9),
    due_at timestamptz NOT NULL
);
CREATE INDEX mail_sequence_due ON mail_sequence (due_at);

CREATE TABLE mail_collected (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    frequency text COLLATE "C" NOT NULL CHECK (frequency IN ('daily', 'weekly')),
    kind text COLLATE "C" NOT NULL,
    show_id uuid NOT NULL REFERENCES shows (id) ON DELETE CASCADE,
    payload json NOT NULL,
    created_at timestamptz NOT NULL,
    digest_id uuid
);
CREATE INDEX mail_collected_waiting ON mail_collected (account_id, frequency)
    WHERE digest_id IS NULL;
CREATE INDEX mail_collected_digest ON mail_collected (digest_id) WHERE digest_id IS NOT NULL;
CREATE INDEX mail_collected_show ON mail_collected (show_id);
CREATE INDEX mail_collected_age ON mail_collected (created_at);

CREATE TABLE mail_suppressions (
    address_hash bytea PRIMARY KEY,
    reason text COLLATE "C" NOT NULL CHECK (reason IN ('bounced', 'complained')),
    source text COLLATE "C" NOT NULL CHECK (length(source) BETWEEN 1 AND 32),
    since timestamptz NOT NULL,
    lifted_at timestamptz
);

CREATE TABLE mail_bounces (
    report text COLLATE "C" PRIMARY KEY CHECK (length(report) BETWEEN 1 AND 200),
    address_hash bytea NOT NULL,
    verdict text COLLATE "C" NOT NULL
        CHECK (verdict IN ('hard', 'soft', 'complaint', 'delivered')),
    status text COLLATE "C" CHECK (length(status) <= 32),
    message_id uuid,
    received_at timestamptz NOT NULL
);
CREATE INDEX mail_bounces_address ON mail_bounces (address_hash, received_at);
CREATE INDEX mail_bounces_age ON mail_bounces (received_at);

CREATE TABLE mail_handed (
    message_id uuid PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    at timestamptz NOT NULL
);
"""


async def forwards() -> MigrationManager:
    """Creates the tables."""
    manager = MigrationManager(migration_id=ID, app_name="setroom", description=DESCRIPTION)

    async def run() -> None:
        await ENGINE.run_script(TABLES)

    manager.add_raw(run)
    return manager
