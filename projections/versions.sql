-- name: table
CREATE TABLE versions (
    record         uuid        NOT NULL,
    number         integer     NOT NULL,
    by             uuid        NOT NULL,
    recorded_at    timestamptz NOT NULL,
    valid_from     timestamptz NOT NULL,
    schema_version integer     NOT NULL,
    visibility     text        NOT NULL,
    body           bytea       NOT NULL,
    restored_from  integer,
    manifest       jsonb,
    options        jsonb,
    opens_at       timestamptz,
    revision       integer,
    PRIMARY KEY (record, number)
);
ALTER TABLE versions ALTER COLUMN body SET STORAGE EXTERNAL;

-- name: one
SELECT body, schema_version, visibility, opens_at
  FROM versions WHERE record = %(record)s AND number = %(number)s;

-- name: indexes
-- Partial, though all versions are in them: only a statement that says the same may use them. Else
-- a version would be sought in one of them as often as in the primary key, which costs the same
-- for a short history and everything for a long one.
CREATE INDEX ON versions (record, valid_from, number) INCLUDE (recorded_at)
 WHERE valid_from > '-infinity';
CREATE INDEX ON versions (record, recorded_at) WHERE recorded_at > '-infinity';
-- What is open to everyone, or will be, found without going through what is not: what
-- es.open_now(visibility, opens_at) may say yes to.
CREATE INDEX ON versions (record, number) INCLUDE (recorded_at, visibility, opens_at)
 WHERE visibility = 'public' OR opens_at IS NOT NULL;
-- Which versions have a list of files.
CREATE INDEX ON versions ((manifest ->> 'digest')) WHERE manifest ->> 'digest' IS NOT NULL;
