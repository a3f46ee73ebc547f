-- name: named
SELECT id, 'user_id', number, name FROM accounts WHERE id = ANY(%(ids)s)
 UNION ALL
SELECT id, 'group_id', number, name FROM groups WHERE id = ANY(%(ids)s);
