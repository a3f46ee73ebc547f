-- name: life
SELECT stream, version, topic, recorded_at, coalesce(state, es.blank(stream, version))
  FROM es.event WHERE stream = %(stream)s ORDER BY version;

-- name: lists
-- Which lists of files a version has, or an open draft, but for these.
SELECT v.manifest ->> 'digest' FROM versions v
 WHERE v.manifest ->> 'digest' = ANY(%(manifests)s)
   AND NOT (v.record = %(record)s AND v.number = ANY(%(numbers)s))
 UNION
SELECT r.draft #>> '{base,digest}' FROM records r
 WHERE r.draft #>> '{base,digest}' = ANY(%(manifests)s)
   AND NOT (r.id = %(record)s AND %(draft)s);

-- name: listed
-- Which bytes a list of files has, but for these lists.
SELECT DISTINCT each ->> 'sha256'
  FROM manifest_pages p
 CROSS JOIN LATERAL jsonb_array_elements(convert_from(p.files, 'UTF8')::jsonb) AS each
 WHERE p.manifest <> ALL(%(manifests)s::uuid[]) AND each ->> 'sha256' = ANY(%(blobs)s);

-- name: keeping
SELECT c.stream, c.sha256
  FROM contents c JOIN es.event e ON e.stream = c.stream AND e.version = c.version
 WHERE c.sha256 = ANY(%(blobs)s) AND e.topic = 'record.erased';

-- name: equal
-- Where else the same is said: versions with these documents, open drafts with them. Of documents
-- of another length none is read.
SELECT r.number, r.pid, v.number FROM versions v JOIN records r ON r.id = v.record
 WHERE octet_length(v.body) = ANY(%(lengths)s) AND sha256(v.body) = ANY(%(documents)s)
   AND (r.id, v.number) <> ALL (SELECT %(record)s::uuid, unnest(%(numbers)s::integer[]))
 UNION ALL
SELECT r.number, r.pid, NULL FROM drafts d JOIN records r ON r.id = d.record
 WHERE octet_length(d.document) = ANY(%(lengths)s) AND sha256(d.document) = ANY(%(documents)s)
   AND NOT (r.id = %(record)s AND %(draft)s)
 ORDER BY 1, 3;

-- name: equal_files
-- Where else these bytes are: in lists of files that versions and open drafts have, in files of objects.
WITH lists AS MATERIALIZED (
    SELECT DISTINCT m.manifest ->> 'digest' AS digest
      FROM manifest_pages p JOIN manifests m ON m.id = p.manifest
     CROSS JOIN LATERAL jsonb_array_elements(convert_from(p.files, 'UTF8')::jsonb) AS each
     WHERE each ->> 'sha256' = ANY(%(blobs)s)
)
SELECT r.number, r.pid, 'version', v.number FROM versions v JOIN records r ON r.id = v.record
 WHERE v.manifest ->> 'digest' IN (SELECT digest FROM lists)
   AND (r.id, v.number) <> ALL (SELECT %(record)s::uuid, unnest(%(numbers)s::integer[]))
 UNION
SELECT r.number, r.pid, 'draft', NULL FROM records r
 WHERE r.draft #>> '{base,digest}' IN (SELECT digest FROM lists) AND NOT (r.id = %(record)s AND %(draft)s)
 UNION
SELECT r.number, r.pid, 'files', NULL FROM contents c JOIN records r ON r.id = c.stream
 WHERE c.sha256 = ANY(%(blobs)s) AND c.stream <> %(record)s
 ORDER BY 1, 3, 4;
