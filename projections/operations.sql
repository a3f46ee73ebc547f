-- name: table
CREATE TABLE operations (
    id          uuid PRIMARY KEY,
    version     integer     NOT NULL,
    recorded_at timestamptz NOT NULL,
    kind        text        NOT NULL,
    account     uuid        NOT NULL,
    payload     bytea       NOT NULL,
    number      integer
);

-- name: indexes
CREATE INDEX ON operations (kind);

-- name: one
SELECT account, payload, number FROM operations WHERE id = %(id)s AND kind = %(kind)s;

-- name: count
SELECT count(*) FROM operations WHERE kind = %(kind)s;
