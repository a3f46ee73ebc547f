-- What of a version is asked for is what published.sql, `one`, asks for, in the same order.

-- name: page
-- A family by one of its records, draft or not: what the principals may of that record, how many
-- published records they may see, and some of these with their newest versions. Which there are is
-- found first, and only then what they say: documents come as far as the budget goes. What may be
-- seen is what access.may_view_version says.
WITH asked AS MATERIALIZED (
    SELECT r.id, r.family, r.versions,
           coalesce((SELECT max(g.level) FROM grants g
                      WHERE g.family = r.family AND g.principal = ANY(%(principals)s::uuid[])), 0)
               AS level
      FROM records r
     WHERE r.id = %(id)s AND (r.versions > 0 OR r.draft IS NOT NULL)
), seen AS MATERIALIZED (
    SELECT r.id, r.index, v.number, v.recorded_at
      FROM asked JOIN records r ON r.family = asked.family AND r.versions > 0
     CROSS JOIN LATERAL (SELECT v.number, v.recorded_at, v.visibility, v.opens_at FROM versions v
                          WHERE v.record = r.id AND v.number = r.versions - 1 LIMIT 1) v
     WHERE asked.level >= 1
        OR es.open_now(r.access) AND es.open_now(v.visibility, v.opens_at)
)
SELECT asked.level, asked.versions, EXISTS (SELECT FROM seen WHERE seen.id = asked.id),
       (SELECT count(*) FROM seen), page.*
  FROM asked
  LEFT JOIN LATERAL (
      SELECT r.id, r.pid, r.family, r.action, r.index, r.created_at, r.access, near.number + 1,
             f.pid, f.owner, f.index, f.next,
             v.recorded_at, v.revision, v.visibility, v.opens_at,
             CASE WHEN sum(octet_length(v.body)) OVER (ORDER BY near.place) <= %(budget)s
                  THEN v.body ELSE '' END,
             v.manifest, v.options, asked.level, near.place
        FROM (SELECT seen.*,
                     row_number() OVER (ORDER BY CASE %(by)s::text
                                                 WHEN 'updated' THEN extract(epoch FROM recorded_at)
                                                 ELSE index END * %(direction)s) AS place
                FROM seen ORDER BY place LIMIT %(limit)s OFFSET %(offset)s) near
        JOIN records r ON r.id = near.id
        JOIN families f ON f.id = r.family
       CROSS JOIN LATERAL (SELECT * FROM versions v
                            WHERE v.record = near.id AND v.number = near.number LIMIT 1) v) page
       ON true
 ORDER BY page.place;

-- name: latest
SELECT r.id, r.pid, r.family, r.action, r.index, r.created_at, r.access, r.versions,
       f.pid, f.owner, f.index, f.next,
       v.recorded_at, v.revision, v.visibility, v.opens_at, v.body, v.manifest, v.options,
       coalesce((SELECT max(g.level) FROM grants g
                  WHERE g.family = r.family AND g.principal = ANY(%(principals)s::uuid[])), 0)
  FROM records asked JOIN families f ON f.id = asked.family
  JOIN records r ON r.family = f.id AND r.index = f.index AND r.versions > 0
 CROSS JOIN LATERAL (SELECT * FROM versions v
                      WHERE v.record = r.id AND v.number = r.versions - 1 LIMIT 1) v
 WHERE asked.id = %(id)s AND (asked.versions > 0 OR asked.draft IS NOT NULL);
