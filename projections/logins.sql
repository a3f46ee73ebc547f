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

-- name: of_account
SELECT l.id, l.client, l.scopes, l.expires_at,
       l.revoked OR l.account_version < a.password_version, l.recorded_at
  FROM view.logins l JOIN view.accounts a ON a.id = l.account
 WHERE l.account = %(account)s ORDER BY l.recorded_at, l.id;

-- name: page
-- Those that hold, newest first.
SELECT l.id, l.client, l.scopes, l.expires_at, false, l.recorded_at
  FROM view.logins l JOIN view.accounts a ON a.id = l.account
 WHERE l.account = %(account)s AND NOT l.revoked AND l.account_version >= a.password_version
   AND l.expires_at > now() AND (l.recorded_at, l.id) < (%(made)s::timestamptz, %(id)s::uuid)
 ORDER BY l.recorded_at DESC, l.id DESC LIMIT %(limit)s;
