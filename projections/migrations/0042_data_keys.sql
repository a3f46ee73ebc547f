-- Keys that secrets are sealed with, each wrapped under a key outside the database.
-- Source: projections/data_keys.py.

CREATE TABLE IF NOT EXISTS es.data_key (
    id       uuid PRIMARY KEY,
    record   uuid  NOT NULL UNIQUE,
    wrapping text  NOT NULL,
    wrapped  bytea NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON es.data_key TO muniment_writer;
