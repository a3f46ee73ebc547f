-- name: page
-- Of the last `walk` events between two positions and below the horizon those that may be told
-- something of, newest first, each with how many were walked through and how far; one row without
-- an event when there is none. Access is as access.may_view_version says it; what is not a version
-- is looked at by the reader. A document refers to others if it may: a large one is not read here.
WITH walked AS MATERIALIZED (
     SELECT position, stream, topic, recorded_at,
            CASE WHEN topic = ANY(%(stated)s) THEN state END AS state
       FROM es.event
      WHERE position >= %(since)s AND position < %(before)s
        AND position < (txid_snapshot_xmin(txid_current_snapshot()) + es.txid_offset()) << 20
      ORDER BY position DESC LIMIT %(walk)s),
     reached AS (SELECT count(*) AS events, min(position) AS position FROM walked)
SELECT reached.events, reached.position, e.*
  FROM reached
  LEFT JOIN (SELECT w.position, w.topic, w.recorded_at, w.state, r.id, r.number, r.access,
                    held.level, held.own, v.number AS version, v.by,
                    es.visible_now(v.visibility, v.opens_at), v.restored_from,
                    v.type, v.refers,
                    CASE WHEN v.refers AND octet_length(v.body) <= %(small)s THEN v.body END,
                    CASE WHEN v.refers
                         THEN (SELECT b.body FROM versions b
                                WHERE b.record = w.stream AND b.number = v.number - 1
                                  AND octet_length(b.body) <= %(small)s) END
               FROM walked w
               JOIN records r ON r.id = w.stream AND r.versions > 0
              CROSS JOIN LATERAL (
                    SELECT coalesce(max(g.level), 0) AS level,
                           coalesce(max(g.level) FILTER (WHERE g.principal <> %(everyone)s), 0)
                           AS own
                      FROM grants g
                     WHERE g.family = r.family
                       AND g.principal = ANY(%(principals)s::uuid[])) held
               LEFT JOIN LATERAL (
                    SELECT v.number, v.by, v.visibility, v.opens_at, v.restored_from, v.body, a.type,
                           a.schema_language = 'sampledb' AND v.restored_from IS NULL
                           AND CASE WHEN octet_length(v.body) <= %(large)s
                                    THEN position('"_type"'::bytea IN v.body) > 0
                                         AND position('"object_id"'::bytea IN v.body) > 0
                                    ELSE true END AS refers
                      FROM versions v JOIN actions a ON a.id = r.action
                     WHERE w.topic = %(published)s AND v.record = w.stream
                       AND v.recorded_at > '-infinity' AND v.recorded_at = w.recorded_at
                     LIMIT 1) v ON true
              WHERE w.topic = ANY(%(topics)s)
                AND (held.level >= 1
                     OR es.open_now(r.access)
                        AND (v.number IS NULL OR es.open_now(v.visibility, v.opens_at))
                     OR v.refers)) e ON true
 WHERE reached.events > 0
 ORDER BY e.position DESC;

-- name: documents
SELECT number, body FROM versions
 WHERE record = %(record)s AND number = ANY(%(numbers)s::integer[]);

-- name: viewed
-- Those of some objects whose newest version may be viewed.
SELECT r.number FROM records r
 WHERE r.number = ANY(%(numbers)s::bigint[]) AND r.versions > 0
   AND ((SELECT true FROM grants g
          WHERE g.family = r.family AND g.principal = ANY(%(principals)s::uuid[])
            AND g.level >= 1 LIMIT 1)
        OR es.open_now(r.access)
           AND (SELECT es.open_now(v.visibility, v.opens_at) FROM versions v
                 WHERE v.record = r.id AND v.number = r.versions - 1));
