"""Search over everything that is public: one table of names, and what keeps it level.

``search_index`` holds a row for each show, artist, venue, tour and song that everybody may see.
It is derived: triggers note what has changed in ``search_pending`` (an append without conflicts,
so that a show's own transaction neither waits nor deadlocks), and ``refresh_search`` brings the
rows level a moment later, in portions, in one process at a time.

``pg_trgm`` belongs to PostgreSQL's own extensions and may be created by whoever may create
objects in the database; where it may not, the migration says what an administrator has to do.

Indices on existing tables: ``venues`` and ``shows`` hold some thousands of rows, which are
indexed in milliseconds.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from storage.engine import ENGINE

ID = "2026-11-21T20:51:00:000011"
VERSION = "1.38.0"
DESCRIPTION = "Search"

EXTENSION = """
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
    RAISE EXCEPTION 'the extension pg_trgm is needed for search and may not be created by this '
        'role (%): let an administrator run CREATE EXTENSION pg_trgm in this database, then '
        'migrate again', SQLERRM;
END $$;
"""

# What is left of a name when case, accents of Latin letters and punctuation are not told apart:
# `rooms.catalogue.names.title_key`, in SQL. The collations named here are PostgreSQL's own.
KEY = r"""
CREATE FUNCTION search_key(said text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN btrim(regexp_replace(
    replace(
        regexp_replace(
            normalize(
                regexp_replace(
                    normalize(lower(normalize(said, NFKC) COLLATE pg_unicode_fast), NFKD),
                    '([a-z])[\u0300-\u036f]+', '\1', 'g'),
                NFC),
            '[''’‘ʼ`´′]', '', 'g'),
        '&', ' and ') COLLATE pg_c_utf8,
    '[[:punct:][:space:][:cntrl:]]+', ' ', 'g'));
"""

TABLES = """
CREATE TABLE search_index (
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('show', 'artist', 'venue', 'tour', 'song')),
    id uuid NOT NULL,
    name text NOT NULL,
    detail text,
    at timestamptz,
    key text COLLATE "C" NOT NULL,
    words text COLLATE "C" NOT NULL,
    weight real NOT NULL CHECK (weight BETWEEN 0 AND 1),
    PRIMARY KEY (kind, id)
);
CREATE INDEX search_words ON search_index USING gin (words gin_trgm_ops);
CREATE INDEX search_names ON search_index USING gin (key gin_trgm_ops) WHERE kind <> 'show';
CREATE INDEX search_one_letter ON search_index (left(key, 1), weight DESC);
CREATE INDEX search_two_letters ON search_index (left(key, 2), weight DESC);
CREATE INDEX search_short_id ON search_index (kind, (right(id::text, 12)));
CREATE INDEX search_listed ON search_index (kind, weight DESC, key, id);

CREATE TABLE search_pending (kind text NOT NULL, id uuid NOT NULL);

