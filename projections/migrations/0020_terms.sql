-- What lists of terms are asked by. Source: projections/terms.sql.

-- The words of a term, by which it is found: those of all that it says, those of its names marked A.
-- Beside them stand, after a sign that no word has, its type (/), its names whole (=), its tags (#) and
-- its scheme (:). Where all that does not fit in a tsvector, the words of its names alone are there.
CREATE OR REPLACE FUNCTION es.term_words(type text, key text, content jsonb) RETURNS tsvector
IMMUTABLE STRICT LANGUAGE plpgsql AS $$
DECLARE
    names text[];
    found tsvector;
BEGIN
    SELECT (array_agg(es.folded(left(name, 500))))[:200] INTO names
      FROM (SELECT key UNION ALL
            SELECT content ->> each FROM unnest(ARRAY['name', 'acronym', 'subject']) AS each UNION ALL
            SELECT value FROM jsonb_each_text(content -> 'title')) AS named (name)
     WHERE name <> '';
    SELECT array_to_tsvector(array_agg(left(each, 500))) INTO found
      FROM (SELECT '/' || type UNION ALL
            SELECT '=' || name FROM unnest(names) AS name UNION ALL
            SELECT '#' || tag FROM jsonb_array_elements_text(content -> 'tags') AS tag UNION ALL
            SELECT ':' || lower(content ->> 'scheme')) AS marked (each)
     WHERE each IS NOT NULL;
    found := found || setweight(to_tsvector('simple', es.apart(array_to_string(names, ' '))), 'A');
    RETURN found || es.words(content || jsonb_build_object('id', key));
EXCEPTION WHEN program_limit_exceeded THEN
    RETURN found;
END $$;

-- What a text asks of the names of terms: that each of its words begins one. NULL where it has none.
CREATE OR REPLACE FUNCTION es.begins_names(text) RETURNS tsquery IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN (SELECT string_agg('''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || ''':*A', ' & ')
          FROM unnest(to_tsvector('simple', es.apart($1))))::tsquery;

-- The name that a text is, whole; with `open_end` also those that go on after it.
CREATE OR REPLACE FUNCTION es.name(text, open_end boolean) RETURNS tsquery
IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN ('''=' || replace(replace(left(es.folded(left($1, 500)), 499), '\', '\\'), '''', '''''')
        || CASE WHEN open_end THEN ''':*' ELSE '''' END)::tsquery;

-- A database that has no views yet gets the rest with them.
DO $$
BEGIN
    IF to_regclass('view.terms') IS NOT NULL THEN
        ALTER TABLE view.terms DROP COLUMN sorted_by, DROP COLUMN words;
        ALTER TABLE view.terms
            ADD COLUMN sorted_by text GENERATED ALWAYS AS (left(es.folded(coalesce(
                content ->> 'name', content ->> 'subject', content -> 'title' ->> 'en',
                jsonb_path_query_first(content, '$.title.*') #>> '{}', key
            )), 200)) STORED,
            ADD COLUMN words tsvector GENERATED ALWAYS AS (es.term_words(type, key, content)) STORED;
        CREATE INDEX ON view.terms (type, sorted_by COLLATE "C", key) INCLUDE (id) WHERE NOT retired;
        CREATE INDEX ON view.terms (type, created_at, key) INCLUDE (id) WHERE NOT retired;
        CREATE INDEX ON view.terms USING gin (words);
    END IF;
END $$;
