-- name: table
CREATE TABLE locations (
    id          uuid PRIMARY KEY,
    version     integer     NOT NULL,
    recorded_at timestamptz NOT NULL,
    number      bigint      NOT NULL,
    details     jsonb       NOT NULL
);

-- name: indexes
CREATE UNIQUE INDEX ON locations (number);

-- name: all
SELECT id, version, recorded_at, number, details FROM locations ORDER BY number;

-- name: one
SELECT id, version, recorded_at, number, details FROM locations WHERE number = %(number)s;
