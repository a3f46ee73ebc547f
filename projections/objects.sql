-- name: version_by_number
SELECT r.id, r.number, r.family, r.action, r.versions, r.access,
       v.number, v.by, v.recorded_at, v.schema_version, v.visibility, v.body,
       coalesce((SELECT max(g.level) FROM grants g
                  WHERE g.family = r.family AND g.principal = ANY(%(principals)s)), 0)
  FROM records r LEFT JOIN versions v
    ON v.record = r.id AND v.number = coalesce(%(version)s, r.versions - 1)
 WHERE r.number = %(key)s;

-- name: version_by_id
SELECT r.id, r.number, r.family, r.action, r.versions, r.access,
       v.number, v.by, v.recorded_at, v.schema_version, v.visibility, v.body,
       coalesce((SELECT max(g.level) FROM grants g
                  WHERE g.family = r.family AND g.principal = ANY(%(principals)s)), 0)
  FROM records r LEFT JOIN versions v
    ON v.record = r.id AND v.number = coalesce(%(version)s, r.versions - 1)
 WHERE r.id = %(key)s;

-- name: head_by_number
SELECT r.id, r.number, r.family, r.action, r.versions, r.access,
       coalesce((SELECT max(g.level) FROM grants g
                  WHERE g.family = r.family AND g.principal = ANY(%(principals)s)), 0)
  FROM records r WHERE r.number = %(key)s;

-- name: head_by_id
SELECT r.id, r.number, r.family, r.action, r.versions, r.access,
       coalesce((SELECT max(g.level) FROM grants g
                  WHERE g.family = r.family AND g.principal = ANY(%(principals)s)), 0)
  FROM records r WHERE r.id = %(key)s;

-- name: listed
-- The newest version of each object that one of the principals may view, highest number first.
SELECT r.number, r.action, v.number, v.by, v.recorded_at, v.schema_version, v.body
  FROM records r JOIN versions v ON v.record = r.id AND v.number = r.versions - 1
  LEFT JOIN actions a ON a.id = r.action
 WHERE r.number < %(below)s
   AND EXISTS (SELECT FROM grants g
                WHERE g.family = r.family AND g.principal = ANY(%(principals)s) AND g.level >= 1)
   AND (%(action)s::uuid IS NULL OR r.action = %(action)s)
   AND (%(type)s::text IS NULL OR a.type = %(type)s)
 ORDER BY r.number DESC LIMIT %(limit)s OFFSET %(offset)s;
