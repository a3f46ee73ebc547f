-- name: said
-- What a record says: its open draft, or else its newest version.
CASE WHEN d.document IS NULL OR d.document = ''
     THEN (SELECT v.body FROM versions v WHERE v.record = r.id AND v.number = r.versions - 1)
     ELSE d.document END

-- name: one
-- One or some: a record with its family, its type and perhaps what it says.
SELECT {columns}, a.schema_language, a.schema_version, {said},
       coalesce((SELECT max(g.level) FROM grants g
                  WHERE g.family = r.family AND g.principal = ANY(%(principals)s::uuid[])), 0)
  FROM records r JOIN families f ON f.id = r.family JOIN actions a ON a.id = r.action
  LEFT JOIN drafts d ON d.record = r.id
 WHERE {which};

-- name: page
-- Deposits that are drafts and on which one of the principals holds a rung, the best match and what
-- was changed last first. A condition is asked of rows r of records and what a search sees of these.
-- Of what he holds otherwise one row each is read; documents only where words are asked for.
WITH held AS MATERIALIZED (
    SELECT g.family FROM grants g
     WHERE g.principal = ANY(%(principals)s::uuid[]) AND g.level >= %(preview)s GROUP BY g.family
), found AS MATERIALIZED (
    SELECT r.id, r.recorded_at, r.number, {rank} AS rank
      FROM held
     CROSS JOIN LATERAL (SELECT * FROM records r
                          WHERE r.family = held.family AND r.draft IS NOT NULL OFFSET 0) r
      JOIN actions a ON a.id = r.action AND a.schema_language = 'cap'
     CROSS JOIN LATERAL (
           SELECT (SELECT CASE WHEN d.document = ''
                               THEN (SELECT n.document FROM search n WHERE n.record = r.id)
                               WHEN octet_length(d.document) <= %(large)s THEN es.document(d.document)
                               ELSE '{}' END
                     FROM drafts d WHERE d.record = r.id) AS document OFFSET 0) s
     WHERE (%(type)s::text IS NULL OR a.name = %(type)s)
       AND (%(owner)s::uuid IS NULL
            OR (SELECT f.owner FROM families f WHERE f.id = r.family) = %(owner)s)
       AND {condition}
)
SELECT (SELECT count(*) FROM found),
       ARRAY(SELECT id FROM found ORDER BY rank DESC, recorded_at DESC, number DESC
              LIMIT %(limit)s OFFSET %(offset)s);

-- name: holders
-- Accounts and groups by their ids; of communities it is their members' affair that they hold a rung.
SELECT id, name, email, false FROM accounts WHERE id = ANY(%(ids)s::uuid[])
 UNION ALL
SELECT id, name ->> 'en', NULL, true FROM groups
 WHERE id = ANY(%(ids)s::uuid[]) AND kind <> 'community' AND NOT deleted
 ORDER BY 2;

-- name: content
-- What a deposit's file consisted of when it had the bytes of a digest.
SELECT e.recorded_at, convert_from(e.state, 'UTF8')::jsonb #> '{event,content}'
  FROM es.event e
 WHERE e.stream = %(record)s AND e.topic = 'record.draft-file-committed' AND e.state <> ''
   AND convert_from(e.state, 'UTF8')::jsonb #>> '{event,key}' = %(key)s
 ORDER BY e.version;

-- name: types
SELECT id, name, schema_version FROM actions
 WHERE schema_language = 'cap' AND NOT hidden ORDER BY name <> 'generic', name;

-- name: type
SELECT id, name, schema_version FROM actions WHERE id = %(id)s AND schema_language = 'cap';
