-- name: table
CREATE TABLE actions (
    id              uuid PRIMARY KEY,
    version         integer     NOT NULL,
    recorded_at     timestamptz NOT NULL,
    number          bigint      NOT NULL,
    owner           uuid        NOT NULL,
    name            text        NOT NULL,
    description     text        NOT NULL,
    type            text        NOT NULL,
    schema_language text        NOT NULL,
    publishing      text        NOT NULL,
    files           text        NOT NULL,
    schema_version  integer     NOT NULL
);
CREATE UNIQUE INDEX ON actions (number);
CREATE INDEX ON actions (name);
