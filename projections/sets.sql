-- name: page
-- How many there are from here on, and some of them; one row without a set where there are none.
WITH sets AS (
    SELECT g.number, g.slug, g.name ->> 'en' AS name FROM groups g
     WHERE g.kind = 'community' AND g.number > %(after)s AND NOT g.deleted
       AND {public}
)
SELECT (SELECT count(*) FROM sets), page.*
  FROM (VALUES (true)) always
  LEFT JOIN LATERAL (SELECT * FROM sets ORDER BY number LIMIT %(limit)s) page ON true
 ORDER BY page.number;

-- name: of_families
SELECT i.family, array_agg(g.slug ORDER BY g.slug)
  FROM inclusions i JOIN groups g ON g.id = i.community
 WHERE i.family = ANY(%(families)s::uuid[]) AND NOT g.deleted
   AND {public}
 GROUP BY i.family;
