-- name: table
CREATE TABLE log_entries (
    id          uuid PRIMARY KEY,
    version     integer     NOT NULL,
    recorded_at timestamptz NOT NULL,
    number      bigint      NOT NULL,
    instrument  uuid        NOT NULL,
    author      uuid        NOT NULL,
    versions    integer     NOT NULL,
    files       jsonb       NOT NULL,
    objects     jsonb       NOT NULL
);

-- name: indexes
CREATE UNIQUE INDEX ON log_entries (number);
CREATE INDEX ON log_entries (instrument, number);

-- name: page
SELECT e.number, a.number, t.entry, t.number, t.recorded_at, t.text
  FROM (SELECT id, number, author FROM log_entries
         WHERE instrument = %(instrument)s AND number > %(after)s
         ORDER BY number LIMIT %(limit)s) e
  JOIN log_texts t ON t.entry = e.id
  LEFT JOIN accounts a ON a.id = e.author
 ORDER BY e.number, t.number;

-- name: one
SELECT id, version, recorded_at, number, instrument, author, versions, files, objects
  FROM log_entries WHERE number = %(number)s AND instrument = %(instrument)s;
