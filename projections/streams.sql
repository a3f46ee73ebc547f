-- name: until
SELECT version, topic, recorded_at, state FROM es.event
 WHERE stream = %(stream)s AND version <= %(version)s ORDER BY version;

-- name: last_of_key
SELECT version, topic, recorded_at, state FROM es.event
 WHERE stream = %(stream)s AND version <= %(version)s AND topic = %(topic)s
   AND convert_from(state, 'UTF8')::jsonb #>> '{event,key}' = %(key)s
 ORDER BY version DESC LIMIT 1;
