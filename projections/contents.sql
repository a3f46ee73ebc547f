-- name: table
CREATE TABLE contents (
    stream  uuid    NOT NULL,
    sha256  text    NOT NULL COLLATE "C",
    version integer NOT NULL,
    PRIMARY KEY (sha256, stream)
);

-- name: named
SELECT DISTINCT sha256 FROM contents WHERE sha256 = ANY(%(digests)s::text[]);
