-- name: reached
SELECT position FROM es.follower WHERE name = %(name)s;

-- name: next
SELECT stream, version, topic, recorded_at,
       CASE WHEN topic = ANY(%(topics)s) THEN state END, position
  FROM es.event
 WHERE position > %(after)s
   AND position < (txid_snapshot_xmin(txid_current_snapshot()) + es.txid_offset()) << 20
 ORDER BY position LIMIT %(limit)s;

-- name: reach
INSERT INTO es.follower (name, position) VALUES (%(name)s, %(position)s)
ON CONFLICT (name) DO UPDATE SET position = excluded.position;

-- name: lag
SELECT reached.position,
       coalesce((SELECT extract(epoch FROM now() - e.recorded_at) FROM es.event e
                  WHERE e.position > reached.position ORDER BY e.position LIMIT 1), 0)
  FROM (SELECT coalesce(min(position), 0) AS position FROM es.follower
         WHERE name NOT IN ('erasures', 'scrubbed')) reached;
