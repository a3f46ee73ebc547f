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

-- name: firsts
-- The first files of each of some drafts.
SELECT f.* FROM unnest(%(records)s::uuid[]) AS named (id)
 CROSS JOIN LATERAL (SELECT record, key, state, started_at, updated_at, content FROM draft_files
                      WHERE record = named.id ORDER BY key LIMIT %(limit)s) f;

-- name: those
SELECT record, key, state, started_at, updated_at, content FROM draft_files
 WHERE record = %(record)s AND key = ANY(%(keys)s::text[]);

-- name: entries
-- The keys of all that are complete and what they consist of, as two JSON arrays in one order:
-- many thousands are read in a fifth of the time that as many rows take.
SELECT coalesce(json_agg(key), '[]')::text, '[' || coalesce(string_agg(content::text, ','), '') || ']'
  FROM draft_files WHERE record = %(record)s AND state = 'completed';

-- name: keys
SELECT key FROM draft_files WHERE record = %(record)s AND state = %(state)s ORDER BY key;
