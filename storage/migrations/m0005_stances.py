"""Stances (upvotes and ratings), what rounds of every kind keep, and a wider ``append_turn``.

Stances are counted like ballots: the row of a person is replaced, the counts move by what it
replaced. Their key begins with the person, because that is how they are read; the counts' key
with the subject. As with ballots there is no foreign key per row: the counts have one.

The earlier ``append_turn`` stays beside the wider one (PostgreSQL tells them apart by their
arguments), so that nodes of the running version keep working until they are replaced. Columns
are added with constant defaults or none: no table is rewritten. A device's vote has a table of
its own rather than an index on ``ballots``, which would have to be built while votes come in.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import UUID, Boolean, Bytea, Integer, Text, Timestamptz

from storage.added_columns import add_column
from storage.engine import ENGINE

ID = "2026-11-21T17:50:00:000005"
VERSION = "1.38.0"
DESCRIPTION = "Stances, rounds of every kind, check-in and devices"

TABLES = """
CREATE TABLE ballot_devices (
    round_id uuid NOT NULL REFERENCES rounds (id) ON DELETE CASCADE,
    device_id uuid NOT NULL,
    participant_id uuid NOT NULL,
    CONSTRAINT one_ballot_per_round_and_device PRIMARY KEY (round_id, device_id)
);
CREATE INDEX ballot_devices_device ON ballot_devices (device_id);

CREATE TABLE stances (
    show_id uuid NOT NULL,
    participant_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('upvote', 'rating')),
    subject text COLLATE "C" NOT NULL CHECK (length(subject) BETWEEN 1 AND 64),
    value smallint NOT NULL CHECK (value BETWEEN -1 AND 1),
    voter_class text COLLATE "C" NOT NULL,
    cast_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT one_stance_per_subject_and_attendee
        PRIMARY KEY (show_id, participant_id, kind, subject)
) WITH (fillfactor = 80);

CREATE TABLE stance_counts (
    show_id uuid NOT NULL REFERENCES rooms (show_id) ON DELETE RESTRICT,
    kind text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    value smallint NOT NULL CHECK (value IN (-1, 1)),
    voter_class text COLLATE "C" NOT NULL,
    people integer NOT NULL CONSTRAINT stances_never_below_zero CHECK (people >= 0),
    version bigint NOT NULL,
    PRIMARY KEY (show_id, kind, subject, value, voter_class)
) WITH (fillfactor = 50, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0.05);
"""

APPEND_TURN = """
CREATE FUNCTION append_turn(
    the_show uuid, expected_seq bigint, expected_version bigint, new_seq bigint, new_version bigint,
    event_names text[], event_times timestamptz[], event_authors uuid[], event_data text[],
    event_crew_data text[], event_updates bytea[], event_clients text[],
    client_ids bigint[], client_owners uuid[], client_seqs bigint[],
    round_ids uuid[], round_configs text[], round_hashes text[], round_statuses text[],
    round_positions int[], round_opened timestamptz[], round_closes timestamptz[],
    round_closed timestamptz[], round_results text[], round_seeds text[],
    round_runoffs uuid[], round_brackets uuid[], round_stages int[], round_corrects uuid[],
    round_corrected_by uuid[], round_held timestamptz[],
    ballot_rounds uuid[], ballot_voters uuid[], ballot_picks text[], ballot_patterns text[],
    ballot_classes text[], ballot_times timestamptz[], ballot_devices uuid[],
    stance_kinds text[], stance_subjects text[], stance_authors uuid[], stance_values int[],
    stance_classes text[], stance_times timestamptz[],
    reaction_kinds text[], reaction_increments bigint[],
    reply_authors uuid[], reply_commands text[], reply_hashes bytea[], reply_answers bytea[],
    outbox_kinds text[], outbox_keys text[], outbox_payloads text[],
    audit_authors uuid[], audit_actions text[], audit_subjects text[], audit_times timestamptz[],
    audit_before text[], audit_after text[],
    removed uuid[], new_status text,
    OUT outcome text, OUT seq bigint, OUT state_version bigint,
    OUT tally_rounds uuid[], OUT tally_patterns text[], OUT tally_classes text[],
    OUT tally_ballots int[], OUT counted_kinds text[], OUT counted bigint[],
    OUT stored_authors uuid[], OUT stored_commands text[], OUT stored_hashes bytea[],
    OUT stored_answers bytea[],
    OUT held_kinds text[], OUT held_subjects text[], OUT held_values int[],
    OUT held_classes text[], OUT held_people int[]
) LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
    written bigint;
    devices bigint;
    elsewhere boolean;
    ended boolean;
