-- name: table
CREATE TABLE groups (
    id          uuid PRIMARY KEY,
    version     integer     NOT NULL,
    recorded_at timestamptz NOT NULL,
    number      bigint      NOT NULL,
    kind        text        NOT NULL,
    name        text        NOT NULL,
    members     jsonb       NOT NULL,
    deleted     boolean     NOT NULL
);

-- name: indexes
CREATE UNIQUE INDEX ON groups (number);
