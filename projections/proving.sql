-- name: published
-- The events that began a record and that published one of its versions.
SELECT e.stream, e.version, e.position, e.topic, e.recorded_at, e.digest, e.salt, e.state
  FROM (SELECT record, number, revision, recorded_at FROM versions
         UNION ALL
        SELECT record, number, revision, recorded_at FROM tombstones) v
  JOIN es.event e ON e.stream = v.record AND e.version IN (1, v.revision)
 WHERE v.record = %(record)s AND v.number = %(number)s
 ORDER BY e.version;

-- name: as_of
SELECT max(number) FROM (SELECT record, number, revision, recorded_at FROM versions
         UNION ALL
        SELECT record, number, revision, recorded_at FROM tombstones) v
 WHERE record = %(record)s AND recorded_at <= %(as_of)s;

-- name: headers
SELECT stream, version, position, topic, recorded_at, digest FROM es.event
 WHERE stream = %(record)s AND position <= %(last)s
 ORDER BY version;