BEGIN
    IF cardinality(reply_commands) > 0 THEN
        SELECT array_agg(r.participant_id), array_agg(r.command_id),
               array_agg(r.payload_hash), array_agg(r.answer)
          INTO stored_authors, stored_commands, stored_hashes, stored_answers
          FROM unnest(reply_authors, reply_commands) AS said (author, command)
         CROSS JOIN LATERAL (
               SELECT * FROM replies k
                WHERE k.show_id = the_show AND k.participant_id = said.author
                  AND k.command_id = said.command OFFSET 0) AS r;
        IF stored_commands IS NOT NULL THEN
            outcome := 'already_answered';
            RETURN;
        END IF;
    END IF;

    UPDATE rooms SET seq = new_seq, state_version = new_version
     WHERE show_id = the_show AND rooms.seq = expected_seq
       AND rooms.state_version = expected_version;
    IF NOT FOUND THEN
        SELECT rooms.seq, rooms.state_version INTO append_turn.seq, append_turn.state_version
          FROM rooms WHERE show_id = the_show;
        IF NOT FOUND THEN
            RAISE no_data_found USING MESSAGE = 'there is no such room';
        END IF;
        outcome := 'lost';
        RETURN;
    END IF;
    outcome := 'appended';
    append_turn.seq := new_seq;
    append_turn.state_version := new_version;

    IF cardinality(event_names) > 0 THEN
        IF EXISTS (SELECT FROM room_events e WHERE e.show_id = the_show AND e.seq = expected_seq
                      AND e.at > event_times[1]) THEN
            RAISE check_violation USING MESSAGE = 'event times never decrease';
        END IF;
        INSERT INTO room_events (show_id, seq, name, at, participant_id, data, crew_data,
                                 yjs_update, clients)
        SELECT the_show, expected_seq + e.place, e.name, e.at, e.author, e.data::json,
               e.crew_data::json, e.yjs_update, e.clients::bigint[]
          FROM unnest(event_names, event_times, event_authors, event_data, event_crew_data,
                      event_updates, event_clients) WITH ORDINALITY
               AS e (name, at, author, data, crew_data, yjs_update, clients, place);
    END IF;

    IF cardinality(client_ids) > 0 THEN
        INSERT INTO setlist_clients AS c (show_id, client_id, participant_id, seq)
        SELECT the_show, u.client, u.owner, u.seq
          FROM unnest(client_ids, client_owners, client_seqs) AS u (client, owner, seq)
            ON CONFLICT (show_id, client_id) DO UPDATE SET participant_id = c.participant_id
         WHERE c.participant_id = excluded.participant_id;
        GET DIAGNOSTICS written = ROW_COUNT;
        IF written <> cardinality(client_ids) THEN
            RAISE unique_violation
                USING MESSAGE = 'a client id is bound to another participant';
        END IF;
    END IF;

    IF cardinality(round_ids) > 0 THEN
        INSERT INTO rounds AS r (id, show_id, config, config_hash, status, position, opened_at,
                                 closes_at, closed_at, result, seed, runoff_of, stage_of, stage,
                                 supersedes, superseded_by, held_until, version)
        SELECT u.id, the_show, u.config::json, u.hash, u.status, u.place, u.opened, u.closes,
               u.closed, u.result::json, u.seed, u.runoff_of, u.stage_of, u.stage, u.supersedes,
               u.superseded_by, u.held_until, new_version
          FROM unnest(round_ids, round_configs, round_hashes, round_statuses, round_positions,
                      round_opened, round_closes, round_closed, round_results, round_seeds,
                      round_runoffs, round_brackets, round_stages, round_corrects,
                      round_corrected_by, round_held)
               AS u (id, config, hash, status, place, opened, closes, closed, result, seed,
                     runoff_of, stage_of, stage, supersedes, superseded_by, held_until)
            ON CONFLICT (id) DO UPDATE
           SET config = excluded.config, config_hash = excluded.config_hash,
               status = excluded.status, position = excluded.position,
               opened_at = excluded.opened_at, closes_at = excluded.closes_at,
               closed_at = excluded.closed_at, result = excluded.result, seed = excluded.seed,
               runoff_of = excluded.runoff_of, stage_of = excluded.stage_of,
               stage = excluded.stage, supersedes = excluded.supersedes,
               superseded_by = excluded.superseded_by, held_until = excluded.held_until,
               version = excluded.version
         WHERE r.show_id = the_show;
        GET DIAGNOSTICS written = ROW_COUNT;
        IF written <> cardinality(round_ids) THEN
            RAISE unique_violation USING MESSAGE = 'a round belongs to another show';
        END IF;
    END IF;

    IF cardinality(ballot_voters) > 0 THEN
        SELECT coalesce(bool_or(show_id <> the_show), false),
               coalesce(bool_or(status NOT IN ('open', 'grace')), false)
          INTO elsewhere, ended FROM rounds WHERE id = ANY (ballot_rounds);
        IF elsewhere THEN
            RAISE foreign_key_violation USING MESSAGE = 'a ballot names another show''s round';
        END IF;
        IF ended THEN
            -- Votes are looked for in rounds that take votes and in rounds that changed.
            UPDATE rounds SET version = new_version
             WHERE id = ANY (ballot_rounds) AND status NOT IN ('open', 'grace')
               AND version < new_version;
        END IF;

        -- A device that voted stays with whom it voted for first.
        SELECT count(*) INTO written FROM unnest(ballot_devices) AS d (device)
         WHERE d.device IS NOT NULL;
        IF written > 0 THEN
            INSERT INTO ballot_devices AS b (round_id, device_id, participant_id)
            SELECT u.round, u.device, u.voter
              FROM unnest(ballot_rounds, ballot_devices, ballot_voters) AS u (round, device, voter)
             WHERE u.device IS NOT NULL
                ON CONFLICT (round_id, device_id) DO UPDATE SET participant_id = b.participant_id
             WHERE b.participant_id = excluded.participant_id;
            GET DIAGNOSTICS devices = ROW_COUNT;
            IF devices <> written THEN
                RAISE unique_violation USING MESSAGE = 'a device has voted in this round';
            END IF;
        END IF;

        WITH cast_now AS (
            INSERT INTO ballots AS b (round_id, participant_id, picks, pattern, voter_class,
                                      cast_at, version)
            SELECT u.round, u.voter, u.picks::jsonb, u.pattern, u.class, u.at, new_version
              FROM unnest(ballot_rounds, ballot_voters, ballot_picks, ballot_patterns,
                          ballot_classes, ballot_times)
                   AS u (round, voter, picks, pattern, class, at)
                ON CONFLICT (round_id, participant_id) DO UPDATE
               SET picks = excluded.picks, pattern = excluded.pattern,
                   voter_class = excluded.voter_class, cast_at = excluded.cast_at,
                   version = excluded.version
            RETURNING b.round_id, old.pattern AS old_pattern, old.voter_class AS old_class,
                      new.pattern AS new_pattern, new.voter_class AS new_class
        ), delta AS (
            SELECT m.round_id, m.pattern, m.voter_class, sum(m.by)::int AS by
              FROM (SELECT round_id, old_pattern AS pattern, old_class AS voter_class, -1 AS by
                      FROM cast_now WHERE old_pattern <> ''
                    UNION ALL
                    SELECT round_id, new_pattern, new_class, 1
                      FROM cast_now WHERE new_pattern <> '') AS m
             GROUP BY m.round_id, m.pattern, m.voter_class HAVING sum(m.by) <> 0
        ), grown AS (
            INSERT INTO tallies AS t (round_id, pattern, voter_class, ballots, version)
            SELECT round_id, pattern, voter_class, by, new_version FROM delta WHERE by > 0
                ON CONFLICT (round_id, pattern, voter_class) DO UPDATE
               SET ballots = t.ballots + excluded.ballots, version = excluded.version
            RETURNING t.round_id, t.pattern, t.voter_class, t.ballots
        ), shrunk AS (
            UPDATE tallies AS t SET ballots = t.ballots + d.by, version = new_version
              FROM delta d
             CROSS JOIN LATERAL (
                   SELECT k.ctid FROM tallies k
                    WHERE k.round_id = d.round_id AND k.pattern = d.pattern
                      AND k.voter_class = d.voter_class OFFSET 0) AS found
             WHERE d.by < 0 AND t.ctid = found.ctid
            RETURNING t.round_id, t.pattern, t.voter_class, t.ballots
        ), moved AS (
            SELECT * FROM grown UNION ALL SELECT * FROM shrunk
        )
        SELECT array_agg(m.round_id), array_agg(m.pattern), array_agg(m.voter_class),
               array_agg(m.ballots)
          INTO tally_rounds, tally_patterns, tally_classes, tally_ballots FROM moved m;
    END IF;

    IF cardinality(stance_subjects) > 0 THEN
        WITH said AS (
            INSERT INTO stances AS s (show_id, participant_id, kind, subject, value, voter_class,
                                      cast_at, version)
            SELECT the_show, u.author, u.kind, u.subject, u.value, u.class, u.at, new_version
              FROM unnest(stance_kinds, stance_subjects, stance_authors, stance_values,
                          stance_classes, stance_times)
                   AS u (kind, subject, author, value, class, at)
                ON CONFLICT (show_id, participant_id, kind, subject) DO UPDATE
               SET value = excluded.value, voter_class = excluded.voter_class,
                   cast_at = excluded.cast_at, version = excluded.version
            RETURNING s.kind, s.subject, old.value AS old_value, old.voter_class AS old_class,
                      new.value AS new_value, new.voter_class AS new_class
        ), delta AS (
            SELECT m.kind, m.subject, m.value, m.voter_class, sum(m.by)::int AS by
              FROM (SELECT kind, subject, old_value AS value, old_class AS voter_class, -1 AS by
                      FROM said WHERE old_value <> 0
                    UNION ALL
                    SELECT kind, subject, new_value, new_class, 1 FROM said WHERE new_value <> 0
                   ) AS m
             GROUP BY m.kind, m.subject, m.value, m.voter_class HAVING sum(m.by) <> 0
        ), grown AS (
            INSERT INTO stance_counts AS c (show_id, kind, subject, value, voter_class, people,
                                            version)
            SELECT the_show, kind, subject, value, voter_class, by, new_version
              FROM delta WHERE by > 0
                ON CONFLICT (show_id, kind, subject, value, voter_class) DO UPDATE
               SET people = c.people + excluded.people, version = excluded.version
            RETURNING c.kind, c.subject, c.value, c.voter_class, c.people
        ), shrunk AS (
            UPDATE stance_counts AS c SET people = c.people + d.by, version = new_version
              FROM delta d
             CROSS JOIN LATERAL (
                   SELECT k.ctid FROM stance_counts k
                    WHERE k.show_id = the_show AND k.kind = d.kind AND k.subject = d.subject
                      AND k.value = d.value AND k.voter_class = d.voter_class OFFSET 0) AS found
             WHERE d.by < 0 AND c.ctid = found.ctid
            RETURNING c.kind, c.subject, c.value, c.voter_class, c.people
        ), moved AS (
            SELECT * FROM grown UNION ALL SELECT * FROM shrunk
        )
        SELECT array_agg(m.kind), array_agg(m.subject), array_agg(m.value),
               array_agg(m.voter_class), array_agg(m.people)
          INTO held_kinds, held_subjects, held_values, held_classes, held_people FROM moved m;
    END IF;

    IF cardinality(reaction_kinds) > 0 THEN
        WITH moved AS (
            INSERT INTO reaction_counts AS c (show_id, kind, reactions, version)
            SELECT the_show, u.kind, u.by, new_version
              FROM unnest(reaction_kinds, reaction_increments) AS u (kind, by)
                ON CONFLICT (show_id, kind) DO UPDATE
               SET reactions = c.reactions + excluded.reactions, version = excluded.version
            RETURNING c.kind, c.reactions
        )
        SELECT array_agg(m.kind), array_agg(m.reactions) INTO counted_kinds, counted FROM moved m;
    END IF;

    IF cardinality(reply_commands) > 0 THEN
        INSERT INTO replies (show_id, participant_id, command_id, payload_hash, answer)
        SELECT the_show, u.author, u.command, u.hash, u.answer
          FROM unnest(reply_authors, reply_commands, reply_hashes, reply_answers)
               AS u (author, command, hash, answer);
    END IF;

    IF cardinality(outbox_keys) > 0 THEN
        INSERT INTO outbox (show_id, kind, dedupe_key, payload)
        SELECT the_show, u.kind, u.key, u.payload::json
          FROM unnest(outbox_kinds, outbox_keys, outbox_payloads) AS u (kind, key, payload)
            ON CONFLICT (dedupe_key) DO NOTHING;
    END IF;

    IF cardinality(audit_actions) > 0 THEN
        INSERT INTO audit_log (show_id, participant_id, action, subject, at, before, after)
        SELECT the_show, u.author, u.action, u.subject, u.at, u.before::json, u.after::json
          FROM unnest(audit_authors, audit_actions, audit_subjects, audit_times, audit_before,
                      audit_after) AS u (author, action, subject, at, before, after);
    END IF;

    IF cardinality(removed) > 0 THEN
        UPDATE attendees SET removed_at = now()
         WHERE show_id = the_show AND id = ANY (removed) AND removed_at IS NULL;
    END IF;

    IF new_status IS NOT NULL THEN
        UPDATE shows SET status = new_status, updated_at = now(), version = version + 1
         WHERE id = the_show AND status <> new_status;
    END IF;
END $$;
"""


async def forwards() -> MigrationManager:
    """Adds tables and columns, then the wider function."""
    manager = MigrationManager(migration_id=ID, app_name="setroom", description=DESCRIPTION)

    add_column(manager, "Round", "rounds", "seed", Text, secret=True)
    for name in ("runoff_of", "stage_of", "supersedes", "superseded_by"):
        add_column(manager, "Round", "rounds", name, UUID)
    add_column(manager, "Round", "rounds", "held_until", Timestamptz)
    add_column(manager, "Round", "rounds", "stage", Integer, default=1, null=False)
    add_column(manager, "Show", "shows", "takes_sms", Boolean, default=False, null=False)
    add_column(manager, "Show", "shows", "check_in_secret", Bytea, secret=True)
    add_column(manager, "Attendee", "attendees", "device_id", UUID)
    for name in ("checked_in_at", "phone_confirmed_at"):
        add_column(manager, "Attendee", "attendees", name, Timestamptz)

    async def run() -> None:
        for script in (TABLES, APPEND_TURN):
            await ENGINE.run_script(script)

    manager.add_raw(run)
    return manager
