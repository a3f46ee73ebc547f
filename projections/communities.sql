-- name: columns
-- Of a row g of groups, with the role m of the asker; owners are by number. A part of what follows.
g.id, g.slug, g.policies, coalesce(g.metadata, '{}'), g.deleted, g.revision, g.created_at, g.changed_at, g.logo,
g.logo_since, m.role,
(SELECT coalesce(array_agg(a.number ORDER BY a.number), '{}')
   FROM members o JOIN accounts a ON a.id = o.account
  WHERE o.team = g.id AND o.role = 'owner')

-- name: one
-- The community that an id or a name names.
SELECT {columns}
  FROM (SELECT coalesce(%(id)s::uuid, (SELECT n.holder FROM names n WHERE n.id = %(name)s::uuid)) AS id) wanted
 CROSS JOIN LATERAL (SELECT * FROM groups g WHERE g.id = wanted.id OFFSET 0) g
  LEFT JOIN members m ON m.team = g.id AND m.account = %(account)s
 WHERE g.kind = 'community';

-- name: public
-- Whether everybody may see a community that is a row g of groups, as long as it is not deleted.
(g.policies ->> 'visibility' = 'public')

-- name: visible
-- Whether the asker may: what community.may_see says. This and the one before are parts of other
-- statements, too.
({public} OR EXISTS (SELECT FROM members m WHERE m.team = g.id AND m.account {asker}))

-- name: own
g.id IN (SELECT m.team FROM members m WHERE m.account = %(account)s)

-- name: owned
-- How many an account owns. Those that were deleted have no members.
SELECT count(*)
  FROM (SELECT FROM members m JOIN groups g ON g.id = m.team
         WHERE m.account = %(account)s AND m.role = 'owner' AND g.kind = 'community' LIMIT %(most)s) counted;

-- name: those
-- Those of these communities that the asker may see, in their order.
SELECT {columns}
  FROM unnest(%(ids)s::uuid[]) WITH ORDINALITY AS wanted (id, place)
 CROSS JOIN LATERAL (SELECT * FROM groups g WHERE g.id = wanted.id OFFSET 0) g
  LEFT JOIN members m ON m.team = g.id AND m.account = %(account)s
 WHERE NOT g.deleted AND {visible}
 ORDER BY wanted.place;

-- name: listed
-- The ids of a page of those that match, how many there are of each type, and of those that are wanted. A
-- condition is asked of communities as of records, r and s, of which they have little.
WITH found AS MATERIALIZED (
    SELECT g.id, g.type, g.number, g.created_at, g.changed_at, {rank} AS rank
      FROM groups g
     CROSS JOIN LATERAL (SELECT es.community(g.slug, g.metadata) AS document) s
     CROSS JOIN LATERAL (SELECT g.id, g.slug AS pid, g.created_at, NULL::integer AS index, 0 AS versions,
                                NULL::uuid AS family, NULL::jsonb AS access, NULL::jsonb AS manifest,
                                NULL::jsonb AS options, NULL::uuid AS action) r
     WHERE g.kind = 'community' AND NOT g.deleted AND {whose} AND {asked} AND {condition}
), wanted AS MATERIALIZED (
    SELECT * FROM found WHERE %(types)s::text[] IS NULL OR type = ANY(%(types)s)
)
SELECT (SELECT count(*) FROM wanted),
       (SELECT coalesce(jsonb_agg(jsonb_build_array(type, many) ORDER BY many DESC, type), '[]')
          FROM (SELECT type, count(*) AS many FROM found WHERE type IS NOT NULL GROUP BY type) AS each),
       ARRAY(SELECT id FROM wanted ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s);
