-- Of es.data_key, which a numbered migration makes.

-- name: one
SELECT id, wrapping, wrapped FROM es.data_key WHERE record = %(record)s;

-- name: share
SELECT pg_advisory_xact_lock_shared(%(lock)s);

-- name: hold
SELECT pg_advisory_lock(%(lock)s);

-- name: release
SELECT pg_advisory_unlock(%(lock)s);

-- name: keep
-- Of two that make one at a time, one does.
INSERT INTO es.data_key (id, record, wrapping, wrapped)
VALUES (%(id)s, %(record)s, %(wrapping)s, %(wrapped)s)
ON CONFLICT (record) DO NOTHING;

-- name: all
SELECT id, record, wrapping, wrapped FROM es.data_key;

-- name: wrapped_anew
UPDATE es.data_key SET wrapping = %(wrapping)s, wrapped = %(wrapped)s WHERE id = %(id)s;

-- name: wrapping
SELECT DISTINCT wrapping FROM es.data_key;
