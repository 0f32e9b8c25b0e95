"""The room's reads. Each is one statement and so sees one moment, without a lock.

Ballots and tallies carry the ``state_version`` of the turn that wrote them. Ballots are looked for
in the rounds that take votes and in those that changed since: no index has to follow every vote.
Of somebody who comes those of the latest rounds that are over are read as well: they are told what
they chose.
Tallies are read of rounds that take votes alone: what was counted of the others is their result.
"""

from __future__ import annotations

_EVENT = """ROW(e.seq, e.name, e.at, e.participant_id, e.data, e.crew_data, e.yjs_update,
                array_to_string(e.clients, ','))"""
_ROUND = """ROW(r.id, r.config, r.config_hash, r.status, r.position, r.opened_at, r.closes_at,
                r.closed_at, r.result, r.seed, r.runoff_of, r.stage_of, r.stage, r.supersedes,
                r.superseded_by, r.held_until)"""
_BALLOT = """ROW(b.round_id, b.participant_id, b.picks, b.pattern, b.voter_class, b.cast_at,
                 b.version)"""
_STANCE = """ROW(s.kind, s.subject, s.participant_id, s.value, s.voter_class, s.cast_at,
                 s.version)"""
_STANCE_COUNT = "ROW(n.kind, n.subject, n.value, n.voter_class, n.people)"
_TALLY = "ROW(t.round_id, t.pattern, t.voter_class, t.ballots)"

# What a restored, promoted or recreated database has different: the cluster, its timeline (which
# a recovery increments), the database, the table.
EPOCH_BASE = """(SELECT system_identifier FROM pg_control_system())::text
    || ':' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8)
    || ':' || (SELECT oid FROM pg_database WHERE datname = current_database())
    || ':' || 'rooms'::regclass::oid"""

_MOVED_ROUNDS = """SELECT r.id FROM rounds r WHERE r.show_id = $1
    AND (r.status IN ('open', 'grace') OR r.version > $3)"""

READ_SINCE = f"""
SELECT rooms.seq, rooms.state_version,
    ARRAY(SELECT {_EVENT} FROM room_events e
           WHERE e.show_id = $1 AND e.seq > $2 ORDER BY e.seq) AS events,
    ARRAY(SELECT {_ROUND} FROM rounds r
           WHERE r.show_id = $1 AND r.version > $3 ORDER BY r.position, r.id) AS rounds,
    ARRAY(SELECT {_TALLY} FROM rounds r
           CROSS JOIN LATERAL (SELECT * FROM tallies k WHERE k.round_id = r.id OFFSET 0) AS t
           WHERE r.show_id = $1 AND r.status IN ('open', 'grace')
             AND t.version > $3) AS tallies,
    ARRAY(SELECT {_BALLOT} FROM ballots b
           WHERE b.version > $3 AND b.round_id IN ({_MOVED_ROUNDS})
             AND b.participant_id = ANY ($4::uuid[])) AS ballots,
    ARRAY(SELECT ROW(c.kind, c.reactions) FROM reaction_counts c
           WHERE c.show_id = $1 AND c.version > $3) AS reactions,
    ARRAY(SELECT {_STANCE} FROM stances s
           WHERE s.show_id = $1 AND s.participant_id = ANY ($4::uuid[])
             AND s.version > $3) AS stances,
    ARRAY(SELECT {_STANCE_COUNT} FROM stance_counts n
           WHERE n.show_id = $1 AND n.version > $3) AS stance_counts
FROM rooms WHERE rooms.show_id = $1
"""

_FACTS = """shows.id AS show_id, shows.slug, shows.title, shows.status, shows.access,
    shows.starts_at,
    ARRAY(SELECT a.name FROM line_up l JOIN artists a ON a.id = l.artist_id
           WHERE l.show_id = shows.id AND l.status <> 'declined'
           ORDER BY l.position, l.created_at, l.id) AS artists,
    venues.name AS venue, venues.city, venues.state AS venue_state, venues.country,
    shows.takes_sms"""

FACTS = f"""
SELECT {_FACTS} FROM shows LEFT JOIN venues ON venues.id = shows.venue_id
WHERE shows.id = ANY ($1::uuid[])
"""

