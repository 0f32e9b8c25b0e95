"""The room's log and what lies beside it: keys of several columns, which Piccolo has no words for.

Kept lean on purpose: every table here is written in every turn.

- ``rooms`` is updated by every turn. Narrow, half-empty pages and no index but its key keep
  these updates HOT; autovacuum visits it early.
- ``room_events`` proves that ``seq`` is consecutive: each event refers to the one before it.
- ``ballots`` and ``replies`` have no foreign key per row: for 500 ballots it doubles the cost of
  a turn. A trigger per statement keeps the same promise for ballots, whoever writes them.
- Events' payloads are ``json``, not ``jsonb``: kept as the bytes that were sent, and a character
  that jsonb cannot hold (U+0000) never makes a turn fail.
- ``replies`` are deleted by age, through a BRIN index that costs an insert next to nothing.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from storage.engine import ENGINE

ID = "2026-11-21T14:00:00:000002"
VERSION = "1.38.0"
DESCRIPTION = "The room's log, ballots, tallies, replies"

TABLES = """
CREATE TABLE rooms (
    show_id uuid PRIMARY KEY REFERENCES shows (id) ON DELETE RESTRICT,
    seq bigint NOT NULL DEFAULT 0 CHECK (seq >= 0),
    state_version bigint NOT NULL DEFAULT 0 CHECK (state_version >= 0)
) WITH (fillfactor = 20, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);

CREATE TABLE room_events (
    show_id uuid NOT NULL REFERENCES rooms (show_id) ON DELETE RESTRICT,
    seq bigint NOT NULL CHECK (seq >= 1),
    previous_seq bigint GENERATED ALWAYS AS (NULLIF(seq - 1, 0)) STORED,
    name text COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
    at timestamptz NOT NULL,
    participant_id uuid NOT NULL,
    data json NOT NULL,
    crew_data json,
    yjs_update bytea,
    clients bigint[],
    PRIMARY KEY (show_id, seq),
    CONSTRAINT consecutive FOREIGN KEY (show_id, previous_seq) REFERENCES room_events (show_id, seq)
);

CREATE TABLE setlist_clients (
    show_id uuid NOT NULL REFERENCES rooms (show_id) ON DELETE RESTRICT,
    client_id bigint NOT NULL,
    participant_id uuid NOT NULL,
    seq bigint NOT NULL,
    PRIMARY KEY (show_id, client_id)
);

