-- The action is looked at afterwards: asked for here, its index would be taken for the one to use.

-- name: one_by_number
SELECT r.pid, r.number, r.created_at, v.body,
       CASE WHEN held.level > 0 THEN true ELSE coalesce({visible}, false) END, held.level, r.action,
       r.id, r.family
  FROM records r JOIN versions v ON v.record = r.id AND v.number = r.versions - 1
 CROSS JOIN LATERAL (
       SELECT coalesce(max(g.level), 0) AS level FROM grants g
        WHERE g.family = r.family AND g.principal = ANY(%(principals)s::uuid[])) held
 WHERE r.number = %(key)s;

-- name: one_by_id
SELECT r.pid, r.number, r.created_at, v.body,
       CASE WHEN held.level > 0 THEN true ELSE coalesce({visible}, false) END, held.level, r.action,
       r.id, r.family
  FROM records r JOIN versions v ON v.record = r.id AND v.number = r.versions - 1
 CROSS JOIN LATERAL (
       SELECT coalesce(max(g.level), 0) AS level FROM grants g
        WHERE g.family = r.family AND g.principal = ANY(%(principals)s::uuid[])) held
 WHERE r.id = %(key)s;

-- name: listed
SELECT r.number, r.pid, r.created_at, s.document - %(apart)s::text[]
  FROM records r JOIN search s ON s.record = r.id
 WHERE r.action = %(action)s AND r.number > %(after)s AND r.versions > 0 AND {visible}
   AND (%(status)s::text[] IS NULL OR s.document ->> 'status' = ANY(%(status)s::text[]))
   AND (%(groups)s::text[] IS NULL OR s.document ->> 'group' = ANY(%(groups)s::text[]))
   AND (%(users)s::text[] IS NULL OR s.document ->> 'username' = ANY(%(users)s::text[]))
 ORDER BY r.number LIMIT %(limit)s;

-- name: by_status
SELECT s.document ->> 'status', array_agg(r.pid ORDER BY r.number)
  FROM records r JOIN search s ON s.record = r.id
 WHERE r.action = %(action)s AND r.versions > 0 AND {visible}
 GROUP BY 1;
