-- name: mark
-- How many events stand at these positions, how many of them are not erased, and the SHA-256 of
-- their leaves: the very bytes of domain/evidence/leaf.py.
SELECT count(*), count(said),
       encode(sha256(coalesce(string_agg(leaf, ''::bytea ORDER BY position), ''::bytea)), 'hex')
  FROM (SELECT position, CASE WHEN state IS NOT NULL THEN true END AS said,
               '\x0010'::bytea || uuid_send(stream) || '\x0004'::bytea || int4send(version)
               || '\x0008'::bytea || int8send(position)
               || int2send(octet_length(topic)::smallint) || textsend(topic)
               || '\x0008'::bytea
               || int8send((extract(epoch FROM recorded_at) * 1000000)::bigint)
               || '\x0020'::bytea || digest AS leaf
          FROM es.event
         WHERE position >= %(start)s AND position < %(stop)s) AS event;

-- name: count
SELECT count(*) FROM es.event WHERE position >= %(start)s;

-- name: last
SELECT stream, version, position, topic, recorded_at, digest
  FROM es.event ORDER BY position DESC LIMIT 1;

-- name: events
COPY (SELECT stream, version, position, topic, recorded_at, digest, salt, state
        FROM es.event WHERE position >= {start} AND position < {stop} ORDER BY position)
  TO STDOUT (FORMAT binary);

-- name: of_topics
COPY (SELECT stream, version, position, topic, recorded_at, digest, salt, state
        FROM es.event WHERE topic = ANY({topics}) AND state IS NOT NULL)
  TO STDOUT (FORMAT binary);
