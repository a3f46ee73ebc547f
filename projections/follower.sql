-- name: reached
SELECT position FROM es.follower WHERE name = %(name)s;

-- name: reach
INSERT INTO es.follower (name, position) VALUES (%(name)s, %(position)s)
ON CONFLICT (name) DO UPDATE SET position = excluded.position;

-- name: lag
SELECT reached.position,
       coalesce((SELECT extract(epoch FROM now() - e.recorded_at) FROM es.event e
                  WHERE e.position > reached.position ORDER BY e.position LIMIT 1), 0)
  FROM (SELECT coalesce(min(position), 0) AS position FROM es.follower) reached;
