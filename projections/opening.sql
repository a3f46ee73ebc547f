-- name: environments
SELECT r.id, r.number, r.pid, v.revision, v.body
  FROM records r JOIN versions v ON v.record = r.id AND v.number = r.versions - 1
 WHERE r.action = %(action)s AND r.number > %(after)s
 ORDER BY r.number LIMIT %(limit)s;
