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
    PRIMARY KEY (record, number)
);
