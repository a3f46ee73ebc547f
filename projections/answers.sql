-- name: table
CREATE TABLE answers (
    account    uuid    NOT NULL,
    key        text    NOT NULL,
    method     text    NOT NULL,
    path       text    NOT NULL,
    digest     text    NOT NULL,
    status     integer NOT NULL,
    location   text,
    etag       text,
    expires_at timestamptz,
    PRIMARY KEY (account, key)
);

-- name: indexes
CREATE INDEX ON answers (expires_at);

-- name: one
SELECT key, method, path, digest, status, location, etag, expires_at FROM answers
 WHERE account = %(account)s AND key = %(key)s AND (expires_at > now() OR expires_at IS NULL);

-- name: expire
DELETE FROM answers WHERE expires_at <= now();

-- name: held
-- Added to the upsert of a save: a key whose answer has not expired keeps it, and NOT NULL refuses
-- the save. So a key is used once even where its lock was lost with a connection.
account = CASE WHEN answers.expires_at <= now() THEN excluded.account END
