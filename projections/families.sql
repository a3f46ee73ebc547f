-- name: table
CREATE TABLE families (
    id          uuid PRIMARY KEY,
    version     integer     NOT NULL,
    recorded_at timestamptz NOT NULL,
    owner       uuid        NOT NULL,
    grants      jsonb       NOT NULL,
    pid         text        NOT NULL,
    index       integer     NOT NULL,
    latest      uuid,
    next        uuid,
    links       jsonb       NOT NULL,
    communities jsonb       NOT NULL,
    left_at     timestamptz
);

-- name: indexes
CREATE INDEX ON families (pid);
CREATE INDEX ON families (owner);