CREATE INDEX venues_located ON venues (lat, lon) WHERE lat IS NOT NULL;
"""

# A show that is public; what only private shows and drafts name is nobody's business either.
REFRESH = """
CREATE FUNCTION show_is_public(status text, access text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN status <> 'draft' AND access <> 'private';

CREATE FUNCTION search_weight(times bigint, most numeric) RETURNS real
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN least(1, ln(1 + coalesce(times, 0)) / ln(1 + most))::real;

CREATE VIEW searchable_shows AS
SELECT 'show' AS kind, s.id, s.title AS name,
       nullif(concat_ws(', ', v.name, v.city, v.country), '') AS detail, s.starts_at AS at,
       concat_ws(' ', s.title,
                 (SELECT string_agg(a.name, ' ' ORDER BY l.position)
                    FROM line_up l JOIN artists a ON a.id = l.artist_id
                   WHERE l.show_id = s.id AND l.status <> 'declined'),
                 v.name, v.city, v.state, t.name,
                 to_char(coalesce(s.date, s.starts_at AT TIME ZONE 'UTC'), 'YYYY-MM-DD')) AS said,
       CASE s.status WHEN 'live' THEN 1 WHEN 'published' THEN 0.8 WHEN 'cancelled' THEN 0.05
                     ELSE 0.2 END::real AS weight
  FROM shows s LEFT JOIN venues v ON v.id = s.venue_id LEFT JOIN tours t ON t.id = s.tour_id
 WHERE show_is_public(s.status, s.access);

CREATE VIEW searchable_artists AS
SELECT 'artist' AS kind, a.id, a.name, NULL AS detail, NULL::timestamptz AS at, a.name AS said,
       greatest(0.3, search_weight(p.shows, 500)) AS weight
  FROM artists a, LATERAL (
       SELECT count(*) AS shows FROM line_up l JOIN shows s ON s.id = l.show_id
        WHERE l.artist_id = a.id AND l.status <> 'declined'
          AND show_is_public(s.status, s.access)) AS p
 WHERE p.shows > 0 OR a.source_id IS NOT NULL;

CREATE VIEW searchable_venues AS
SELECT 'venue' AS kind, v.id, v.name,
       nullif(concat_ws(', ', v.city, v.state, v.country), '') AS detail,
       NULL::timestamptz AS at, concat_ws(' ', v.name, v.city, v.state) AS said,
       search_weight(p.shows, 200) AS weight
  FROM venues v, LATERAL (
       SELECT count(*) AS shows FROM shows s
        WHERE s.venue_id = v.id AND show_is_public(s.status, s.access)) AS p
 WHERE p.shows > 0;

CREATE VIEW searchable_tours AS
SELECT 'tour' AS kind, t.id, t.name, a.name AS detail, NULL::timestamptz AS at,
       concat_ws(' ', t.name, a.name) AS said, search_weight(p.shows, 400) AS weight
  FROM tours t JOIN artists a ON a.id = t.artist_id, LATERAL (
       SELECT count(*) AS shows FROM shows s
        WHERE s.tour_id = t.id AND show_is_public(s.status, s.access)) AS p
 WHERE p.shows > 0;

CREATE VIEW searchable_songs AS
SELECT 'song' AS kind, o.id, o.title AS name, a.name AS detail, NULL::timestamptz AS at,
       concat_ws(' ', o.title, a.name) AS said, search_weight(p.times, 1500) AS weight
  FROM songs o JOIN artists a ON a.id = o.artist_id, LATERAL (
       SELECT sum(times_played)::bigint AS times FROM song_statistics st
        WHERE st.song_id = o.id) AS p
 WHERE p.times IS NOT NULL OR o.source_id IS NOT NULL;

CREATE VIEW searchable AS
SELECT * FROM searchable_shows UNION ALL SELECT * FROM searchable_artists
 UNION ALL SELECT * FROM searchable_venues UNION ALL SELECT * FROM searchable_tours
 UNION ALL SELECT * FROM searchable_songs;
"""

# One process at a time, so two never wait for each other's rows. What a show names is counted
# again with it. Answers how many notes were taken.
DRAIN = """
CREATE FUNCTION refresh_search(rows_max integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    taken integer;
    kinds text[];
    ids uuid[];
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('refresh_search', 0)) THEN
        RETURN 0;
    END IF;
    WITH gone AS (
        DELETE FROM search_pending WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM search_pending LIMIT rows_max))
        RETURNING kind, id)
    SELECT (SELECT count(*) FROM gone), array_agg(kind), array_agg(id)
      INTO taken, kinds, ids FROM (SELECT DISTINCT kind, id FROM gone) AS once;
    IF taken = 0 THEN
        RETURN 0;
    END IF;

    WITH noted AS (SELECT * FROM unnest(kinds, ids) AS n (kind, id)),
         named AS (SELECT s.* FROM noted JOIN shows s ON s.id = noted.id WHERE kind = 'show')
    SELECT array_agg(kind), array_agg(id) INTO kinds, ids FROM (
        SELECT kind, id FROM noted
         UNION SELECT 'venue', venue_id FROM named WHERE venue_id IS NOT NULL
         UNION SELECT 'tour', tour_id FROM named WHERE tour_id IS NOT NULL
         UNION SELECT 'artist', l.artist_id FROM named JOIN line_up l ON l.show_id = named.id
    ) AS level;

    WITH refreshing AS MATERIALIZED (SELECT * FROM unnest(kinds, ids) AS n (kind, id)),
    found AS MATERIALIZED (
        SELECT f.* FROM refreshing r JOIN searchable_shows f ON f.id = r.id WHERE r.kind = 'show'
         UNION ALL
        SELECT f.* FROM refreshing r JOIN searchable_artists f ON f.id = r.id
         WHERE r.kind = 'artist'
         UNION ALL
        SELECT f.* FROM refreshing r JOIN searchable_venues f ON f.id = r.id WHERE r.kind = 'venue'
         UNION ALL
        SELECT f.* FROM refreshing r JOIN searchable_tours f ON f.id = r.id WHERE r.kind = 'tour'
         UNION ALL
        SELECT f.* FROM refreshing r JOIN searchable_songs f ON f.id = r.id WHERE r.kind = 'song'),
    hidden AS (
        DELETE FROM search_index i USING refreshing r
         WHERE i.kind = r.kind AND i.id = r.id
           AND NOT EXISTS (SELECT FROM found f WHERE f.kind = r.kind AND f.id = r.id))
    INSERT INTO search_index AS i (kind, id, name, detail, at, key, words, weight)
    SELECT kind, id, name, detail, at, search_key(name), ' ' || search_key(said), weight FROM found
        ON CONFLICT (kind, id) DO UPDATE
       SET name = excluded.name, detail = excluded.detail, at = excluded.at, key = excluded.key,
           words = excluded.words, weight = excluded.weight
     WHERE i.* IS DISTINCT FROM excluded.*;
    RETURN taken;
