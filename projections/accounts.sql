-- name: table
CREATE TABLE accounts (
    id          uuid PRIMARY KEY,
    version     integer     NOT NULL,
    recorded_at timestamptz NOT NULL,
    number      bigint      NOT NULL,
    name        text        NOT NULL,
    admin       boolean     NOT NULL,
    password    text
);
CREATE UNIQUE INDEX ON accounts (number);
