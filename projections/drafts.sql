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

-- name: those
-- Open drafts in the order that their records are named in, without what was sent. Documents come
-- as far as the budget goes.
SELECT {columns}, NULL::bytea,
       coalesce((SELECT max(g.level) FROM grants g
                  WHERE g.family = r.family AND g.principal = ANY(%(principals)s::uuid[])), 0)
  FROM (SELECT o.record, o.by, o.saved_at, ''::bytea AS sent, o.faults, o.access, o.files, place,
               CASE WHEN sum(octet_length(o.whole)) OVER (ORDER BY place) <= %(budget)s
                    THEN o.whole ELSE '' END AS document
          FROM unnest(%(ids)s::uuid[]) WITH ORDINALITY AS named (id, place)
         CROSS JOIN LATERAL (
              SELECT n.*, CASE WHEN n.document = ''
                               THEN (SELECT v.body FROM records r JOIN versions v
                                         ON v.record = r.id AND v.number = r.versions - 1
                                      WHERE r.id = n.record)
                               ELSE n.document END AS whole
                FROM drafts n WHERE n.record = named.id OFFSET 0) o) d
 CROSS JOIN LATERAL (SELECT * FROM records r WHERE r.id = d.record OFFSET 0) r
 CROSS JOIN LATERAL (SELECT * FROM families f WHERE f.id = r.family OFFSET 0) f
 ORDER BY d.place;

-- name: kept
SELECT record, by, saved_at, document, sent, faults, access, files FROM drafts
 WHERE record = %(record)s;
