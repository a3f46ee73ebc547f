-- name: table
CREATE TABLE location_types (
    id          uuid PRIMARY KEY,
    version     integer     NOT NULL,
    recorded_at timestamptz NOT NULL,
    number      bigint      NOT NULL,
    details     jsonb       NOT NULL
);

-- name: indexes
CREATE UNIQUE INDEX ON location_types (number);

-- name: all
SELECT id, version, recorded_at, number, details FROM location_types ORDER BY number;

-- name: one
SELECT id, version, recorded_at, number, details FROM location_types WHERE number = %(number)s;
