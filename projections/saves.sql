-- name: placed
SELECT position, stream, version, topic, recorded_at FROM es.event ORDER BY position;

-- name: recorded_at
SELECT recorded_at FROM es.event WHERE stream = %(stream)s AND version = %(version)s;
