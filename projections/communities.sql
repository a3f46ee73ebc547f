-- name: one
-- The community that an id or a name names, the asker's role in it, and the numbers of its owners.
SELECT g.id, g.slug, g.policies, g.metadata, g.deleted, g.version, g.created_at, g.recorded_at,
       g.logo, m.role,
       (SELECT coalesce(array_agg(a.number ORDER BY a.number), '{}')
          FROM members o JOIN accounts a ON a.id = o.account
         WHERE o.team = g.id AND o.role = 'owner')
  FROM groups g
  LEFT JOIN members m ON m.team = g.id AND m.account = %(account)s
 WHERE g.kind = 'community'
   AND g.id = coalesce(%(id)s::uuid, (SELECT n.holder FROM names n WHERE n.id = %(name)s::uuid));
