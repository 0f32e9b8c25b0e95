"""The sandbox carrier's phones and messages, and its mail: only written where nothing real is.

New tables alone, so nothing that runs is held up. An account takes its phones along.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from storage.engine import ENGINE

ID = "2026-11-22T00:14:00:000021"
VERSION = "1.38.0"
DESCRIPTION = "Sandbox of phones and mail"

TABLES = """
CREATE TABLE sandbox_phones (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    channel text NOT NULL CHECK (channel IN ('sms', 'whatsapp')),
    number text NOT NULL,
    country text NOT NULL,
    name text NOT NULL,
    crowd boolean NOT NULL DEFAULT false,
    switched_off boolean NOT NULL DEFAULT false,
    carrier_opt_out boolean NOT NULL DEFAULT false,
    opted_out_at timestamptz,
    created_at timestamptz NOT NULL,
    UNIQUE (channel, number)
);
CREATE INDEX sandbox_phones_of_account ON sandbox_phones (account_id, crowd, created_at);

CREATE SEQUENCE sandbox_message_versions;
CREATE TABLE sandbox_messages (
    sid text PRIMARY KEY,
    phone_id uuid REFERENCES sandbox_phones (id) ON DELETE CASCADE,
    direction text NOT NULL CHECK (direction IN ('inbound', 'outbound-api', 'outbound-reply')),
    sender text NOT NULL,
    recipient text NOT NULL,
    body text NOT NULL,
    segments integer NOT NULL CHECK (segments > 0),
    status text NOT NULL
        CHECK (status IN ('received', 'queued', 'sent', 'delivered', 'undelivered')),
    error_code integer,
    status_callback text,
    answers text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    sent_at timestamptz,
    due_at timestamptz,
    version bigint NOT NULL DEFAULT nextval('sandbox_message_versions')
);
CREATE INDEX sandbox_messages_of_phone ON sandbox_messages (phone_id, created_at, sid);
CREATE INDEX sandbox_messages_due ON sandbox_messages (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX sandbox_messages_by_version ON sandbox_messages (version);
CREATE INDEX sandbox_messages_by_recipient ON sandbox_messages (recipient, created_at);
CREATE INDEX sandbox_messages_by_age ON sandbox_messages (created_at);

CREATE TABLE sandbox_mail (
    id uuid PRIMARY KEY,
    sender text NOT NULL,
    recipient text NOT NULL,
    subject text NOT NULL,
    content bytea NOT NULL,
    show_id uuid REFERENCES shows (id) ON DELETE SET NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX sandbox_mail_by_age ON sandbox_mail (created_at, id);
CREATE INDEX sandbox_mail_of_show ON sandbox_mail (show_id) WHERE show_id IS NOT NULL;
"""


async def forwards() -> MigrationManager:
    """Creates the tables."""
    manager = MigrationManager(migration_id=ID, app_name="setroom", description=DESCRIPTION)

    async def run() -> None:
        await ENGINE.run_script(TABLES)

    manager.add_raw(run)
    return manager
