-- name: table
-- Rows up to a page lie in it whole and uncompressed: a walk reads them as they lie.
CREATE TABLE search (
    record   uuid    PRIMARY KEY,
    version  integer NOT NULL,
    document jsonb   NOT NULL
) WITH (toast_tuple_target = 8160);

-- name: indexes
-- Its words are kept apart: projections/words.sql.
CREATE INDEX ON search USING gin (document jsonb_path_ops);
-- Most documents refer to nothing. To hear that from the function would cost more than the row does.
CREATE INDEX ON search USING gin (es.refers(document))
 WHERE strpos(document::text, '"object_id"') > 0;

-- name: granted
-- Of a row {r} of records. This and the next four are parts of what follows.
EXISTS (SELECT FROM grants g WHERE g.family = {r}.family
           AND g.principal = ANY(%(principals)s::uuid[]) AND g.level >= 1)

-- name: visible
-- What access.may_view_version says of the newest version.
({granted}
 OR es.open_now({r}.access)
    AND (SELECT es.open_now(v.visibility, v.opens_at) FROM versions v
          WHERE v.record = {r}.id AND v.number = {r}.versions - 1))

-- name: files_open
-- What values.Access.of_files says of a row r: to all who see it.
CASE WHEN r.access ? 'embargo' THEN (r.access #>> '{embargo,until}')::timestamptz <= now()
     ELSE r.access @> '{"record": "public", "files": "public"}' END

-- name: file
EXISTS (SELECT FROM files f
         WHERE f.record = r.id AND {asked}
           AND ({granted}
                OR es.open_now(f.visibility, f.opens_at) AND {files_open}))

-- name: filtered
r.number < %(below)s
AND (%(action)s::uuid IS NULL OR r.action = %(action)s)
AND (%(type)s::text IS NULL OR (SELECT a.type FROM actions a WHERE a.id = r.action) = %(type)s)

-- name: near
-- The first of three ways to the same objects, which match, pass the filters and may be viewed: of
-- the newest ones, as far as `walk`, where many match.
SELECT r.id, r.number, r.action, r.versions
  FROM (SELECT * FROM records r WHERE r.number < %(below)s ORDER BY r.number DESC LIMIT %(walk)s) r
 CROSS JOIN LATERAL (SELECT * FROM search s WHERE s.record = r.id OFFSET 0) s
 WHERE {filtered} AND {visible} AND {condition}

-- name: hit
-- Of those that an index gives, where few match.
SELECT r.id, r.number, r.action, r.versions
  FROM ({hint}) hit
 CROSS JOIN LATERAL (SELECT * FROM records r WHERE r.id = hit.record OFFSET 0) r
 CROSS JOIN LATERAL (SELECT * FROM search s WHERE s.record = r.id AND {condition} OFFSET 0) s
 WHERE {filtered} AND {visible}

-- name: every
-- Of all that the asker may view, newest first: where no index can be asked.
SELECT r.id, r.number, r.action, r.versions
  FROM ({viewable} ORDER BY number DESC) r
 CROSS JOIN LATERAL (SELECT * FROM search s WHERE s.record = r.id AND {condition} OFFSET 0) s

-- name: viewable
-- All that the asker may view, and that pass the filters.
SELECT r.*
  FROM (SELECT DISTINCT g.family FROM grants g
         WHERE g.principal = ANY(%(principals)s::uuid[]) AND g.level >= 1) held
 CROSS JOIN LATERAL (SELECT * FROM records r WHERE r.family = held.family OFFSET 0) r
 WHERE r.versions > 0 AND {filtered}
 UNION ALL
SELECT r.* FROM records r
 WHERE es.open_now(r.access) AND NOT {granted} AND {filtered}
   AND (SELECT es.open_now(v.visibility, v.opens_at) FROM versions v
         WHERE v.record = r.id AND v.number = r.versions - 1)

-- name: page
SELECT page.number, uuid_send(page.action), v.number, uuid_send(v.by), v.recorded_at,
       v.schema_version,
       CASE WHEN octet_length(v.body) <= %(large)s THEN v.body END
  FROM ({found} ORDER BY number DESC LIMIT %(limit)s OFFSET %(offset)s) page
 CROSS JOIN LATERAL (SELECT * FROM versions v
                      WHERE v.record = page.id AND v.number = page.versions - 1 LIMIT 1) v
 ORDER BY page.number DESC;

-- name: count
SELECT count(*) FROM ({found}) found;

-- name: referring
-- Which objects that may be viewed refer to which of some.
SELECT named.number, r.number
  FROM (SELECT s.record, es.refers(s.document) AS refers FROM search s
         WHERE strpos(s.document::text, '"object_id"') > 0
           AND es.refers(s.document) && %(numbers)s::bigint[] OFFSET 0) s
 CROSS JOIN LATERAL (SELECT * FROM records r WHERE r.id = s.record OFFSET 0) r
 CROSS JOIN LATERAL unnest(s.refers) AS named (number)
 WHERE named.number = ANY(%(numbers)s) AND {visible}
 ORDER BY 1, 2;

-- name: referred
-- The objects that one refers to, of those that may be viewed.
SELECT r.number
  FROM search s
 CROSS JOIN LATERAL unnest(es.refers(s.document)) AS named (number)
 CROSS JOIN LATERAL (SELECT * FROM records r WHERE r.number = named.number OFFSET 0) r
 WHERE s.record = %(record)s AND {visible}
 ORDER BY 1;
