-- name: table
CREATE TABLE draft_files (
    record     uuid        NOT NULL,
    key        text        NOT NULL COLLATE "C",
    state      text        NOT NULL,
    started_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    content    jsonb,
    PRIMARY KEY (record, key)
);

-- name: one
SELECT record, key, state, started_at, updated_at, content FROM draft_files
 WHERE record = %(record)s AND key = %(key)s;

-- name: page
SELECT record, key, state, started_at, updated_at, content FROM draft_files
 WHERE record = %(record)s AND key > %(after)s ORDER BY key LIMIT %(limit)s;

-- name: those
SELECT record, key, state, started_at, updated_at, content FROM draft_files
 WHERE record = %(record)s AND key = ANY(%(keys)s::text[]);

-- name: all
SELECT record, key, state, started_at, updated_at, content FROM draft_files
 WHERE record = %(record)s;
