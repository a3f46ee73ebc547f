-- name: listed
-- Those of the environments that the asker sees, whose documents are taken apart once each.
  FROM (SELECT r.id, r.number, s.document ->> 'application' AS application,
               s.document -> 'variables' AS variables {seen} OFFSET 0) e
 CROSS JOIN LATERAL jsonb_array_elements(e.variables) WITH ORDINALITY v (said, at)
 WHERE (%(name)s::text IS NULL OR v.said ->> 'name' = %(name)s)
   AND (%(uuid)s::text IS NULL OR v.said ->> 'uuid' = %(uuid)s)

-- name: page
SELECT e.id, e.application, v.said ->> 'uuid', v.said ->> 'name',
       (v.said ->> 'is_sensitive')::boolean, v.said ->> 'value'
{listed}
 ORDER BY e.number, v.at LIMIT %(limit)s OFFSET %(offset)s;

-- name: count
SELECT count(*) {listed};
