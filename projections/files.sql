-- name: table
CREATE TABLE files (
    record      uuid        NOT NULL,
    number      integer     NOT NULL,
    by          uuid        NOT NULL,
    recorded_at timestamptz NOT NULL,
    visibility  text        NOT NULL,
    name        text,
    content     jsonb,
    preview     jsonb,
    sha512      text,
    url         text,
    opens_at    timestamptz,
    PRIMARY KEY (record, number)
);

-- name: page
-- Of those that may be seen, as access.may_view_version says of versions.
SELECT record, number, by, recorded_at, visibility, name, content, preview, sha512, url, opens_at
  FROM files
 WHERE record = %(record)s AND number > %(after)s AND (%(granted)s OR es.open_now(visibility, opens_at))
 ORDER BY number LIMIT %(limit)s;

-- name: one
SELECT record, number, by, recorded_at, visibility, name, content, preview, sha512, url, opens_at
  FROM files WHERE record = %(record)s AND number = %(number)s;
