-- name: hold
-- Before the snapshot: a rebuild then swaps no table under it.
LOCK TABLE {views} IN ACCESS SHARE MODE;

-- name: begun
SELECT count(*), clock_timestamp() FROM es.event;

-- name: events
-- Large states are left out, and fetched on their own.
SELECT stream, version, position, topic, recorded_at, salt, digest,
       CASE WHEN octet_length(state) <= %(large)s THEN state END
  FROM es.event ORDER BY stream, version, position;

-- name: events_of
SELECT stream, version, position, topic, recorded_at, salt, digest,
       CASE WHEN octet_length(state) <= %(large)s THEN state END
  FROM es.event WHERE stream = ANY(%(streams)s) ORDER BY stream, version, position;

-- name: state
SELECT state FROM es.event WHERE position = %(position)s;

-- name: holes
-- The events of one save stand at positions one after the other, from the ordinal 0 on.
SELECT greatest(before + 1, position >> 20 << 20), position, topic, stream, version
  FROM (SELECT stream, version, position, topic,
               lag(position, 1, -1::bigint) OVER (ORDER BY position) AS before
          FROM es.event) AS event
 WHERE position & 1048575 <> 0 AND position <> before + 1
 ORDER BY position;
