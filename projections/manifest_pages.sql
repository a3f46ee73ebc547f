-- name: table
CREATE TABLE manifest_pages (
    manifest uuid    NOT NULL,
    page     integer NOT NULL,
    first    text    NOT NULL COLLATE "C",
    files    bytea   NOT NULL,
    PRIMARY KEY (manifest, page)
);
ALTER TABLE manifest_pages ALTER COLUMN files SET STORAGE EXTERNAL;

-- name: indexes
CREATE INDEX ON manifest_pages (manifest, first);

-- name: holding
-- The page that has a key, if any has it.
SELECT files FROM manifest_pages WHERE manifest = %(manifest)s AND first <= %(key)s
 ORDER BY first DESC LIMIT 1;

-- name: after
-- Of the pages the last that begins at or before a key, and the next.
(SELECT files FROM manifest_pages WHERE manifest = %(manifest)s AND first <= %(key)s
  ORDER BY first DESC LIMIT 1)
UNION ALL
(SELECT files FROM manifest_pages WHERE manifest = %(manifest)s AND first > %(key)s
  ORDER BY first LIMIT 1);

-- name: firsts
-- The first page of each of some lists.
SELECT p.manifest, p.files FROM unnest(%(manifests)s::uuid[]) AS named (id)
 CROSS JOIN LATERAL (SELECT manifest, files FROM manifest_pages
                      WHERE manifest = named.id AND page = 0 OFFSET 0) p;

-- name: all
SELECT files FROM manifest_pages WHERE manifest = %(manifest)s ORDER BY page;
