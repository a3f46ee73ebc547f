-- name: table
CREATE TABLE logins (
    id          uuid PRIMARY KEY,
    version     integer     NOT NULL,
    recorded_at timestamptz NOT NULL,
    account     uuid        NOT NULL,
    client      text        NOT NULL,
    digest      bytea       NOT NULL,
    scopes      jsonb       NOT NULL,
    expires_at  timestamptz NOT NULL,
    revoked     boolean     NOT NULL,
    account_version integer NOT NULL
);

-- name: indexes
CREATE UNIQUE INDEX ON logins (digest);
CREATE INDEX ON logins (account);
