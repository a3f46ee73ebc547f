-- In these statements {key} is the column of records that <id> is, number or id; {pick} is one of
-- `recorded`, `valid` and `nearest`. What stands between {{ and }} stands there twice: for who was
-- granted something, with `may.granted` for {seen}, and for who was not, with `open`. One of the two
-- costs nothing, and each has its index: what is hidden is not walked through to find what is not.
-- A LIMIT 1 where there is one row keeps the planner from reading all of a record to hash it.

-- name: open
-- What access.may_view_version says of who was granted nothing. No number is below 0: that it is said
-- makes the index be walked in order, however small the table was when the statement was planned.
NOT may.granted AND may.public AND es.open_now(v.visibility, v.opens_at) AND v.number >= 0

-- name: at
-- The version picked; the first, previous, next and last of those that may be viewed.
SELECT r.versions, r.access, held.level,
       (SELECT v.recorded_at FROM versions v WHERE v.record = r.id AND v.number = 0
         UNION ALL
        SELECT t.recorded_at FROM tombstones t WHERE t.record = r.id AND t.number = 0 LIMIT 1),
       picked.number, picked.recorded_at, picked.visibility,
       first.number, first.recorded_at, previous.number, previous.recorded_at,
       next.number, next.recorded_at, last.number, last.recorded_at
  FROM records r
 CROSS JOIN LATERAL (SELECT coalesce(max(g.level), 0) AS level FROM grants g
                      WHERE g.family = r.family
                        AND g.principal = ANY(%(principals)s::uuid[])) held
 CROSS JOIN LATERAL (SELECT held.level >= 1 AS granted,
                            es.open_now(r.access) AS public) may
  LEFT JOIN LATERAL ({{SELECT v.number, v.recorded_at FROM versions v
                      WHERE v.record = r.id AND {seen}
                      ORDER BY v.number LIMIT 1}}) first ON true
  LEFT JOIN LATERAL ({pick}) picked ON true
  LEFT JOIN LATERAL ({{SELECT v.number, v.recorded_at FROM versions v
                      WHERE v.record = r.id AND v.number < picked.number AND {seen}
                      ORDER BY v.number DESC LIMIT 1}}) previous ON true
  LEFT JOIN LATERAL ({{SELECT v.number, v.recorded_at FROM versions v
                      WHERE v.record = r.id AND v.number > picked.number AND {seen}
                      ORDER BY v.number LIMIT 1}}) next ON true
  LEFT JOIN LATERAL ({{SELECT v.number, v.recorded_at FROM versions v
                      WHERE v.record = r.id AND {seen}
                      ORDER BY v.number DESC LIMIT 1}}) last ON true
 WHERE r.{key} = %(key)s;

-- name: recorded
-- The latest recorded by an instant.
SELECT v.number, v.recorded_at, es.visible_now(v.visibility, v.opens_at) AS visibility
  FROM versions v
 WHERE v.record = r.id AND v.recorded_at > '-infinity' AND (may.granted OR may.public)
   AND v.recorded_at <= %(as_of)s::timestamptz
 ORDER BY v.recorded_at DESC LIMIT 1

-- name: valid
-- The one in force at an instant, as it was known at another. It is sought in the index alone, for
-- those that came to be known later are walked through.
SELECT w.number, w.recorded_at, es.visible_now(w.visibility, w.opens_at) AS visibility
  FROM versions w
 WHERE w.record = r.id AND w.number = (
       SELECT v.number FROM versions v
        WHERE v.record = r.id AND v.valid_from > '-infinity' AND (may.granted OR may.public)
          AND v.valid_from <= %(valid_at)s::timestamptz
          AND v.recorded_at <= %(as_of)s::timestamptz
        ORDER BY v.valid_from DESC, v.number DESC LIMIT 1) LIMIT 1

-- name: nearest
-- Of those that may be viewed, the last one of an instant's second or before, else the first.
-- Numbers rise with the instants of recording.
SELECT w.number, w.recorded_at, es.visible_now(w.visibility, w.opens_at) AS visibility
  FROM versions w
 WHERE w.record = r.id AND w.number = coalesce(({{
       SELECT v.number FROM versions v
        WHERE v.record = r.id AND {seen} AND v.number <= (
              SELECT u.number FROM versions u
               WHERE u.record = r.id AND u.recorded_at > '-infinity'
                 AND u.recorded_at < %(by)s::timestamptz + interval '1 second'
               ORDER BY u.recorded_at DESC LIMIT 1)
        ORDER BY v.number DESC LIMIT 1}}), first.number) LIMIT 1

-- name: page_after
-- The first versions after a number.
SELECT v.number, v.recorded_at, v.valid_from, a.number, a.name, v.schema_version,
       octet_length(v.body), v.restored_from
  FROM (SELECT %(granted)s::boolean AS granted, %(public)s::boolean AS public) may
 CROSS JOIN LATERAL ({{SELECT v.* FROM versions v
                      WHERE v.record = %(record)s
                        AND v.number > %(after)s AND {seen}
                      ORDER BY v.number LIMIT %(limit)s}}) v
  LEFT JOIN accounts a ON a.id = v.by
 ORDER BY v.number;

-- name: page_before
-- The last versions before a number.
SELECT v.number, v.recorded_at, v.valid_from, a.number, a.name, v.schema_version,
       octet_length(v.body), v.restored_from
  FROM (SELECT %(granted)s::boolean AS granted, %(public)s::boolean AS public) may
 CROSS JOIN LATERAL ({{SELECT v.* FROM versions v
                      WHERE v.record = %(record)s
                        AND v.number < %(before)s AND {seen}
                      ORDER BY v.number DESC LIMIT %(limit)s}}) v
  LEFT JOIN accounts a ON a.id = v.by
 ORDER BY v.number;

-- name: instants
-- When the first versions after a number were recorded.
SELECT v.number, v.recorded_at
  FROM (SELECT %(granted)s::boolean AS granted, %(public)s::boolean AS public) may
 CROSS JOIN LATERAL ({{SELECT v.number, v.recorded_at FROM versions v
                      WHERE v.record = %(record)s AND v.number > %(after)s AND {seen}
                      ORDER BY v.number LIMIT %(limit)s}}) v
 ORDER BY v.number;

-- name: published
SELECT v.number, es.visible_now(v.visibility, v.opens_at) FROM versions v
 WHERE v.record = %(record)s AND v.number = ANY(%(numbers)s::integer[]);

-- name: documents
SELECT v.number, v.body FROM versions v
 WHERE v.record = %(record)s AND v.number = ANY(%(numbers)s::integer[]);
