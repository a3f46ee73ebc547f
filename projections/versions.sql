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
    PRIMARY KEY (record, number)
);
ALTER TABLE versions ALTER COLUMN body SET STORAGE EXTERNAL;

-- name: one
SELECT body, schema_version FROM versions WHERE record = %(record)s AND number = %(number)s;

-- name: indexes
CREATE INDEX ON versions (record, valid_from, number) INCLUDE (recorded_at);
CREATE INDEX ON versions (record, recorded_at);
