"""People with only a phone number: phones, their consents, what they texted and how they prove.

New tables alone, and a trigger of one kind of event (as in ``m0015``): nothing that runs is held
up for longer than a moment without a turn.

- ``phones``: a number on one channel. An account that is deleted takes its phones along.
- ``suppressions`` know numbers only by a keyed hash, and refer to nothing: a STOP outlives the
  account, the phone and the show that it was said to.
- ``consents`` prove what was asked and answered. Append-only by a trigger, no foreign keys.
- ``sms_inbound`` is written for each text under load: no foreign keys, one update per row that
  stays HOT, and a BRIN index for the deletion by age.
- ``participants_linked`` in the log marks who turned out to be whom, in the commit that says so.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from storage.engine import ENGINE

ID = "2026-11-22T00:10:00:000017"
VERSION = "1.38.0"
DESCRIPTION = "Phones, consents and texts"

TABLES = """
CREATE TABLE phones (
    id uuid PRIMARY KEY,
    channel text COLLATE "C" NOT NULL CHECK (channel IN ('sms', 'whatsapp')),
    number text COLLATE "C" NOT NULL CHECK (number ~ '^\\+[1-9][0-9]{1,14}$'),
    number_hash bytea NOT NULL CHECK (length(number_hash) = 32),
    account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    language text COLLATE "C" NOT NULL CHECK (length(language) BETWEEN 2 AND 16),
    created_at timestamptz NOT NULL,
    CONSTRAINT phones_number_once UNIQUE (channel, number)
) WITH (fillfactor = 80);
CREATE INDEX phones_account ON phones (account_id);
CREATE INDEX phones_hash ON phones (number_hash);

CREATE TABLE phone_attendances (
    attendee_id uuid NOT NULL REFERENCES attendees (id) ON DELETE CASCADE,
    phone_id uuid NOT NULL REFERENCES phones (id) ON DELETE CASCADE,
    show_id uuid NOT NULL REFERENCES shows (id) ON DELETE CASCADE,
    state text COLLATE "C" NOT NULL
        CHECK (state IN ('none', 'pending', 'active', 'suppressed')),
    joined_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    CONSTRAINT phone_attendances_once PRIMARY KEY (phone_id, show_id),
    CONSTRAINT active_is_confirmed CHECK (state <> 'active' OR confirmed_at IS NOT NULL)
) WITH (fillfactor = 80);
CREATE INDEX phone_attendances_attendee ON phone_attendances (attendee_id);
CREATE INDEX phone_attendances_show ON phone_attendances (show_id, state);

CREATE TABLE consents (
    id uuid PRIMARY KEY,
    phone_id uuid NOT NULL,
    show_id uuid,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('join', 'confirm', 'stop', 'start')),
    wording_version text COLLATE "C" NOT NULL CHECK (length(wording_version) BETWEEN 1 AND 40),
    language text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL CHECK (length(source) BETWEEN 1 AND 40),
    at timestamptz NOT NULL
);
CREATE INDEX consents_phone ON consents (phone_id, at);
CREATE FUNCTION consents_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE check_violation USING MESSAGE = 'consents are only ever added to';
END $$;
CREATE TRIGGER consents_stay BEFORE UPDATE OR DELETE ON consents
    FOR EACH ROW EXECUTE FUNCTION consents_stay();

CREATE TABLE suppressions (
    sender text COLLATE "C" NOT NULL,
    channel text COLLATE "C" NOT NULL CHECK (channel IN ('sms', 'whatsapp')),
    number_hash bytea NOT NULL CHECK (length(number_hash) = 32),
    since timestamptz NOT NULL,
    source text COLLATE "C" NOT NULL CHECK (length(source) BETWEEN 1 AND 40),
    lifted_at timestamptz,
    PRIMARY KEY (sender, channel, number_hash)
);

CREATE TABLE sms_inbound (
    message_sid text COLLATE "C" PRIMARY KEY CHECK (length(message_sid) BETWEEN 1 AND 64),
    sender text COLLATE "C" NOT NULL,
    channel text COLLATE "C" NOT NULL,
    phone_id uuid,
    show_id uuid,
    participant_id uuid,
    received_at timestamptz NOT NULL,
    body text,
    opt_out_type text COLLATE "C",
    route json NOT NULL,
    twiml text
) WITH (fillfactor = 70);
CREATE INDEX sms_inbound_phone ON sms_inbound (phone_id) WHERE phone_id IS NOT NULL;
CREATE INDEX sms_inbound_age ON sms_inbound USING brin (received_at);

CREATE TABLE confirm_codes (
    code_hash bytea PRIMARY KEY,
    attendee_id uuid NOT NULL REFERENCES attendees (id) ON DELETE CASCADE,
    show_id uuid NOT NULL REFERENCES shows (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > created_at),
    used_at timestamptz,
    CONSTRAINT confirm_codes_one_each UNIQUE (attendee_id)
);
CREATE INDEX confirm_codes_show ON confirm_codes (show_id);
CREATE INDEX confirm_codes_expiry ON confirm_codes (expires_at);

CREATE TABLE confirm_links (
    token_hash bytea PRIMARY KEY,
    phone_id uuid NOT NULL REFERENCES phones (id) ON DELETE CASCADE,
    attendee_id uuid NOT NULL REFERENCES attendees (id) ON DELETE CASCADE,
    show_id uuid NOT NULL REFERENCES shows (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > created_at),
    used_at timestamptz
);
CREATE INDEX confirm_links_expiry ON confirm_links (expires_at);
CREATE INDEX confirm_links_attendee ON confirm_links (attendee_id);
CREATE INDEX confirm_links_phone ON confirm_links (phone_id);
CREATE INDEX confirm_links_show ON confirm_links (show_id);

CREATE FUNCTION events_link() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE attendees SET merged_into = (NEW.data ->> 'merged_into')::uuid
     WHERE show_id = NEW.show_id AND id = (NEW.data ->> 'participant_id')::uuid;
    UPDATE attendees SET phone_confirmed_at = coalesce(phone_confirmed_at, NEW.at)
     WHERE show_id = NEW.show_id AND id = (NEW.data ->> 'merged_into')::uuid;
    RETURN NULL;
END $$;
CREATE TRIGGER events_link AFTER INSERT ON room_events
    FOR EACH ROW WHEN (NEW.name = 'participants_linked') EXECUTE FUNCTION events_link();
"""


async def forwards() -> MigrationManager:
    """Creates the tables and the trigger."""
    manager = MigrationManager(migration_id=ID, app_name="setroom", description=DESCRIPTION)

    async def run() -> None:
        await ENGINE.run_script(TABLES)

    manager.add_raw(run)
    return manager
