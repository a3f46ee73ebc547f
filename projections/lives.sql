-- name: by_number
SELECT id, family FROM records WHERE number = %(key)s;

-- name: by_id
SELECT id, family FROM records WHERE id = %(key)s;

-- name: versions
SELECT versions FROM records WHERE id = %(record)s;

-- name: reached
-- The last event of each of the two streams, or the last until an instant.
SELECT coalesce((SELECT max(version) FROM es.event WHERE stream = %(record)s
                    AND (%(until)s::timestamptz IS NULL OR recorded_at <= %(until)s)), 0),
       coalesce((SELECT max(version) FROM es.event WHERE stream = %(family)s
                    AND (%(until)s::timestamptz IS NULL OR recorded_at <= %(until)s)), 0);

-- name: page
-- The next events of a record and of its family, in order of position. A state has more than
-- `large` bytes: it is left out, and fetched on its own.
SELECT stream, version, topic, recorded_at, position,
       CASE WHEN octet_length(state) <= %(large)s THEN state END
  FROM ((SELECT * FROM es.event
          WHERE stream = %(record)s AND version > %(record_after)s
            AND version <= %(record_last)s
          ORDER BY version LIMIT %(limit)s)
        UNION ALL
        (SELECT * FROM es.event
          WHERE stream = %(family)s AND version > %(family_after)s
            AND version <= %(family_last)s
          ORDER BY version LIMIT %(limit)s)) AS event
 ORDER BY position LIMIT %(limit)s;

-- name: state
SELECT state FROM es.event WHERE stream = %(stream)s AND version = %(version)s;

-- name: called
SELECT name FROM accounts WHERE id = %(id)s
UNION ALL SELECT name FROM groups WHERE id = %(id)s
UNION ALL SELECT name FROM actions WHERE id = %(id)s;
