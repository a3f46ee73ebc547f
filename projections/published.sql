-- name: one
-- A record with its family, its newest version, if there is one, and the highest rung of the
-- principals.
SELECT r.id, r.pid, r.family, r.action, r.index, r.created_at, r.access, r.versions,
       f.pid, f.owner, f.index, f.next,
       v.recorded_at, v.revision, v.visibility, v.opens_at, v.body, v.manifest, v.options,
       coalesce((SELECT max(g.level) FROM grants g
                  WHERE g.family = r.family AND g.principal = ANY(%(principals)s::uuid[])), 0)
  FROM records r JOIN families f ON f.id = r.family
  LEFT JOIN LATERAL (SELECT * FROM versions v
                      WHERE v.record = r.id AND v.number = r.versions - 1 LIMIT 1) v ON true
 WHERE r.id = %(id)s;

-- name: newest_of_family
-- The public id of the newest published record of a family.
SELECT r.pid FROM families f
  JOIN records r ON r.family = f.id AND r.index = f.index AND r.versions > 0
 WHERE f.pid = %(pid)s LIMIT 1;

-- name: first_published
SELECT recorded_at FROM versions WHERE record = %(record)s AND number = 0
 UNION ALL
SELECT recorded_at FROM tombstones WHERE record = %(record)s AND number = 0;

-- name: those
-- Records in the order that they are named in, those of them that are published. Documents come as
-- far as the budget goes.
SELECT r.id, r.pid, r.family, r.action, r.index, r.created_at, r.access, r.versions,
       f.pid, f.owner, f.index, f.next,
       v.recorded_at, v.revision, v.visibility, v.opens_at,
       CASE WHEN sum(octet_length(v.body)) OVER (ORDER BY named.place) <= %(budget)s
            THEN v.body ELSE '' END,
       v.manifest, v.options,
       coalesce((SELECT max(g.level) FROM grants g
                  WHERE g.family = r.family AND g.principal = ANY(%(principals)s::uuid[])), 0)
  FROM unnest(%(ids)s::uuid[]) WITH ORDINALITY AS named (id, place)
 CROSS JOIN LATERAL (SELECT * FROM records r WHERE r.id = named.id AND r.versions > 0 OFFSET 0) r
 CROSS JOIN LATERAL (SELECT * FROM families f WHERE f.id = r.family OFFSET 0) f
 CROSS JOIN LATERAL (SELECT * FROM versions v
                      WHERE v.record = r.id AND v.number = r.versions - 1 LIMIT 1) v
 ORDER BY named.place;

-- name: document
SELECT body FROM versions WHERE record = %(record)s AND number = %(number)s;
