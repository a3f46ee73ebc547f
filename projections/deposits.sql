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

-- name: those
-- Some, in the order that they are named in. Documents come as far as the budget goes; those beyond
-- it are empty.
SELECT {columns}, a.schema_language, a.schema_version,
       CASE WHEN o.document IS NULL THEN NULL
            WHEN sum(octet_length(o.document)) OVER (ORDER BY named.place) <= %(budget)s
            THEN o.document ELSE '' END,
       coalesce((SELECT max(g.level) FROM grants g
                  WHERE g.family = r.family AND g.principal = ANY(%(principals)s::uuid[])), 0)
  FROM unnest(%(ids)s::uuid[]) WITH ORDINALITY AS named (id, place)
 CROSS JOIN LATERAL (SELECT * FROM records r WHERE r.id = named.id OFFSET 0) r
 CROSS JOIN LATERAL (SELECT * FROM families f WHERE f.id = r.family OFFSET 0) f
  JOIN actions a ON a.id = r.action
 CROSS JOIN LATERAL (
      SELECT {said} AS document
        FROM (VALUES (true)) always LEFT JOIN drafts d ON d.record = r.id OFFSET 0) o
 ORDER BY named.place;

-- name: types_asked
-- The ids of deposit types: of all, or of one by its name.
ARRAY(SELECT a.id FROM actions a
       WHERE a.schema_language = 'cap' AND (%(type)s::text IS NULL OR a.name = %(type)s))

-- name: from_held
-- Drafts of deposits, begun with what the asker may preview at any door.
SELECT r.*
  FROM (SELECT g.family FROM grants g
         WHERE g.principal = ANY(%(principals)s::uuid[]) AND g.level >= %(preview)s
         GROUP BY g.family OFFSET 0) held
 CROSS JOIN LATERAL (SELECT * FROM records r
                      WHERE r.family = held.family AND r.draft IS NOT NULL
                        AND r.action = ANY({types_asked}) OFFSET 0) r
 WHERE (SELECT held_first FROM beginning)

-- name: from_types
-- The same, begun with all drafts of deposits.
SELECT r.* FROM records r
 WHERE r.action = ANY({types_asked}) AND r.draft IS NOT NULL
   AND EXISTS (SELECT FROM grants g
                WHERE g.family = r.family AND g.principal = ANY(%(principals)s::uuid[])
                  AND g.level >= %(preview)s)
   AND NOT (SELECT held_first FROM beginning)

-- name: page
-- Deposits that are drafts and on which one of the principals holds a rung, the best match and what
-- was changed last first. A condition is asked of rows r of records and what a search sees of
-- these; documents are read only where words are asked for. It is begun with what there is less of;
-- where there is much of both, with the drafts.
WITH beginning AS MATERIALIZED (
    SELECT held.n < %(many)s AND held.n <= (
           SELECT count(*) FROM (SELECT FROM records r
                                  WHERE r.action = ANY({types_asked}) AND r.draft IS NOT NULL
                                  LIMIT held.n) d) AS held_first
      FROM (SELECT count(*) AS n
              FROM (SELECT FROM grants g
                     WHERE g.principal = ANY(%(principals)s::uuid[]) AND g.level >= %(preview)s
                     LIMIT %(many)s) g) held
), found AS MATERIALIZED (
    SELECT r.id, r.recorded_at, r.number, {rank} AS rank
      FROM ({from_held} UNION ALL {from_types}) r
     CROSS JOIN LATERAL (
           SELECT (SELECT CASE WHEN d.document = ''
                               THEN (SELECT n.document FROM search n WHERE n.record = r.id)
                               WHEN octet_length(d.document) <= %(large)s THEN es.document(d.document)
                               ELSE '{}' END
                     FROM drafts d WHERE d.record = r.id) AS document OFFSET 0) s
     WHERE {owned} AND {condition}
)
SELECT (SELECT count(*) FROM found),
       ARRAY(SELECT id FROM found ORDER BY rank DESC, recorded_at DESC, number DESC
              LIMIT %(limit)s OFFSET %(offset)s);

-- name: owned
r.family IN (SELECT f.id FROM families f WHERE f.owner = %(owner)s)

-- name: holders
-- Accounts and groups by their ids; of communities it is their members' affair that they hold a rung.
SELECT id, name, email, false FROM accounts WHERE id = ANY(%(ids)s::uuid[])
 UNION ALL
SELECT id, name ->> 'en', NULL, true FROM groups
 WHERE id = ANY(%(ids)s::uuid[]) AND kind <> 'community' AND NOT deleted
 ORDER BY 2;

-- name: committed
-- What a deposit's file consisted of each time that it was put.
SELECT e.recorded_at, s.event -> 'content'
  FROM es.event e
 CROSS JOIN LATERAL (SELECT convert_from(e.state, 'UTF8')::jsonb -> 'event' AS event OFFSET 0) s
 WHERE e.stream = %(record)s AND e.topic = 'record.draft-file-committed' AND e.state <> ''
   AND s.event ->> 'key' = %(key)s
 ORDER BY e.version;

-- name: imported
-- The lists of files that a deposit began with, or was given whole.
SELECT e.recorded_at, convert_from(e.state, 'UTF8')::jsonb #> '{event,manifest}'
  FROM es.event e
 WHERE e.stream = %(record)s AND e.topic = 'record.draft-files-imported' AND e.state <> ''
 ORDER BY e.version;

-- name: types
SELECT id, name, schema_version FROM actions
 WHERE schema_language = 'cap' AND NOT hidden ORDER BY name <> 'generic', name;

-- name: type
SELECT id, name, schema_version FROM actions WHERE id = %(id)s AND schema_language = 'cap';
