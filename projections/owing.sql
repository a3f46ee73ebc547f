-- name: owed
SELECT (SELECT min(recorded_at) FROM es.event
         WHERE topic = 'record.erased' AND position > es.reached('scrubbed')),
       coalesce((SELECT extract(epoch FROM now() - min(recorded_at)) FROM es.event
                  WHERE topic = 'record.erased' AND position > es.reached('erasures')), 0);

-- name: scrubbed
INSERT INTO es.follower (name, position) VALUES ('scrubbed', %(position)s)
ON CONFLICT (name) DO UPDATE SET position = greatest(follower.position, excluded.position);
