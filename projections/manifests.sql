-- name: table
CREATE TABLE manifests (
    id          uuid PRIMARY KEY,
    version     integer     NOT NULL,
    recorded_at timestamptz NOT NULL,
    manifest    jsonb       NOT NULL,
    pages       integer     NOT NULL
);

-- name: indexes
CREATE INDEX ON manifests ((manifest ->> 'digest'));
