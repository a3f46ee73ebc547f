-- name: table
CREATE TABLE tokens (
    id             uuid PRIMARY KEY,
    version        integer     NOT NULL,
    recorded_at    timestamptz NOT NULL,
    account        uuid        NOT NULL,
    digest         bytea       NOT NULL,
    label          text        NOT NULL,
    scopes         jsonb       NOT NULL,
    expires_at     timestamptz,
    revoked        boolean     NOT NULL,
    refresh_digest bytea,
    parent         uuid,
    until          timestamptz
);

-- name: indexes
CREATE UNIQUE INDEX ON tokens (digest);
CREATE INDEX ON tokens (account);
CREATE UNIQUE INDEX ON tokens (refresh_digest);

-- name: of_account
SELECT t.id, t.label, t.scopes, t.expires_at,
       t.revoked OR EXISTS (SELECT FROM view.tokens p WHERE p.id = t.parent AND p.revoked)
  FROM view.tokens t WHERE t.account = %(account)s ORDER BY t.recorded_at, t.id;
