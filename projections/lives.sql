-- name: by_number
SELECT id, family FROM records WHERE number = %(key)s;

-- name: by_id
SELECT id, family FROM records WHERE id = %(key)s;

-- name: reached
-- The last event of each of the two streams.
SELECT coalesce((SELECT max(version) FROM es.event WHERE stream = %(record)s), 0),
       coalesce((SELECT max(version) FROM es.event WHERE stream = %(family)s), 0);

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

-- name: accounts
SELECT id, name FROM accounts WHERE id = ANY(%(ids)s);
