-- name: table
CREATE TABLE drafts (
    record   uuid PRIMARY KEY,
    by       uuid        NOT NULL,
    saved_at timestamptz NOT NULL,
    document bytea       NOT NULL,
    sent     bytea       NOT NULL,
    faults   jsonb       NOT NULL,
    access   jsonb       NOT NULL,
    files    jsonb       NOT NULL
);
ALTER TABLE drafts ALTER COLUMN document SET STORAGE EXTERNAL;
ALTER TABLE drafts ALTER COLUMN sent SET STORAGE EXTERNAL;

-- name: one
-- An open draft with its record and family, the document of the newest version where the draft has
-- none of its own, and the highest rung of the principals.
SELECT {columns},
       CASE WHEN d.document = '' THEN (SELECT v.body FROM versions v
                                        WHERE v.record = r.id AND v.number = r.versions - 1) END,
       coalesce((SELECT max(g.level) FROM grants g
                  WHERE g.family = r.family AND g.principal = ANY(%(principals)s::uuid[])), 0)
  FROM drafts d JOIN records r ON r.id = d.record JOIN families f ON f.id = r.family
 WHERE d.record = %(id)s;

-- name: kept
SELECT record, by, saved_at, document, sent, faults, access, files FROM drafts
 WHERE record = %(record)s;
