-- Device codes that wait for approval. Source: projections/device_codes.py.

CREATE TABLE IF NOT EXISTS es.device_code (
    device     bytea PRIMARY KEY,
    user_code  bytea       NOT NULL UNIQUE,
    client     text        NOT NULL,
    scopes     text[]      NOT NULL,
    challenge  text        NOT NULL,
    expires_at timestamptz NOT NULL,
    polled_at  timestamptz,
    guesses    integer     NOT NULL DEFAULT 0,
    approved   boolean,
    account    uuid
);
CREATE INDEX IF NOT EXISTS device_code_expires ON es.device_code (expires_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON es.device_code TO muniment_writer;
