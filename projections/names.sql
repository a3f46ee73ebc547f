-- name: table
CREATE TABLE names (
    id          uuid PRIMARY KEY,
    version     integer     NOT NULL,
    recorded_at timestamptz NOT NULL,
    kind        text        NOT NULL,
    value       text        NOT NULL,
    holder      uuid
);
