"""Messages, their history, the broadcasts that made them, and what a carrier said of them.

New tables alone: nothing that runs is held up for longer than a moment without a turn.

- ``messages`` hold no phone number: it is read from ``phones`` when a message goes. Somebody who
  is deleted takes along what was written to them, by a trigger; that something was sent stays.
- ``messages_forward`` holds states to their order, whoever writes them and however late;
  ``messages_steps`` writes down each of them.
- ``due_at`` is when a row is to be looked at next: its time, the next try, the end of a lease.
- ``carrier_callbacks`` keep what the carrier said of a message before it had told us its name.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from storage.engine import ENGINE

ID = "2026-11-22T00:11:00:000018"
VERSION = "1.38.0"
DESCRIPTION = "Messages and broadcasts"

BROADCASTS = """
CREATE TABLE broadcasts (
    id uuid PRIMARY KEY,
    show_id uuid NOT NULL REFERENCES shows (id) ON DELETE CASCADE,
    round_id uuid,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('NUDGE', 'RESULTS', 'RECAP', 'BROADCAST')),
    state text COLLATE "C" NOT NULL
        CHECK (state IN ('scheduled', 'sending', 'paused', 'done', 'cancelled')),
    channels text[] COLLATE "C" NOT NULL CHECK (cardinality(channels) BETWEEN 1 AND 3),
    texts json NOT NULL,
    audience json NOT NULL,
    dedupe_key text COLLATE "C" NOT NULL CONSTRAINT broadcasts_once UNIQUE,
    created_by uuid REFERENCES accounts (id) ON DELETE SET NULL,
    created_at timestamptz NOT NULL,
    send_at timestamptz NOT NULL,
    expires_at timestamptz,
    recipients integer NOT NULL DEFAULT 0 CHECK (recipients >= 0),
    segments integer NOT NULL DEFAULT 0 CHECK (segments >= 0),
    cost_micros bigint NOT NULL DEFAULT 0 CHECK (cost_micros >= 0),
    cost_currency text COLLATE "C" NOT NULL,
    expanded_channel smallint NOT NULL DEFAULT 0,
    expanded_through uuid,
    expanded_at timestamptz,
    due_at timestamptz NOT NULL,
    finished_at timestamptz
) WITH (fillfactor = 80);
CREATE INDEX broadcasts_show ON broadcasts (show_id, id);
CREATE INDEX broadcasts_created_by ON broadcasts (created_by) WHERE created_by IS NOT NULL;
CREATE INDEX broadcasts_due ON broadcasts (due_at, id) WHERE state IN ('scheduled', 'sending');
"""

MESSAGES = """
CREATE TABLE messages (
    id uuid PRIMARY KEY,
    show_id uuid REFERENCES shows (id) ON DELETE CASCADE,
    broadcast_id uuid REFERENCES broadcasts (id) ON DELETE CASCADE,
    round_id uuid,
    attendee_id uuid,
    phone_id uuid REFERENCES phones (id) ON DELETE SET NULL,
    account_id uuid REFERENCES accounts (id) ON DELETE SET NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN (
        'JOIN', 'CONFIRM', 'NUDGE', 'RESULTS', 'RECAP', 'BROADCAST',
        'WELCOME', 'NEW_SHOW', 'REMINDER', 'DIGEST', 'SECURITY')),
    channel text COLLATE "C" NOT NULL CHECK (channel IN ('sms', 'whatsapp', 'mail')),
    sender text COLLATE "C" NOT NULL,
    address text,
    language text COLLATE "C" NOT NULL,
    body text,
    payload json,
    segments smallint NOT NULL DEFAULT 0 CHECK (segments >= 0),
    dedupe_key text COLLATE "C" NOT NULL CONSTRAINT messages_once UNIQUE,
    priority smallint NOT NULL CHECK (priority BETWEEN 0 AND 9),
    state text COLLATE "C" NOT NULL DEFAULT 'queued',
    reason text COLLATE "C" CHECK (length(reason) <= 64),
    error_code text COLLATE "C" CHECK (length(error_code) <= 32),
    carrier_id text COLLATE "C" CHECK (length(carrier_id) BETWEEN 1 AND 255),
    held boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    expires_at timestamptz,
    lease integer NOT NULL DEFAULT 0,
    attempts smallint NOT NULL DEFAULT 0,
    handed_at timestamptz,
    sent_at timestamptz,
    delivered_at timestamptz,
    ended_at timestamptz
) WITH (fillfactor = 80);
CREATE INDEX messages_due ON messages (sender, priority, due_at, id)
    WHERE state IN ('scheduled', 'queued', 'sending', 'unknown') AND NOT held;