LOAD = f"""
SELECT {_FACTS},
    {EPOCH_BASE} AS epoch_base,
    rooms.seq, rooms.state_version,
    coalesce(s.seq, 0) AS snapshot_seq, s.state AS snapshot, s.document,
    ARRAY(SELECT {_EVENT} FROM room_events e
           WHERE e.show_id = $1 AND e.seq > coalesce(s.seq, 0) ORDER BY e.seq) AS events,
    ARRAY(SELECT {_ROUND} FROM rounds r
           WHERE r.show_id = $1 ORDER BY r.position, r.id) AS rounds,
    ARRAY(SELECT {_TALLY} FROM rounds r
           CROSS JOIN LATERAL (SELECT * FROM tallies k WHERE k.round_id = r.id OFFSET 0) AS t
           WHERE r.show_id = $1 AND r.status IN ('open', 'grace')) AS tallies,
    ARRAY(SELECT ROW(c.kind, c.reactions) FROM reaction_counts c
           WHERE c.show_id = $1) AS reactions,
    ARRAY(SELECT {_STANCE_COUNT} FROM stance_counts n
           WHERE n.show_id = $1) AS stance_counts,
    ARRAY(SELECT ROW(c.client_id, c.participant_id) FROM setlist_clients c
           WHERE c.show_id = $1) AS bindings
FROM shows
LEFT JOIN venues ON venues.id = shows.venue_id
LEFT JOIN rooms ON rooms.show_id = shows.id
LEFT JOIN room_snapshots s ON s.show_id = shows.id
WHERE shows.id = $1
"""

MAKE_ROOM = """INSERT INTO rooms (show_id) SELECT id FROM shows WHERE id = $1
ON CONFLICT (show_id) DO NOTHING"""

VOTES_OF = f"""
SELECT
    ARRAY(SELECT {_BALLOT}
            FROM (SELECT id FROM rounds WHERE show_id = $1 AND status IN ('open', 'grace')
                  UNION ALL
                  (SELECT id FROM rounds
                    WHERE show_id = $1 AND status IN ('closed', 'revealed', 'superseded')
                    ORDER BY position DESC, id DESC LIMIT $3)) r
           CROSS JOIN LATERAL (SELECT * FROM ballots k
                                WHERE k.round_id = r.id
                                  AND k.participant_id = ANY ($2::uuid[]) OFFSET 0) AS b
         ) AS ballots,
    ARRAY(SELECT {_STANCE} FROM stances s
           WHERE s.show_id = $1 AND s.participant_id = ANY ($2::uuid[])) AS stances
"""

REPLIES_OF = """
SELECT r.participant_id, r.command_id, r.payload_hash, r.answer
  FROM unnest($2::uuid[], $3::text[]) AS said (author, command)
 CROSS JOIN LATERAL (SELECT * FROM replies k
                      WHERE k.show_id = $1 AND k.participant_id = said.author
                        AND k.command_id = said.command OFFSET 0) AS r
"""

ROLES_OF = "SELECT id, role FROM attendees WHERE show_id = $1 AND id = ANY ($2::uuid[])"

STANDINGS_OF = """
SELECT a.id, a.role, a.display_name, accounts.kind = 'user' AS has_account,
    a.checked_in_at IS NOT NULL AS checked_in,
    a.phone_confirmed_at IS NOT NULL AS phone_confirmed, a.device_id,
    ARRAY(SELECT d.round_id FROM ballot_devices d JOIN rounds r ON r.id = d.round_id
           WHERE d.device_id = a.device_id AND d.participant_id <> a.id
             AND r.show_id = $1) AS device_rounds,
    rep.agreements, rep.disagreements, rep.as_of, now() AS at, c.cluster,
    EXISTS (SELECT FROM attendees o WHERE o.show_id = $1 AND o.device_id = a.device_id
               AND o.id <> a.id) AS device_shared
  FROM attendees a JOIN accounts ON accounts.id = a.account_id
  LEFT JOIN reputations rep ON rep.account_id = a.account_id
  LEFT JOIN account_clusters c ON c.account_id = a.account_id
        AND c.found_at > now() - make_interval(days => $3)
 WHERE a.show_id = $1 AND a.id = ANY ($2::uuid[])
"""

SONGS_OF = """
SELECT s.id, s.title, s.normalised_title
  FROM line_up l JOIN songs s ON s.artist_id = l.artist_id
 WHERE l.show_id = $1 AND l.status <> 'declined'
   AND (s.id = ANY ($2::uuid[]) OR s.normalised_title = ANY ($3::text[]))
 ORDER BY (l.billing = 'headliner') DESC, l.position, l.id, s.id
"""

EVENTS_AFTER = f"""
SELECT {_EVENT} FROM room_events e WHERE e.show_id = $1 AND e.seq > $2 ORDER BY e.seq LIMIT $3
"""

HEADS = f"""
SELECT {EPOCH_BASE} AS epoch_base,
    ARRAY(SELECT ROW(r.show_id, r.seq, r.state_version) FROM rooms r
           WHERE r.show_id = ANY ($1::uuid[])) AS heads
"""

DUE_ROUNDS = """
SELECT show_id, id FROM rounds WHERE status IN ('open', 'grace') AND closes_at <= $1
 ORDER BY closes_at
"""

SAVE_SNAPSHOT = """
INSERT INTO room_snapshots AS s (show_id, seq, state, document) VALUES ($1, $2, $3, $4)
ON CONFLICT (show_id) DO UPDATE
   SET seq = excluded.seq, state = excluded.state, document = excluded.document,
       created_at = now()
 WHERE s.seq < excluded.seq
"""
