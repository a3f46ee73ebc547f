-- name: snapshot
SELECT pg_snapshot_xmax(now)::text::bigint + es.txid_offset(),
       ARRAY(SELECT id::text::bigint + es.txid_offset() FROM pg_snapshot_xip(now) AS id ORDER BY 1)
  FROM pg_current_snapshot() AS now;

-- name: count
SELECT count(*) FROM es.event WHERE topic = ANY(%(topics)s);

-- name: everything
SELECT stream, version, topic, recorded_at,
       CASE WHEN state IS NULL THEN es.blank(stream, version)
            WHEN octet_length(state) BETWEEN 1 AND %(large)s THEN state END
  FROM es.event
 WHERE topic = ANY(%(topics)s)
   AND (%(parts)s = 1 OR get_byte(uuid_send(stream), 15) %% %(parts)s = %(part)s)
 ORDER BY position;

-- name: since
-- A range of positions for each transaction that was running: an old one that stays open costs
-- nothing, however much was written since it began.
SELECT stream, version, topic, recorded_at,
       CASE WHEN state IS NULL THEN es.blank(stream, version)
            WHEN octet_length(state) BETWEEN 1 AND %(large)s THEN state END
  FROM (SELECT event.* FROM unnest(%(running)s::bigint[]) AS id
          JOIN es.event ON position >= id << 20 AND position < (id + 1) << 20
         UNION ALL
        SELECT * FROM es.event WHERE position >= %(following)s::bigint << 20) AS event
 WHERE topic = ANY(%(topics)s) ORDER BY position;

-- name: state
SELECT state FROM es.event WHERE stream = %(stream)s AND version = %(version)s;

-- name: position
SELECT position FROM es.event WHERE stream = %(stream)s AND version = %(version)s;

-- name: size
SELECT pg_table_size('es.event');
