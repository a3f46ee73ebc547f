-- name: seen
-- A row r of records with its document s, of an organisation that the asker is in. What it is of is
-- there and not deleted, nor is it. Documents under these actions name what they are of by ids. All that
-- have certain members are found by an index, or the one with an id: one of the two is asked.
  FROM (SELECT team FROM members WHERE account = %(account)s OFFSET 0) m
 CROSS JOIN LATERAL (
       SELECT g.kind, jsonb_build_object('organisation', replace(g.id::text, '-', '')) AS member
         FROM groups g WHERE g.id = m.team AND NOT g.deleted OFFSET 0) g
 CROSS JOIN LATERAL (
       SELECT * FROM search s
        WHERE %(id)s::uuid IS NULL
          AND s.document @> g.member AND s.document @> %(having)s::jsonb
       UNION ALL
       SELECT * FROM search s
        WHERE s.record = %(id)s::uuid
          AND s.document @> g.member AND s.document @> %(having)s::jsonb) s
 CROSS JOIN LATERAL (SELECT * FROM records r WHERE r.id = s.record OFFSET 0) r
 WHERE g.kind = 'organisation' AND r.action = %(action)s AND NOT s.document ? 'deleted'
   AND (SELECT {granted})
   AND NOT EXISTS (
       SELECT FROM unnest(%(of)s::text[]) AS named (member)
         LEFT JOIN LATERAL (
              SELECT o.document FROM search o
               WHERE o.record = CASE WHEN r.action = %(action)s
                                     THEN (s.document ->> named.member)::uuid END OFFSET 0) o ON true
        WHERE o.document IS NULL OR o.document ? 'deleted')

-- name: page
-- Variables of environments are listed by themselves: variables.sql.
SELECT r.id, r.number, r.created_at, s.document - 'variables' {seen}
 ORDER BY r.number LIMIT %(limit)s OFFSET %(offset)s;

-- name: count
SELECT count(*) {seen};

-- name: organisations
SELECT g.id, g.name ->> 'en', g.created_at, m.role
  FROM members m JOIN groups g ON g.id = m.team AND g.kind = 'organisation' AND NOT g.deleted
 WHERE m.account = %(account)s
   AND (%(id)s::uuid IS NULL OR g.id = %(id)s)
   AND (%(name)s::text IS NULL OR g.name ->> 'en' = %(name)s)
 ORDER BY g.number;

-- name: members
SELECT a.id, a.name, a.email, m.role
  FROM members m JOIN accounts a ON a.id = m.account
 WHERE m.team = %(team)s ORDER BY lower(a.name), a.number;

-- name: lines
SELECT v.number, v.recorded_at, d.id
  FROM versions v LEFT JOIN deployments d ON d.record = v.record AND d.number = v.number
 WHERE v.record = %(record)s
   AND (%(since)s::timestamptz IS NULL OR v.recorded_at > %(since)s)
   AND (%(until)s::timestamptz IS NULL OR v.recorded_at <= %(until)s)
 ORDER BY v.number LIMIT %(limit)s;
