-- name: table
CREATE TABLE schemas (
    action  uuid    NOT NULL,
    version integer NOT NULL,
    body    bytea   NOT NULL,
    PRIMARY KEY (action, version)
);

-- name: one
SELECT body FROM schemas WHERE action = %(action)s AND version = %(version)s;
