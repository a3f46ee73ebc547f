-- Published records as a search finds, counts and facets them. Source: projections/listing.sql, which
-- makes the tables. The words of documents are theirs from now on.
DROP TABLE IF EXISTS view.words;
DELETE FROM es.follower WHERE name = 'words';

-- As before, a run of signs at a time: translate() took half of what the words of a document take.
CREATE OR REPLACE FUNCTION es.apart(text) RETURNS text IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN regexp_replace(CASE WHEN octet_length($1) = length($1) THEN $1 ELSE es.folded($1) END,
                      '[]!"#$%&''()*+,./:;<=>?@[\\^_`{|}~-]+', ' ', 'g');

-- What a document says that it is called: InvenioRDM's titles, or the `name` or `title` of another
-- door's, in all languages. Of long ones their beginning: it is words to rank by.
CREATE OR REPLACE FUNCTION es.titles(document jsonb) RETURNS tsvector IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN to_tsvector('simple', es.apart(left(coalesce(
    document #>> '{metadata,title}'
        || coalesce(' ' || jsonb_path_query_array(document, '$.metadata.additional_titles[*].title')::text, ''),
    (SELECT string_agg(each #>> '{}', ' ')
       FROM jsonb_path_query(coalesce(document #> '{name,text}', document -> 'name',
                                      document #> '{title,text}', document -> 'title'),
                             '$.**{0 to 1}?(@.type() == "string")') AS each), ''), 300)));

-- Facets of InvenioRDM's metadata. What is no such has none.
CREATE OR REPLACE FUNCTION es.resource_type(document jsonb) RETURNS text IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN CASE WHEN jsonb_typeof(document #> '{metadata,resource_type,id}') = 'string'
            THEN left(document #>> '{metadata,resource_type,id}', 100) END;

CREATE OR REPLACE FUNCTION es.languages(document jsonb) RETURNS text[] IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN CASE WHEN jsonb_typeof(document #> '{metadata,languages}') = 'array'
            THEN ARRAY(SELECT DISTINCT left(each #>> '{}', 100)
                         FROM jsonb_path_query(document, '$.metadata.languages[*].id?(@.type() == "string")')
                           AS each
                        ORDER BY 1)
            ELSE '{}' END;

CREATE OR REPLACE FUNCTION es.year(document jsonb) RETURNS integer IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN substring(document #>> '{metadata,publication_date}' FROM '^[0-9]{4}')::integer;

-- The extensions of the keys of a page of files (projections/manifest_pages.sql), in lower case.
CREATE OR REPLACE FUNCTION es.file_types(page bytea) RETURNS text[] IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN ARRAY(SELECT DISTINCT lower(substring(file ->> 'key' FROM '\.([^./[:space:]]{1,20})$'))
               FROM jsonb_array_elements(convert_from(page, 'UTF8')::jsonb) AS file);

-- The document of a version that is not the newest any more, as `search` had it: but for what jsonb
-- cannot hold.
CREATE OR REPLACE FUNCTION es.document(body bytea) RETURNS jsonb IMMUTABLE STRICT PARALLEL SAFE LANGUAGE plpgsql AS $$
BEGIN
    RETURN convert_from(body, 'UTF8')::jsonb;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
    RETURN '{}';
END $$;

-- Whether what has a position in the log had happened when a snapshot was taken.
CREATE OR REPLACE FUNCTION es.was(place bigint, snapshot pg_snapshot) RETURNS boolean
IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN pg_visible_in_snapshot((($1 >> 20) - es.txid_offset())::text::xid8, $2);

-- The position below which everything had happened by then.
CREATE OR REPLACE FUNCTION es.horizon(snapshot pg_snapshot) RETURNS bigint
IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN (pg_snapshot_xmin($1)::text::bigint + es.txid_offset()) << 20;

-- How far a follower has come. A function, not a subquery: the planner then knows how little is left.
CREATE OR REPLACE FUNCTION es.reached(follower text) RETURNS bigint STABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN coalesce((SELECT f.position FROM es.follower f WHERE f.name = $1), 0);

-- Lists of files are found by their digest, in which their names are. A database that has no views
-- yet gets this with them. Source: projections/manifests.sql.
DO $$
BEGIN
    IF to_regclass('view.manifests') IS NOT NULL THEN
        CREATE INDEX IF NOT EXISTS manifests_expr_idx ON view.manifests ((manifest ->> 'digest'));
    END IF;
END $$;
