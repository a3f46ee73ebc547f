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
    schema_version  integer     NOT NULL,
    hidden          boolean     NOT NULL DEFAULT false,
    instrument      bigint
);

-- name: indexes
CREATE UNIQUE INDEX ON actions (number);
CREATE INDEX ON actions (name);

-- name: all
SELECT a.number, a.version, a.name, a.description, a.type, a.id, a.schema_version, a.hidden,
       a.instrument, u.number
  FROM actions a LEFT JOIN accounts u ON u.id = a.owner ORDER BY a.number;

-- name: one
SELECT a.number, a.version, a.name, a.description, a.type, a.id, a.schema_version, a.hidden,
       a.instrument, u.number
  FROM actions a LEFT JOIN accounts u ON u.id = a.owner WHERE a.number = %(number)s;

-- name: number
SELECT number FROM actions WHERE id = %(id)s;
