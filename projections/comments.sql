-- name: table
CREATE TABLE comments (
    record      uuid        NOT NULL,
    number      bigint      NOT NULL,
    by          uuid        NOT NULL,
    recorded_at timestamptz NOT NULL,
    content     text        NOT NULL,
    PRIMARY KEY (record, number)
);

-- name: page
SELECT record, number, by, recorded_at, content FROM comments
 WHERE record = %(record)s AND number > %(after)s
 ORDER BY number LIMIT %(limit)s;

-- name: one
SELECT record, number, by, recorded_at, content FROM comments
 WHERE record = %(record)s AND number = %(number)s;