END $$;
"""

# Statement triggers: a load of thousands of rows notes them in one insert.
NOTES = """
CREATE FUNCTION note_search() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('INSERT INTO search_pending SELECT DISTINCT %L, %I FROM moved', TG_ARGV[0],
                   TG_ARGV[1]);
    IF TG_TABLE_NAME = 'shows' AND TG_OP <> 'INSERT' THEN
        INSERT INTO search_pending
        SELECT DISTINCT 'venue', venue_id FROM moved WHERE venue_id IS NOT NULL
         UNION SELECT DISTINCT 'tour', tour_id FROM moved WHERE tour_id IS NOT NULL;
    ELSIF TG_TABLE_NAME = 'line_up' THEN
        INSERT INTO search_pending SELECT DISTINCT 'artist', artist_id FROM moved;
    ELSIF TG_TABLE_NAME = 'venues' AND TG_OP = 'UPDATE' THEN
        INSERT INTO search_pending
        SELECT 'show', s.id FROM shows s WHERE s.venue_id IN (
            SELECT m.id FROM moved m JOIN search_index i ON i.kind = 'venue' AND i.id = m.id
             WHERE i.name IS DISTINCT FROM m.name);
    ELSIF TG_TABLE_NAME = 'artists' AND TG_OP = 'UPDATE' THEN
        INSERT INTO search_pending
        SELECT 'show', l.show_id FROM line_up l WHERE l.artist_id IN (
            SELECT m.id FROM moved m JOIN search_index i ON i.kind = 'artist' AND i.id = m.id
             WHERE i.name IS DISTINCT FROM m.name);
    END IF;
    RETURN NULL;
END $$;

DO $$
DECLARE
    noted record;
BEGIN
    FOR noted IN SELECT * FROM (VALUES
        ('shows', 'show', 'id'), ('line_up', 'show', 'show_id'), ('artists', 'artist', 'id'),
        ('venues', 'venue', 'id'), ('tours', 'tour', 'id'), ('songs', 'song', 'id'),
        ('song_statistics', 'song', 'song_id')) AS t (tab, kind, col)
    LOOP
        EXECUTE format('CREATE TRIGGER search_inserted AFTER INSERT ON %I REFERENCING NEW TABLE '
            'AS moved FOR EACH STATEMENT EXECUTE FUNCTION note_search(%L, %L)',
            noted.tab, noted.kind, noted.col);
        EXECUTE format('CREATE TRIGGER search_updated AFTER UPDATE ON %I REFERENCING NEW TABLE '
            'AS moved FOR EACH STATEMENT EXECUTE FUNCTION note_search(%L, %L)',
            noted.tab, noted.kind, noted.col);
        EXECUTE format('CREATE TRIGGER search_deleted AFTER DELETE ON %I REFERENCING OLD TABLE '
            'AS moved FOR EACH STATEMENT EXECUTE FUNCTION note_search(%L, %L)',
            noted.tab, noted.kind, noted.col);
    END LOOP;
END $$;
CREATE TRIGGER search_moved AFTER UPDATE ON shows REFERENCING OLD TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION note_search('show', 'id');

INSERT INTO search_pending
SELECT 'show', id FROM shows UNION ALL SELECT 'artist', id FROM artists
 UNION ALL SELECT 'venue', id FROM venues UNION ALL SELECT 'tour', id FROM tours
 UNION ALL SELECT 'song', id FROM songs;
