-- name: named
SELECT id, 'user_id', number, NULL AS slug, name FROM accounts WHERE id = ANY(%(ids)s)
 UNION ALL
SELECT id, CASE kind WHEN 'project' THEN 'project_id' WHEN 'community' THEN 'community_id'
                     ELSE 'group_id' END, number, slug, name ->> 'en'
  FROM groups WHERE id = ANY(%(ids)s);
