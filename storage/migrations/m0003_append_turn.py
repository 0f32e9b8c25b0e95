"""``append_turn``: one call that appends a whole turn, or tells why it did not.

Statements stand in this order because each relies on the one before it (READ COMMITTED: every
statement sees what was committed before *it* began):

1. Stored answers of the turn's commands. If there are any, nothing is written.
2. The head is moved if it is still the one that was decided upon. A concurrent turn makes this
   wait and then match nothing; the head is then read by a statement of its own. Taking the row
   is what puts turns of one room in a row, so nothing below can meet another turn.
3. Everything else, in bulk.

Counts are moved by what the ballots' upsert says it replaced (``RETURNING old, new``). A count
that shrinks is updated rather than upserted: a CHECK judges the row that *would* be inserted
before the conflict is seen, and there a negative number stands.

Every look-up here is by a whole key. The planner must not think otherwise because its statistics
are older than the room: plans are generic, and ``LATERAL … OFFSET 0`` keeps it from reading all
of a room's replies (5 ms after 8,000 of them) to find a few.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from storage.engine import ENGINE

ID = "2026-11-21T14:00:00:000003"
VERSION = "1.38.0"
DESCRIPTION = "The function that appends a turn"

APPEND_TURN = """
CREATE FUNCTION append_turn(
    the_show uuid, expected_seq bigint, expected_version bigint, new_seq bigint, new_version bigint,
    event_names text[], event_times timestamptz[], event_authors uuid[], event_data text[],
    event_crew_data text[], event_updates bytea[], event_clients text[],
    client_ids bigint[], client_owners uuid[], client_seqs bigint[],
    round_ids uuid[], round_configs text[], round_hashes text[], round_statuses text[],
    round_positions int[], round_opened timestamptz[], round_closes timestamptz[],
    round_closed timestamptz[], round_results text[],
    ballot_rounds uuid[], ballot_voters uuid[], ballot_picks text[], ballot_patterns text[],
    ballot_classes text[], ballot_times timestamptz[],
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
    OUT stored_answers bytea[]
) LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
    written bigint;
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
                                 closes_at, closed_at, result, version)
        SELECT u.id, the_show, u.config::json, u.hash, u.status, u.place, u.opened, u.closes,
               u.closed, u.result::json, new_version
          FROM unnest(round_ids, round_configs, round_hashes, round_statuses, round_positions,
                      round_opened, round_closes, round_closed, round_results)
               AS u (id, config, hash, status, place, opened, closes, closed, result)
            ON CONFLICT (id) DO UPDATE
           SET config = excluded.config, config_hash = excluded.config_hash,
               status = excluded.status, position = excluded.position,
               opened_at = excluded.opened_at, closes_at = excluded.closes_at,
               closed_at = excluded.closed_at, result = excluded.result,
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
    """Creates the function."""
    manager = MigrationManager(migration_id=ID, app_name="setroom", description=DESCRIPTION)

    async def run() -> None:
        await ENGINE.run_script(APPEND_TURN)

    manager.add_raw(run)
    return manager