CREATE TABLE room_snapshots (
    show_id uuid PRIMARY KEY REFERENCES rooms (show_id) ON DELETE RESTRICT,
    seq bigint NOT NULL CHECK (seq >= 0),
    state bytea NOT NULL,
    document bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE ballots (
    round_id uuid NOT NULL,
    participant_id uuid NOT NULL,
    picks jsonb NOT NULL CHECK (jsonb_typeof(picks) = 'array'),
    pattern text COLLATE "C" NOT NULL,
    voter_class text COLLATE "C" NOT NULL,
    cast_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT withdrawn_is_empty CHECK ((pattern = '') = (jsonb_array_length(picks) = 0)),
    CONSTRAINT one_ballot_per_round_and_attendee PRIMARY KEY (round_id, participant_id)
) WITH (fillfactor = 80);

CREATE TABLE tallies (
    round_id uuid NOT NULL,
    pattern text COLLATE "C" NOT NULL,
    voter_class text COLLATE "C" NOT NULL,
    ballots integer NOT NULL CONSTRAINT never_below_zero CHECK (ballots >= 0),
    version bigint NOT NULL,
    PRIMARY KEY (round_id, pattern, voter_class)
) WITH (fillfactor = 50, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0.05);

CREATE TABLE reaction_counts (
    show_id uuid NOT NULL REFERENCES rooms (show_id) ON DELETE RESTRICT,
    kind text COLLATE "C" NOT NULL,
    reactions bigint NOT NULL CHECK (reactions >= 0),
    version bigint NOT NULL,
    PRIMARY KEY (show_id, kind)
) WITH (fillfactor = 50);

CREATE TABLE replies (
    show_id uuid NOT NULL,
    participant_id uuid NOT NULL,
    command_id text COLLATE "C" NOT NULL CHECK (length(command_id) BETWEEN 1 AND 64),
    payload_hash bytea NOT NULL,
    answer bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT one_answer_per_command PRIMARY KEY (show_id, participant_id, command_id)
);
"""

INDICES = """
CREATE UNIQUE INDEX accounts_email_unique ON accounts (lower(email)) WHERE email IS NOT NULL;
CREATE INDEX sessions_account ON sessions (account_id);
CREATE INDEX sessions_previous_hash ON sessions (previous_hash) WHERE previous_hash IS NOT NULL;
CREATE INDEX sessions_revoked ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE INDEX artists_name ON artists (normalised_name);
CREATE INDEX artists_claimed_by ON artists (claimed_by) WHERE claimed_by IS NOT NULL;
CREATE UNIQUE INDEX claims_one_open ON claims (artist_id, account_id) WHERE status = 'pending';
CREATE INDEX claims_account ON claims (account_id);
CREATE INDEX claims_decided_by ON claims (decided_by) WHERE decided_by IS NOT NULL;
CREATE INDEX venues_place ON venues (lower(name), lower(city), country);
CREATE INDEX tours_artist ON tours (artist_id);
CREATE INDEX songs_artist_title ON songs (artist_id, normalised_title);
CREATE INDEX performances_song ON performances (song_id);

CREATE INDEX shows_status_starts_at ON shows (status, starts_at, id);
CREATE INDEX shows_starts_at ON shows (starts_at, id);
CREATE INDEX shows_owner ON shows (owner_id, starts_at) WHERE owner_id IS NOT NULL;
CREATE INDEX shows_venue ON shows (venue_id) WHERE venue_id IS NOT NULL;
CREATE INDEX shows_tour ON shows (tour_id) WHERE tour_id IS NOT NULL;
CREATE INDEX line_up_artist ON line_up (artist_id);
CREATE INDEX crew_account ON crew (account_id);
CREATE INDEX invitations_show ON invitations (show_id);
CREATE INDEX invitations_line_up ON invitations (line_up_id) WHERE line_up_id IS NOT NULL;
CREATE INDEX invitations_invited_by ON invitations (invited_by) WHERE invited_by IS NOT NULL;
CREATE INDEX invitations_answered_by ON invitations (answered_by) WHERE answered_by IS NOT NULL;

CREATE INDEX attendees_account ON attendees (account_id);
CREATE INDEX tickets_show ON tickets (show_id);
CREATE INDEX tickets_participant ON tickets (participant_id);
CREATE INDEX tickets_account ON tickets (account_id);
CREATE INDEX tickets_session ON tickets (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX tickets_expiry ON tickets (expires_at);

CREATE INDEX rounds_show ON rounds (show_id, position);
CREATE INDEX rounds_due ON rounds (closes_at) WHERE status IN ('open', 'grace');
CREATE INDEX setlist_clients_participant ON setlist_clients (show_id, participant_id);
CREATE INDEX replies_age ON replies USING brin (created_at);

CREATE INDEX outbox_waiting ON outbox (available_at) WHERE delivered_at IS NULL;
CREATE INDEX outbox_delivered ON outbox (delivered_at) WHERE delivered_at IS NOT NULL;
CREATE INDEX audit_log_show ON audit_log (show_id, at) WHERE show_id IS NOT NULL;
CREATE INDEX audit_log_account ON audit_log (account_id, at) WHERE account_id IS NOT NULL;
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
"""

TRIGGERS = """
CREATE FUNCTION ballots_need_round() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM (SELECT DISTINCT round_id FROM written) AS named
        LEFT JOIN rounds ON rounds.id = named.round_id WHERE rounds.id IS NULL;
    IF FOUND THEN
        RAISE foreign_key_violation USING MESSAGE = 'a ballot names a round that does not exist';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ballots_need_round AFTER INSERT ON ballots
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION ballots_need_round();

CREATE FUNCTION rounds_take_ballots_along() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM ballots WHERE round_id = OLD.id;
    DELETE FROM tallies WHERE round_id = OLD.id;
    RETURN NULL;
END $$;
CREATE TRIGGER rounds_take_ballots_along AFTER DELETE ON rounds
    FOR EACH ROW EXECUTE FUNCTION rounds_take_ballots_along();

CREATE FUNCTION shows_change_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (
           OLD.status = 'draft' AND NEW.status IN ('published', 'cancelled')
        OR OLD.status = 'published' AND NEW.status IN ('live', 'cancelled')
        OR OLD.status = 'live' AND NEW.status IN ('closed', 'cancelled')
        OR OLD.status = 'closed' AND NEW.status = 'archived'
    ) THEN
        RAISE check_violation USING
            MESSAGE = format('a show does not go from %s to %s', OLD.status, NEW.status),
            CONSTRAINT = 'shows_legal_transition';
    END IF;
    NEW.status_changed_at := now();
    RETURN NEW;
END $$;
CREATE TRIGGER shows_change_status BEFORE UPDATE OF status ON shows
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status)
    EXECUTE FUNCTION shows_change_status();
"""


async def forwards() -> MigrationManager:
    """Creates the tables, then their indices and triggers."""
    manager = MigrationManager(migration_id=ID, app_name="setroom", description=DESCRIPTION)

    async def run() -> None:
        for script in (TABLES, INDICES, TRIGGERS):
            await ENGINE.run_script(script)

    manager.add_raw(run)
    return manager
