-- name: table
CREATE TABLE log_texts (
    entry       uuid        NOT NULL,
    number      integer     NOT NULL,
    recorded_at timestamptz NOT NULL,
    text        jsonb       NOT NULL,
    PRIMARY KEY (entry, number)
);
