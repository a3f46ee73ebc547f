-- name: named
SELECT id, 'user_id', number, name FROM accounts WHERE id = ANY(%(ids)s)
 UNION ALL
SELECT id, CASE kind WHEN 'project' THEN 'project_id' ELSE 'group_id' END, number, name ->> 'en'
  FROM groups WHERE id = ANY(%(ids)s);
