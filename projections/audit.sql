-- name: hold
-- Before the snapshot: a rebuild then swaps no table under it.
LOCK TABLE {views} IN ACCESS SHARE MODE;

-- name: begun
SELECT count(*), clock_timestamp() FROM es.event;

-- name: places
-- What is sorted is little, whatever the states are: a sort of them would write the log to disk anew.
SELECT position FROM es.event ORDER BY stream, version, position;

-- name: places_of
SELECT position FROM es.event WHERE stream = ANY(%(streams)s) ORDER BY stream, version, position;

-- name: events
-- Large states are left out, and fetched on their own.
SELECT stream, version, position, topic, recorded_at, salt, digest,
       CASE WHEN state IS NULL THEN es.blank(stream, version)
            WHEN octet_length(state) BETWEEN 1 AND %(large)s THEN state END,
       state IS NULL AND salt IS NULL AND es.is_erased(stream, version) AS erased
  FROM es.event WHERE position = ANY(%(positions)s) ORDER BY stream, version, position;

-- name: state
SELECT state FROM es.event WHERE position = %(position)s;

-- name: object
SELECT number, pid FROM records WHERE id = %(stream)s;
