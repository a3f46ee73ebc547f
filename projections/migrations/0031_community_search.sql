-- What lists of communities are asked by. Source: projections/communities.sql.

-- A community as a search reads it.
CREATE OR REPLACE FUNCTION es.community(slug text, metadata bytea) RETURNS jsonb
IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN jsonb_build_object('slug', slug, 'metadata', es.document(metadata));

-- What type of community it says that it is, in either of two shapes. NULL: it does not say.
CREATE OR REPLACE FUNCTION es.community_type(metadata bytea) RETURNS text
IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN (SELECT CASE jsonb_typeof(type) WHEN 'string' THEN type #>> '{}' ELSE type ->> 'id' END
          FROM (SELECT es.document(metadata) -> 'type' AS type) AS said);

-- Its words, those of its title marked A. Beside them stands a sign that no word has: whatever else is
-- asked, the index may be asked for that. Where all that does not fit in a tsvector, the words of its
-- title alone are there.
CREATE OR REPLACE FUNCTION es.community_words(slug text, metadata bytea) RETURNS tsvector
IMMUTABLE STRICT LANGUAGE plpgsql AS $$
DECLARE
    document CONSTANT jsonb := es.community(slug, metadata);
    found tsvector := array_to_tsvector(ARRAY['/']);
BEGIN
    found := found || setweight(
        to_tsvector('simple', es.apart(coalesce(document #>> '{metadata,title}', ''))), 'A');
    RETURN found || es.words(document);
EXCEPTION WHEN program_limit_exceeded THEN
    RETURN found;
END $$;

-- A database that has no views yet gets the rest with them. Source: projections/groups.sql, members.sql.
DO $$
BEGIN
    IF to_regclass('view.groups') IS NOT NULL THEN
        ALTER TABLE view.groups
            ADD COLUMN IF NOT EXISTS type text
                GENERATED ALWAYS AS (es.community_type(metadata)) STORED,
            ADD COLUMN IF NOT EXISTS words tsvector
                GENERATED ALWAYS AS (es.community_words(slug, metadata)) STORED;
        CREATE INDEX IF NOT EXISTS groups_words_idx ON view.groups USING gin (words)
         WHERE kind = 'community';
    END IF;
    IF to_regclass('view.members') IS NOT NULL THEN
        CREATE INDEX IF NOT EXISTS members_team_idx ON view.members (team) WHERE role = 'owner';
    END IF;
END $$;
