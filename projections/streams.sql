-- name: until
SELECT version, topic, recorded_at, state FROM es.event
 WHERE stream = %(stream)s AND version <= %(version)s ORDER BY version;

-- name: one
SELECT version, topic, recorded_at, state FROM es.event
 WHERE stream = %(stream)s AND version = %(version)s;