CREATE UNIQUE INDEX messages_carrier ON messages (carrier_id) WHERE carrier_id IS NOT NULL;
CREATE INDEX messages_show ON messages (show_id, id);
CREATE INDEX messages_broadcast ON messages (broadcast_id, state);
CREATE INDEX messages_attendee ON messages (attendee_id, show_id);
CREATE INDEX messages_phone ON messages (phone_id) WHERE phone_id IS NOT NULL;
CREATE INDEX messages_account ON messages (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX messages_ended ON messages (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE message_history (
    message_id uuid NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    step smallint NOT NULL,
    state text COLLATE "C" NOT NULL,
    reason text COLLATE "C",
    error_code text COLLATE "C",
    attempt smallint NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (message_id, step)
);

CREATE TABLE carrier_callbacks (
    carrier_id text COLLATE "C" NOT NULL CHECK (length(carrier_id) BETWEEN 1 AND 255),
    status text COLLATE "C" NOT NULL CHECK (length(status) <= 32),
    error_code text COLLATE "C" CHECK (length(error_code) <= 32),
    received_at timestamptz NOT NULL,
    PRIMARY KEY (carrier_id, status)
);
CREATE INDEX carrier_callbacks_age ON carrier_callbacks USING brin (received_at);

CREATE TABLE carrier_reconciliations (
    id uuid PRIMARY KEY,
    sender text COLLATE "C" NOT NULL,
    day date NOT NULL,
    ran_at timestamptz NOT NULL,
    listed integer NOT NULL,
    matched integer NOT NULL,
    mended integer NOT NULL,
    absent integer NOT NULL,
    foreign_ones integer NOT NULL,
    complete boolean NOT NULL,
    differences json NOT NULL
);
CREATE INDEX carrier_reconciliations_day ON carrier_reconciliations (day, sender);
"""

# ``rooms.messaging.states.RANKS``; tests compare both.
TRIGGERS = """
CREATE FUNCTION message_rank(state text) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT CASE state WHEN 'scheduled' THEN 0 WHEN 'queued' THEN 1
                      WHEN 'sending' THEN 2 WHEN 'unknown' THEN 2 WHEN 'sent' THEN 3
                      WHEN 'delivered' THEN 4 WHEN 'failed' THEN 4
                      WHEN 'suppressed' THEN 4 WHEN 'cancelled' THEN 4 END
$$;
ALTER TABLE messages ADD CONSTRAINT messages_state CHECK (message_rank(state) IS NOT NULL);

CREATE FUNCTION messages_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF message_rank(NEW.state) < message_rank(OLD.state) OR message_rank(OLD.state) = 4 THEN
        RAISE check_violation USING MESSAGE = 'a message only ever moves forward',
            CONSTRAINT = 'messages_forward', TABLE = 'messages';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER messages_forward BEFORE UPDATE OF state ON messages
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION messages_forward();

CREATE FUNCTION messages_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO message_history (message_id, step, state, reason, error_code, attempt, at)
    SELECT NEW.id, coalesce(max(step), 0) + 1, NEW.state, NEW.reason, NEW.error_code,
           NEW.attempts, clock_timestamp()
      FROM message_history WHERE message_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER messages_first_step AFTER INSERT ON messages
    FOR EACH ROW EXECUTE FUNCTION messages_step();
CREATE TRIGGER messages_next_step AFTER UPDATE OF state, reason, attempts ON messages
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state
                    OR OLD.reason IS DISTINCT FROM NEW.reason
                    OR OLD.attempts IS DISTINCT FROM NEW.attempts)
    EXECUTE FUNCTION messages_step();

CREATE FUNCTION messages_forget() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.address := NULL;
    NEW.body := NULL;
    NEW.payload := NULL;
    RETURN NEW;
END $$;
CREATE TRIGGER messages_forget BEFORE UPDATE OF phone_id, account_id ON messages
    FOR EACH ROW WHEN ((OLD.phone_id IS NOT NULL AND NEW.phone_id IS NULL)
                    OR (OLD.account_id IS NOT NULL AND NEW.account_id IS NULL))
    EXECUTE FUNCTION messages_forget();

CREATE FUNCTION messages_nudge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('messages', '');
    RETURN NULL;
END $$;
CREATE TRIGGER messages_nudge AFTER INSERT ON messages
    FOR EACH STATEMENT EXECUTE FUNCTION messages_nudge();
CREATE TRIGGER broadcasts_nudge AFTER INSERT OR UPDATE OF state ON broadcasts
    FOR EACH STATEMENT EXECUTE FUNCTION messages_nudge();
"""


async def forwards() -> MigrationManager:
    """Creates the tables and triggers."""
    manager = MigrationManager(migration_id=ID, app_name="setroom", description=DESCRIPTION)

    async def run() -> None:
        await ENGINE.run_script(BROADCASTS + MESSAGES + TRIGGERS)

    manager.add_raw(run)
    return manager
