-- name: table
-- What is generated is for the search: a term's name, by which lists are sorted, and its words.
CREATE TABLE terms (
    id          uuid PRIMARY KEY,
    version     integer     NOT NULL,
    recorded_at timestamptz NOT NULL,
    created_at  timestamptz NOT NULL,
    type        text        NOT NULL,
    key         text        NOT NULL,
    content     jsonb       NOT NULL,
    retired     boolean     NOT NULL,
    sorted_by   text                 GENERATED ALWAYS AS (es.folded(coalesce(
        content ->> 'name', content ->> 'subject', content -> 'title' ->> 'en',
        jsonb_path_query_first(content, '$.title.*') #>> '{}', key
    ))) STORED,
    words       tsvector             GENERATED ALWAYS AS (to_tsvector('simple', es.folded(
        key || ' ' || coalesce(content ->> 'name', '') || ' ' || coalesce(content ->> 'acronym', '')
        || ' ' || coalesce(content ->> 'subject', '')
        || ' ' || jsonb_path_query_array(content, '$.title.*')::text
    ))) STORED
);

-- name: indexes
CREATE INDEX ON terms (type, sorted_by COLLATE "C", key);
CREATE INDEX ON terms USING gin (words);

-- name: counts
SELECT type, count(*) FROM terms WHERE NOT retired GROUP BY type;