"""

# Typed words are looked for as they stand: each at the beginning of a word, in any order; in
# scripts beyond Latin, some of which have no spaces and none trigrams here, anywhere. Only where
# that finds little are they looked for as they may have been meant, shows last: every show of an
# artist is alike. A threshold below 0.5 lets one slip in a short word pass. One and two letters
# are answered by an index in order of weight. 400 candidates are ranked: more answer nothing.
#
# The planner takes a comparison of trigrams for as cheap as one of numbers; it costs a hundred
# times that. So it is kept from reading whole tables and from beginning with the kind.
SEARCH = r"""
CREATE FUNCTION search_candidates(wanted text, literal text[], kinds text[])
RETURNS SETOF search_index LANGUAGE plpgsql STABLE
SET pg_trgm.word_similarity_threshold = 0.45 SET enable_seqscan = off AS $$
BEGIN
    IF length(wanted) = 1 THEN
        RETURN QUERY SELECT * FROM search_index i
         WHERE left(i.key, 1) = wanted AND i.kind = ANY (kinds) ORDER BY i.weight DESC LIMIT 100;
        RETURN;
    ELSIF length(wanted) = 2 THEN
        RETURN QUERY SELECT * FROM search_index i
         WHERE left(i.key, 2) = wanted AND i.kind = ANY (kinds) ORDER BY i.weight DESC LIMIT 100;
        RETURN;
    END IF;
    RETURN QUERY SELECT * FROM search_index i
     WHERE i.words LIKE ALL (literal) AND i.kind || '' = ANY (kinds);
    IF NOT EXISTS (SELECT FROM search_index i
                    WHERE i.words LIKE ALL (literal) AND i.kind || '' = ANY (kinds)
                   OFFSET 7) THEN
        RETURN QUERY SELECT * FROM search_index i
         WHERE i.key %> wanted AND i.kind <> 'show' AND NOT i.words LIKE ALL (literal)
           AND i.kind || '' = ANY (kinds);
        IF NOT FOUND AND 'show' = ANY (kinds) THEN
            RETURN QUERY SELECT * FROM search_index i
             WHERE i.words %> wanted AND i.kind || '' = 'show' AND NOT i.words LIKE ALL (literal);
        END IF;
    END IF;
END $$;

CREATE FUNCTION search_catalogue(
    said text, kinds text[], after_score real, after_kind text, after_id uuid, rows_max integer)
RETURNS TABLE (kind text, id uuid, name text, detail text, at timestamptz, score real)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
    wanted text := search_key(said);
    literal text[] := ARRAY(
        SELECT CASE WHEN part ~ '[^\u0001-\u024f]' THEN '%' ELSE '% ' END || part || '%'
          FROM unnest((string_to_array(wanted, ' '))[:8]) AS part);
BEGIN
    IF wanted = '' THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH hits AS MATERIALIZED (
        SELECT c.*, (SELECT avg((c.words LIKE part)::int) FROM unnest(literal) AS part) AS said
          FROM search_candidates(wanted, literal, kinds) AS c),
    best AS MATERIALIZED (
        SELECT * FROM hits ORDER BY said DESC, weight DESC, kind, id LIMIT 400),
    scored AS (
        SELECT c.kind, c.id, c.name, c.detail, c.at,
               (CASE WHEN c.key = wanted THEN 1.2
                     WHEN c.key LIKE wanted || '%' THEN 0.6
                     WHEN ' ' || c.key LIKE '% ' || wanted || '%' THEN 0.4
                     ELSE 0 END
                + 0.5 * c.said + 1.2 * word_similarity(wanted, c.words)
                + 0.2 * similarity(wanted, c.key) + 0.2 * c.weight
                + CASE c.kind WHEN 'artist' THEN 0.3 WHEN 'show' THEN 0 ELSE 0.1 END)::real
               AS score
          FROM best c)
    SELECT s.kind, s.id, s.name, s.detail, s.at, s.score FROM scored s
     WHERE after_score IS NULL
        OR (-s.score, s.kind, s.id) > (-after_score, after_kind COLLATE "C", after_id)
     ORDER BY s.score DESC, s.kind, s.id LIMIT rows_max;
END $$;
"""


async def forwards() -> MigrationManager:
    """Creates everything; what is there already is noted for the index."""
    manager = MigrationManager(migration_id=ID, app_name="setroom", description=DESCRIPTION)

    async def run() -> None:
        for script in (EXTENSION, KEY, TABLES, REFRESH, DRAIN, NOTES, SEARCH):
            await ENGINE.run_script(script)

    manager.add_raw(run)
    return manager
