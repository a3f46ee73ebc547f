-- name: table
CREATE TABLE tokens (
    id          uuid PRIMARY KEY,
    version     integer     NOT NULL,
    recorded_at timestamptz NOT NULL,
    account     uuid        NOT NULL,
    digest      bytea       NOT NULL,
    label       text        NOT NULL,
    scopes      jsonb       NOT NULL,
    expires_at  timestamptz,
    revoked     boolean     NOT NULL
);

-- name: indexes
CREATE UNIQUE INDEX ON tokens (digest);
CREATE INDEX ON tokens (account);
