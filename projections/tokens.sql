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
CREATE INDEX ON tokens (account, recorded_at, id) WHERE NOT revoked AND refresh_digest IS NULL;
CREATE INDEX ON tokens (account, expires_at, id) WHERE NOT revoked AND refresh_digest IS NOT NULL;

-- name: of_account
SELECT t.id, t.label, t.scopes, t.expires_at,
       t.revoked OR EXISTS (SELECT FROM view.tokens p WHERE p.id = t.parent AND p.revoked),
       t.recorded_at, u.at, t.parent
  FROM view.tokens t LEFT JOIN es.token_use u ON u.token = t.id
 WHERE t.account = %(account)s ORDER BY t.recorded_at, t.id;

-- name: page
-- What was not revoked, newest first, also what has expired; access tokens aside.
SELECT t.id, t.label, t.scopes, t.expires_at, false, t.recorded_at, u.at, t.parent
  FROM view.tokens t LEFT JOIN es.token_use u ON u.token = t.id
 WHERE t.account = %(account)s AND NOT t.revoked AND t.refresh_digest IS NULL
   AND NOT EXISTS (SELECT FROM view.tokens p WHERE p.id = t.parent AND p.revoked)
   AND (t.recorded_at, t.id) < (%(made)s::timestamptz, %(id)s::uuid)
 ORDER BY t.recorded_at DESC, t.id DESC LIMIT %(limit)s;

-- name: access_tokens
-- Those that hold, the last to end first: of the first ones that were not revoked themselves.
SELECT t.id, t.label, t.scopes, t.expires_at, false, t.recorded_at, u.at, t.parent
  FROM (SELECT * FROM view.tokens t
         WHERE t.account = %(account)s AND NOT t.revoked AND t.refresh_digest IS NOT NULL
           AND t.expires_at > now()
         ORDER BY t.expires_at DESC, t.id DESC LIMIT %(walked)s) t
  LEFT JOIN es.token_use u ON u.token = t.id
 WHERE NOT EXISTS (SELECT FROM view.tokens p WHERE p.id = t.parent AND p.revoked)
 ORDER BY t.expires_at DESC, t.id DESC LIMIT %(limit)s;

-- name: counted
SELECT count(*) FROM (
    SELECT FROM view.tokens t
     WHERE t.account = %(account)s AND NOT t.revoked AND t.refresh_digest IS NULL
     LIMIT %(most)s) found;

-- name: orphans
SELECT {columns} FROM view.tokens t
 WHERE t.account = %(account)s AND NOT t.revoked AND t.refresh_digest IS NULL
   AND EXISTS (SELECT FROM view.tokens p WHERE p.id = t.parent AND p.revoked)
 ORDER BY t.recorded_at, t.id LIMIT %(most)s;

-- name: used
-- In the order of their ids: two who write them at once wait for one another only.
INSERT INTO es.token_use (token, at)
SELECT t.id, u.at
  FROM unnest(%(digests)s::bytea[], %(at)s::timestamptz[]) u (digest, at)
  JOIN view.tokens t ON t.digest = u.digest
 ORDER BY t.id
    ON CONFLICT (token) DO UPDATE SET at = greatest(token_use.at, excluded.at);
